// An item and the paragraph it was read from light up together; without this the links between them do.
"use strict";
const light = (item, on) => {
  const paragraph = document.getElementById(item.dataset.paragraph);
  if (!paragraph) return;
  paragraph.classList.toggle("lit", on);
  const paper = paragraph.closest(".paper");
  if (on && paper && paper.scrollHeight > paper.clientHeight) paper.scrollTop = paragraph.offsetTop - paper.offsetTop - 48;
};
for (const item of document.querySelectorAll(".item[data-paragraph]")) {
  for (const come of ["mouseenter", "focusin"]) item.addEventListener(come, () => light(item, true));
  for (const go of ["mouseleave", "focusout"]) item.addEventListener(go, () => light(item, false));
}
const chosen = document.querySelector(".item.chosen[data-paragraph]");
if (chosen) light(chosen, true);

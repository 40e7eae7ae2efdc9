// Evidence is dropped onto the form, and one sees how far it has gone. Without this file the form sends itself.
"use strict";

function showAnswer(request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const main = page.querySelector("main");
  if (!main) { location.reload(); return; }
  document.querySelector("main").replaceWith(document.adoptNode(main));
  document.querySelectorAll("form[data-upload]").forEach(watch);
  main.querySelector(".summary")?.focus();
}

function send(form) {
  const request = new XMLHttpRequest(), shown = form.querySelector(".transfer");
  const bar = shown.querySelector("progress"), figure = shown.querySelector("output"), broke = shown.querySelector(".broke");
  const button = form.querySelector("button");
  shown.hidden = false; broke.hidden = true; button.setAttribute("aria-disabled", "true");
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    bar.value = Math.round((100 * event.loaded) / event.total);
    figure.textContent = `${bar.value}%`;
  });
  const fail = () => { broke.hidden = false; button.removeAttribute("aria-disabled"); delete form.dataset.sent; };
  request.addEventListener("error", fail);
  request.addEventListener("abort", fail);
  request.addEventListener("load", () => {
    // A redirect was followed already: its page is the answer, and its address says what was done.
    if (request.status === 200 && request.responseURL !== form.action) location.assign(request.responseURL);
    else showAnswer(request);
  });
  request.open("POST", form.action);
  request.setRequestHeader("x-csrf", form.elements.csrf.value);
  request.send(new FormData(form));
}

function watch(form) {
  if (form.dataset.watched) return;
  form.dataset.watched = "1";
  form.addEventListener("submit", (event) => { event.preventDefault(); if (!form.dataset.sent) send(form); });
  const area = form.querySelector("[data-drop]"), files = area.querySelector("input[type=file]");
  for (const kind of ["dragenter", "dragover"]) {
    area.addEventListener(kind, (event) => { event.preventDefault(); area.classList.add("over"); });
  }
  for (const kind of ["dragleave", "drop"]) area.addEventListener(kind, () => area.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    const all = new DataTransfer();
    for (const file of [...files.files, ...event.dataTransfer.files]) all.items.add(file);
    files.files = all.files;
  });
}

document.querySelectorAll("form[data-upload]").forEach(watch);

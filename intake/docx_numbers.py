"""The numbers Word reckons itself (一、 （一） 1.), which stand nowhere in the text of a DOCX."""

import re
from dataclasses import dataclass
from typing import Any

from docx.oxml.ns import qn

_HAN = "〇一二三四五六七八九"
_HAN_FORMATS = frozenset({
    "chineseCounting", "chineseCountingThousand", "ideographDigital", "japaneseCounting", "taiwaneseCounting",
    "taiwaneseCountingThousand", "japaneseDigitalTenThousand",
})  # fmt: skip
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_DEEPEST_STYLE = 10  # styles based on styles; a circle must end


@dataclass(frozen=True, slots=True)
class _Level:
    format: str
    text: str
    start: int


def _han(value: int) -> str:
    if not 0 < value < 100:
        return str(value)
    tens, ones = divmod(value, 10)
    head = ("" if tens == 1 else _HAN[tens]) + "十" if tens else ""
    return head + (_HAN[ones] if ones else "")


def _roman(value: int) -> str:
    found = ""
    for worth, letters in _ROMAN:
        while value >= worth and len(found) < 20:
            found, value = found + letters, value - worth
    return found


def numeral(value: int, form: str) -> str:
    """A number in one of Word's number formats; unknown formats are written in digits."""
    if form in _HAN_FORMATS:
        return _han(value)
    if form in {"lowerLetter", "upperLetter"} and 1 <= value <= 26:
        letter = chr(ord("a") + value - 1)
        return letter if form == "lowerLetter" else letter.upper()
    if form in {"lowerRoman", "upperRoman"} and 1 <= value < 40:
        return _roman(value) if form == "lowerRoman" else _roman(value).upper()
    if form in {"decimalEnclosedCircle", "decimalEnclosedCircleChinese"} and 1 <= value <= 20:
        return chr(ord("①") + value - 1)
    return str(value)


class WordNumbers:
    """Counts the numbered paragraphs of one document, asked in printed order."""

    def __init__(self, document: Any) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._list_of: dict[str, str] = {}
        self._counts: dict[tuple[str, int], int] = {}
        self._style_numbers: dict[str, tuple[str, int] | None] = {}
        try:
            root = document.part.numbering_part.element
        except (KeyError, NotImplementedError):
            return
        for abstract in root.findall(qn("w:abstractNum")):
            levels = {int(lv.get(qn("w:ilvl"))): _read_level(lv) for lv in abstract.findall(qn("w:lvl"))}
            self._levels[abstract.get(qn("w:abstractNumId"))] = levels
        for num in root.findall(qn("w:num")):
            link = num.find(qn("w:abstractNumId"))
            if link is not None:
                self._list_of[num.get(qn("w:numId"))] = link.get(qn("w:val"))

    def number_of(self, paragraph: Any) -> str:
        """The number printed before a paragraph, empty for one without (a bullet is no number)."""
        place = _place(paragraph._p.pPr) or self._of_style(paragraph.style)  # noqa: SLF001
        if place is None:
            return ""
        abstract = self._list_of.get(place[0], "")
        levels = self._levels.get(abstract, {})
        level = levels.get(place[1])
        if level is None or level.format in {"bullet", "none"}:
            return ""
        key = (abstract, place[1])
        self._counts[key] = self._counts.get(key, level.start - 1) + 1
        for deeper in [k for k in self._counts if k[0] == abstract and k[1] > place[1]]:
            del self._counts[deeper]
        return re.sub("%([1-9])", lambda m: self._shown(abstract, int(m.group(1)) - 1, levels), level.text)

    def _shown(self, abstract: str, at: int, levels: dict[int, _Level]) -> str:
        level = levels.get(at)
        if level is None:
            return ""
        return numeral(self._counts.get((abstract, at), level.start), level.format)

    def _of_style(self, style: Any) -> tuple[str, int] | None:
        """The list a paragraph's style belongs to, its own or that of the style it is based on."""
        name = style.style_id if style is not None else ""
        if name not in self._style_numbers:
            found, asked = None, style
            for _ in range(_DEEPEST_STYLE):
                if asked is None or found is not None:
                    break
                found = _place(asked.element.pPr)
                asked = asked.base_style
            self._style_numbers[name] = found
        return self._style_numbers[name]


def _read_level(element: Any) -> _Level:
    def value(tag: str, default: str) -> str:
        found = element.find(qn(tag))
        return default if found is None else found.get(qn("w:val"), default)

    start = value("w:start", "1")
    return _Level(value("w:numFmt", "decimal"), value("w:lvlText", ""), int(start) if start.isdigit() else 1)


def _place(properties: Any) -> tuple[str, int] | None:
    """The list and level in a paragraph's or style's properties; numId 0 switches a number off."""
    number = properties.find(qn("w:numPr")) if properties is not None else None
    if number is None:
        return None
    link = number.find(qn("w:numId"))
    if link is None:
        return None
    level = number.find(qn("w:ilvl"))
    return link.get(qn("w:val")), int(level.get(qn("w:val"))) if level is not None else 0

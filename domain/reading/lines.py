"""Logical lines: soft breaks inside a paragraph cut apart, hard breaks inside a sentence mended.

Text taken out of a PDF breaks lines wherever the page did, even inside 「（牵头部 / 门：」. A line keeps the
places it came from, so an anchor can still point at the printed paragraphs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from domain.numerals import HAN
from domain.reading.labels import LABEL_LINE
from domain.reading.model import Anchor, Paragraph, quoted, sha256_of
from domain.reading.numbering import find_mark

FINAL = frozenset("。！？；：”’）)〉》】]!?;:.…")
OPEN_END = frozenset("，、,（(“")
MOST_JOINS_BY_BRACKET = 3  # an unclosed bracket is a slip of the pen after that
FEWEST_CELLS = 3
MOST_CELLS = 64  # of a row; a line with more tabs is no table


_RUN_ON = re.compile(
    rf"(?<=负责）|牵头）|配合）|参与）|落实）)(?=（[{HAN}]{{1,3}}）|[{HAN}]{{1,3}}、|\d{{1,3}}[.．、](?!\d))"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one paragraph."""

    paragraph: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line; `cells` when it is a table row."""

    text: str
    spans: tuple[Span, ...]
    cells: tuple[str, ...] | None = None
    level: int | None = None

    @property
    def mended(self) -> bool:
        """Whether a hard break inside it was closed."""
        return len(self.spans) > 1


@dataclass(slots=True)
class _Open:
    """A line being put together: every piece is looked at once, so mending stays linear."""

    pieces: list[str]
    spans: list[Span]
    level: int | None
    depth: int = 0
    by_bracket: int = 0
    has_sentence: bool = False

    def take(self, text: str) -> None:
        self.depth = max(
            0, self.depth + text.count("（") + text.count("(") - text.count("）") - text.count(")")
        )
        self.has_sentence = self.has_sentence or "。" in text

    def line(self) -> Line:
        return Line("".join(self.pieces), tuple(self.spans), None, self.level)


@dataclass(slots=True)
class _Mender:
    lines: list[Line] = field(default_factory=list)
    current: _Open | None = None

    def add(self, text: str, span: Span, level: int | None) -> None:
        opened = self.current
        if opened is not None and _goes_on(opened, text):
            last = opened.pieces[-1][-1]
            if last.isascii() and last.isalnum() and text[0].isascii() and text[0].isalnum():
                opened.pieces.append(" ")
            opened.by_bracket += opened.depth > 0
        else:
            self.close()
            opened = self.current = _Open([], [], level)
        opened.pieces.append(text)
        opened.spans.append(span)
        opened.take(text)

    def close(self) -> None:
        if self.current is not None:
            self.lines.append(self.current.line())
            self.current = None


def _goes_on(opened: _Open, text: str) -> bool:
    """Whether `text` continues the sentence of the line before it."""
    mark = find_mark(text)
    if (mark is not None and not mark.doubtful) or LABEL_LINE.match(text) or opened.level is not None:
        return False
    last = opened.pieces[-1][-1]
    if opened.depth:
        return opened.by_bracket < MOST_JOINS_BY_BRACKET
    return last in OPEN_END or (opened.has_sentence and last not in FINAL)


def _stretches(text: str) -> list[tuple[int, int]]:
    """Start and end of every line of a paragraph, blanks around it left out.

    A number right behind a division of work begins a line too: web pages run items together.
    """
    found, start = [], 0
    for piece in (part for line in text.splitlines(keepends=True) for part in _RUN_ON.split(line)):
        bare = piece.strip()
        if bare:
            begin = start + len(piece) - len(piece.lstrip())
            found.append((begin, begin + len(bare)))
        start += len(piece)
    return found


def logical_lines(paragraphs: Sequence[Paragraph]) -> list[Line]:
    """The lines of a document, without empty ones. Text with two tabs or more is a table row."""
    mender = _Mender()
    for index, paragraph in enumerate(paragraphs):
        text, cells = paragraph.text, paragraph.cells
        if cells is None and FEWEST_CELLS <= text.count("\t") + 1 <= MOST_CELLS:
            cells = tuple(text.split("\t"))
        if cells is not None:
            mender.close()
            if text.strip():
                row = tuple(" ".join(cell.split()) for cell in cells[:MOST_CELLS])
                mender.lines.append(Line(text.strip(), (Span(index, 0, len(text)),), row))
            continue
        for start, end in _stretches(text):
            mender.add(text[start:end], Span(index, start, end), paragraph.level)
    mender.close()
    return mender.lines


def anchor_of(lines: Sequence[Line], paragraphs: Sequence[Paragraph]) -> Anchor:
    """The anchor from the first of some lines to the last of them."""
    first, last = lines[0].spans[0], lines[-1].spans[-1]
    before_last = sum(len(p.text) + 1 for p in paragraphs[first.paragraph : last.paragraph])
    end = before_last + last.end
    quote = quoted(paragraphs, Anchor(first.paragraph, first.start, end, ""))
    return Anchor(first.paragraph, first.start, end, sha256_of(quote))

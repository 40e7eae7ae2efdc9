"""What goes into a reading (paragraphs) and what comes out of it (items with their evidence)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from domain.reading.confidence import Doubt

RoleMode = Literal["explicit_lead", "first_is_lead", "joint", "single"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph as printed. A table row has `cells`, and its `text` is the cells joined by tabs.

    `level` is the outline level of a heading style (1 is the highest), None for body text.
    """

    text: str
    style: str | None = None
    level: int | None = None
    cells: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where an item stands: `start` and `end` count from the beginning of `paragraph`.

    When an item runs over several paragraphs, they are joined by one line feed and `end` runs on.
    `sha256` is of the quoted text in UTF-8, so a changed document is noticed.
    """

    paragraph: int
    start: int
    end: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ReadItem:
    """One leaf task. `text` leaves out the number and the division of work; the anchor quotes all of it.

    `confidence` is 0..1; `reasons` are the doubts that took from 1.
    """

    number: str
    heading_path: tuple[str, ...]
    text: str
    lead_units: tuple[str, ...]
    cooperating_units: tuple[str, ...]
    units_all: tuple[str, ...]
    collectives: tuple[str, ...]
    role_mode: RoleMode
    deadlines: tuple[str, ...]
    anchor: Anchor
    confidence: float
    reasons: tuple[Doubt, ...] = ()
    evidence_hint: str | None = None


@dataclass(frozen=True, slots=True)
class Leaf:
    """A numbered paragraph that names no responsible organ (a principle, a goal) and became no task."""

    number: str
    heading_path: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A document read: its head, its items in printed order, and what was left out.

    `parents` name organs too, but the paragraphs below them are the tasks; they are for reading beside these.

    `lead_rule` is the sentence by which the document names the lead (「列第一位者为牵头单位」), None when
    it has none. `secrecy_mark` is 秘密, 机密 or 绝密; such a paper must be refused by whoever reads it in.
    """

    title: str
    number: str | None
    issuer: str | None
    secrecy_mark: str | None
    items: tuple[ReadItem, ...]
    non_task_leaves: tuple[Leaf, ...]
    lead_rule: str | None
    parents: tuple[ReadItem, ...] = ()


def sha256_of(text: str) -> str:
    """The hash an anchor carries. Lone surrogates are hashed as they stand."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def quoted(paragraphs: Sequence[Paragraph], anchor: Anchor) -> str:
    """The text an anchor points at."""
    pieces, length = [], -1
    for paragraph in paragraphs[anchor.paragraph :]:
        pieces.append(paragraph.text)
        length += len(paragraph.text) + 1
        if length >= anchor.end:
            break
    return "\n".join(pieces)[anchor.start : anchor.end]

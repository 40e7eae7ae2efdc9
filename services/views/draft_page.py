"""A draft beside its source: every item with what is open and doubtful in it, the most doubtful first."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from contracts.payloads import Trace
from domain.errors import DubanError
from domain.policy import Policy, policy_from_json
from domain.unit_task import Role
from models.columns import table
from models.directive import CentralDocument, DirectiveState, Item, ItemUnit
from models.organisation import Unit
from services.access import DIRECTIVE, directive_to_decide, sees_directive
from services.draft_parts import groups_below
from services.draft_sections import sections
from services.office import Office, engine_actor
from services.readiness import item_label, item_problems
from services.sign_in import SignedIn
from services.starting import paragraphs_of
from services.transaction import Transaction
from store.sessions import reading

_ITEM, _PART, _UNIT, _DOCUMENT = table(Item), table(ItemUnit), table(Unit), table(CentralDocument)
PARTS_SHOWN = 40
_CUT_AFTER = re.compile(r"[。；;！!？?\n，,、]")
CUT_WORDS = 12


@dataclass(frozen=True)
class PartOfItem:
    """A unit that takes part in an item of the draft."""

    unit_id: int
    name: str
    role: str
    named_as: str


@dataclass(frozen=True)
class Cut:
    """A place where an item can be cut in two: after how many characters, and the words on both sides."""

    at: int
    before: str
    after: str


@dataclass(frozen=True)
class ItemOfDraft:
    """One item, who takes part, what a person must settle (`problems`) and should look at (`doubts`)."""

    row: Row[Any]
    label: str
    parts: tuple[PartOfItem, ...]
    problems: tuple[DubanError, ...]
    doubts: tuple[str, ...]
    confidence: float
    paragraph: int | None
    """Where its source stands, counted from 1."""

    @property
    def each_for_itself(self) -> bool:
        """Whether a person said that no unit leads."""
        return bool(self.row.anchor.get("each_for_itself"))

    @property
    def parts_shown(self) -> tuple[PartOfItem, ...]:
        """As many of them as are edited one by one."""
        return self.parts[:PARTS_SHOWN]

    @property
    def cuts(self) -> tuple[Cut, ...]:
        """Where it can be cut."""
        return tuple(_cuts(self.row.text))


@dataclass(frozen=True)
class ParagraphOfSource:
    """A paragraph of the document, counted from 1, and the positions of the items read from it."""

    number: int
    text: str
    items: tuple[int, ...]


@dataclass(frozen=True)
class Section:
    """A heading with everything below it, and how many items that is."""

    name: str
    items: int


@dataclass(frozen=True)
class Group:
    """Units that can be named together: by what, its value, how many."""

    key: str
    by: str
    value: str
    units: int


@dataclass(frozen=True)
class DraftView:
    """The draft; its items by doubt; its source; what the forms offer."""

    directive: Row[Any]
    policy: Policy
    document: Row[Any] | None
    paragraphs: tuple[ParagraphOfSource, ...]
    items: tuple[ItemOfDraft, ...]
    sections: tuple[Section, ...]
    units: tuple[Row[Any], ...]
    groups: tuple[Group, ...]

    @property
    def open(self) -> int:
        """How many questions stop the publication."""
        return sum(len(item.problems) for item in self.items)


@dataclass(frozen=True)
class DraftLine:
    """A draft in the list of drafts."""

    id: int
    title: str
    items: int


def draft_view(office: Office, me: SignedIn, directive_id: int, now: datetime) -> DraftView | None:
    """The draft, None where it is none any more. Raises NotFoundError for one the reader may not see."""
    with reading(office.engine) as session:
        connection = session.connection()
        directive = directive_to_decide(connection, me, directive_id)
        if directive.state != DirectiveState.DRAFT:
            return None
        tx = Transaction(office, connection, engine_actor(Trace()), now)
        rows = connection.execute(
            select(_ITEM).where(_ITEM.c.directive_id == directive.id).order_by(_ITEM.c.position)
        ).all()
        parts = parts_by_item(connection, directive.id)
        items = [_item(tx, row, parts.get(row.id, ())) for row in rows]
        document = connection.execute(
            select(_DOCUMENT).where(_DOCUMENT.c.id == directive.document_id)
        ).first()
        return DraftView(
            directive=directive,
            policy=policy_from_json(directive.policy),
            document=document,
            paragraphs=tuple(_paragraphs(document, rows)),
            items=tuple(sorted(items, key=_doubt)),
            sections=tuple(_sections(rows)),
            units=tuple(units_to_name(connection)),
            groups=tuple(_groups(connection, directive.issuer_id)),
        )


def drafts(office: Office, me: SignedIn) -> tuple[DraftLine, ...]:
    """The drafts the reader may go on with, the newest first."""
    mine = (DIRECTIVE.c.state == DirectiveState.DRAFT, sees_directive(me))
    with reading(office.engine) as session:
        connection = session.connection()
        rows = connection.execute(select(DIRECTIVE).where(*mine).order_by(DIRECTIVE.c.id.desc())).all()
        return tuple(
            DraftLine(row.id, row.title, len(connection.execute(_items_of(row.id)).all())) for row in rows
        )


def _items_of(directive_id: int) -> Any:
    return select(_ITEM.c.id).where(_ITEM.c.directive_id == directive_id)


def parts_by_item(connection: Connection, directive_id: int) -> dict[int, tuple[PartOfItem, ...]]:
    """Who takes part in each item of a directive: leads first."""
    chosen = (
        select(_PART, _UNIT.c.name)
        .join(_UNIT, _UNIT.c.id == _PART.c.unit_id)
        .where(_PART.c.item_id.in_(_items_of(directive_id)))
        .order_by(_PART.c.item_id, _PART.c.role != Role.LEAD, _PART.c.role != Role.HANDLING, _PART.c.id)
    )
    found: dict[int, list[PartOfItem]] = {}
    for row in connection.execute(chosen):
        found.setdefault(row.item_id, []).append(PartOfItem(row.unit_id, row.name, row.role, row.named_as))
    return {item: tuple(parts) for item, parts in found.items()}


def _item(tx: Transaction, row: Row[Any], parts: Sequence[PartOfItem]) -> ItemOfDraft:
    anchor = row.anchor
    return ItemOfDraft(
        row=row,
        label=item_label(row),
        parts=tuple(parts),
        problems=tuple(item_problems(tx, row)),
        doubts=tuple(anchor.get("doubts", ())),
        confidence=anchor.get("confidence", 1.0),
        paragraph=anchor["paragraph"] + 1 if "paragraph" in anchor else None,
    )


def _doubt(item: ItemOfDraft) -> tuple[bool, float, int]:
    return not item.problems, item.confidence, item.row.position


def _paragraphs(document: Row[Any] | None, items: Sequence[Row[Any]]) -> Iterator[ParagraphOfSource]:
    if document is None:
        return
    paragraphs = paragraphs_of(document.text)
    quoted: dict[int, list[int]] = {}
    for item in items:
        for number in _lines_of(item.anchor, paragraphs):
            quoted.setdefault(number, []).append(item.position)
    for number, text in enumerate(paragraphs):
        yield ParagraphOfSource(number + 1, text, tuple(quoted.get(number, ())))


def _lines_of(anchor: dict[str, Any], paragraphs: Sequence[str]) -> Iterator[int]:
    """The paragraphs an anchor runs over."""
    if "paragraph" not in anchor:
        return
    number, left = anchor["paragraph"], anchor["end"]
    while left > 0 and number < len(paragraphs):
        yield number
        left -= len(paragraphs[number]) + 1
        number += 1


def _sections(items: Sequence[Row[Any]]) -> Iterator[Section]:
    counted: dict[str, int] = {}
    for item in items:
        for name in sections(item.heading_path):
            counted[name] = counted.get(name, 0) + 1
    yield from (Section(name, count) for name, count in counted.items())


def units_to_name(connection: Connection) -> Sequence[Row[Any]]:
    """The units that stand, with code and name, for a field that takes either."""
    standing: Any = select(_UNIT.c.id, _UNIT.c.code, _UNIT.c.name).where(_UNIT.c.abolished_at.is_(None))
    rows: Sequence[Row[Any]] = connection.execute(standing.order_by(_UNIT.c.path)).all()
    return rows


def _groups(connection: Connection, issuer_id: int) -> Iterator[Group]:
    for key, units in groups_below(connection, issuer_id).items():
        by, _, value = key.partition(":")
        yield Group(key, by, value, len(units))


def _cuts(text: str) -> Iterator[Cut]:
    for found in _CUT_AFTER.finditer(text):
        at = found.end()
        before, after = text[:at].strip(), text[at:].strip()
        if before and after:
            yield Cut(at, before[-CUT_WORDS:], after[:CUT_WORDS])

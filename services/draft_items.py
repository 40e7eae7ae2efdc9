"""The items of a draft as a list: one more, one cut in two, two made one, one that is no task."""

import hashlib
from typing import Any

from pydantic import Field
from sqlalchemy import Row, delete, insert, select, update

from domain.errors import InvalidInputError, NotFoundError
from domain.periods import Frequency
from domain.reading.model import sha256_of
from models.columns import table
from models.directive import CentralDocument, Item, ItemState, ItemUnit
from services.draft_parts import changed, item_seen, open_draft, parts_of, together, write_parts
from services.starting import paragraphs_of
from services.transaction import Answer, Request, Transaction, act

_ITEM, _PART, _DOCUMENT = table(Item), table(ItemUnit), table(CentralDocument)


class AddItem(Request):
    """An item a person writes: in its own words, or those of a paragraph of the document (counted from 0)."""

    directive_id: int
    text: str = Field(default="", max_length=20000)
    number: str = Field(default="", max_length=40)
    paragraph: int | None = Field(default=None, ge=0)


class OnDraftItem(Request):
    """An act on one item of a draft, as the person saw it."""

    directive_id: int
    item_id: int
    version: int


class SplitItem(OnDraftItem):
    """Cut an item in two, the first to have that many characters of its text."""

    at: int = Field(ge=1)


@act
def add_item(tx: Transaction, request: AddItem) -> Answer:
    """Add an item: after all others, or among them where its paragraph stands."""
    directive = open_draft(tx, request.directive_id)
    anchor, text = _quoted(tx, directive, request)
    if not text:
        raise InvalidInputError("Say what is to be done.")
    items = tx.run(select(_ITEM).where(_ITEM.c.directive_id == directive.id).order_by(_ITEM.c.position)).all()
    paragraph = request.paragraph
    before = [i for i in items if paragraph is None or i.anchor.get("paragraph", -1) <= paragraph]
    position = max((item.position for item in before), default=0) + 1
    number = request.number or str(position)
    values: dict[str, Any] = {"number": number, "text": text, "heading_path": [], "role_mode": "joint"}
    values |= {"deadline_phrases": [], "frequency": Frequency.ONCE, "due_on": None, "due_day": None}
    values |= {"unmatched": [], "anchor": anchor}
    _make_room(tx, directive.id, position, 1)
    new = insert_item(tx, directive.id, position, values)
    changed(tx, directive.id)
    tx.record("add_item", f"item/{new}", directive=directive.id, position=position)
    return {"item_id": new, "position": position}


def _quoted(tx: Transaction, directive: Row[Any], request: AddItem) -> tuple[dict[str, Any], str]:
    """The anchor and the text of a new item."""
    if request.paragraph is None:
        return {}, request.text.strip()
    text = tx.run(select(_DOCUMENT.c.text).where(_DOCUMENT.c.id == directive.document_id)).scalar()
    paragraphs = paragraphs_of(text or "")
    if request.paragraph >= len(paragraphs):
        raise NotFoundError("The document has no paragraph %(number)s.", number=request.paragraph + 1)
    quote = paragraphs[request.paragraph]
    anchor = {"paragraph": request.paragraph, "start": 0, "end": len(quote), "sha256": sha256_of(quote)}
    return anchor, request.text.strip() or quote.strip()


@act
def split_item(tx: Transaction, request: SplitItem) -> Answer:
    """Cut an item in two; both have its units, its dates and its place in the document."""
    directive = open_draft(tx, request.directive_id)
    item = item_seen(tx, directive.id, request.item_id, request.version)
    first, second = item.text[: request.at].strip(), item.text[request.at :].strip()
    if not first or not second:
        raise InvalidInputError("Both parts of an item need words.")
    _make_room(tx, directive.id, item.position + 1, 1)
    _say(tx, item.id, first)
    kept = ("heading_path", "role_mode", "deadline_phrases", "frequency", "due_on", "due_day", "unmatched")
    values = {name: getattr(item, name) for name in kept} | {"anchor": item.anchor, "text": second}
    new = insert_item(tx, directive.id, item.position + 1, values | {"number": f"{item.number[:36]}-2"})
    write_parts(tx, new, parts_of(tx, item.id))
    changed(tx, directive.id, item.id)
    tx.record("split_item", f"item/{item.id}", into=new, at=request.at)
    return {"item_id": new}


@act
def merge_item(tx: Transaction, request: OnDraftItem) -> Answer:
    """Make an item and the next one a single one: both texts, everybody in the stronger role, the later date."""
    directive = open_draft(tx, request.directive_id)
    item = item_seen(tx, directive.id, request.item_id, request.version)
    following = tx.one(
        select(_ITEM).where(_ITEM.c.directive_id == directive.id, _ITEM.c.position == item.position + 1)
    )
    if following is None:
        raise InvalidInputError("No item comes after this one.")
    parts = together(parts_of(tx, item.id), parts_of(tx, following.id))
    dates = [due for due in (item.due_on, following.due_on) if due is not None]
    values: dict[str, Any] = {"unmatched": [*item.unmatched, *following.unmatched]}
    values |= {"deadline_phrases": [*item.deadline_phrases, *following.deadline_phrases]}
    values["anchor"] = _joined(tx, directive, item.anchor, following.anchor)
    if item.frequency in (Frequency.ONCE, Frequency.ONGOING):
        values["due_on"] = max(dates, default=None)
    tx.run(update(_ITEM).where(_ITEM.c.id == item.id).values(**values))
    _say(tx, item.id, f"{item.text}\n{following.text}"[:20000])
    write_parts(tx, item.id, parts)
    take_out(tx, directive.id, following)
    changed(tx, directive.id, item.id)
    tx.record("merge_item", f"item/{following.id}", into=item.id)
    tx.record("merge_item", f"item/{item.id}", taken_in=following.id)
    return {"item_id": item.id}


def _joined(
    tx: Transaction, directive: Row[Any], first: dict[str, Any], second: dict[str, Any]
) -> dict[str, Any]:
    """The place of both in the document, from where the first begins to where the second ends."""
    text = tx.run(select(_DOCUMENT.c.text).where(_DOCUMENT.c.id == directive.document_id)).scalar()
    if not text or "paragraph" not in first or "paragraph" not in second:
        return first or second
    begins, ends = first["paragraph"], second["paragraph"]
    if ends < begins:
        return first
    between = paragraphs_of(text)[begins:]
    end = sum(len(one) + 1 for one in between[: ends - begins]) + second["end"]
    end = max(first["end"], end)
    quote = "\n".join(between)[first["start"] : end]
    return first | {"end": end, "sha256": sha256_of(quote)}


@act
def remove_item(tx: Transaction, request: OnDraftItem) -> Answer:
    """Take out an item that is no task; what the document says there stays to be read."""
    directive = open_draft(tx, request.directive_id)
    item = item_seen(tx, directive.id, request.item_id, request.version)
    take_out(tx, directive.id, item)
    changed(tx, directive.id)
    tx.record("remove_item", f"item/{item.id}", directive=directive.id, text=item.text[:200])
    return {"position": item.position}


def take_out(tx: Transaction, directive_id: int, item: Row[Any]) -> None:
    """Delete an item of a draft; those behind it move up."""
    tx.run(delete(_PART).where(_PART.c.item_id == item.id))
    tx.run(delete(_ITEM).where(_ITEM.c.id == item.id))
    _make_room(tx, directive_id, item.position + 1, -1)


def _make_room(tx: Transaction, directive_id: int, position: int, by: int) -> None:
    """Move the items from a position on; by way of negative ones, as no two may ever share one."""
    mine = _ITEM.c.directive_id == directive_id
    moving = update(_ITEM).where(mine, _ITEM.c.position >= position)
    tx.run(moving.values(position=-(_ITEM.c.position + by)))
    tx.run(update(_ITEM).where(mine, _ITEM.c.position < 0).values(position=-_ITEM.c.position))


def _say(tx: Transaction, item_id: int, text: str) -> None:
    values = {"text": text, "text_sha256": hashlib.sha256(text.encode()).hexdigest()}
    tx.run(update(_ITEM).where(_ITEM.c.id == item_id).values(**values))


def insert_item(tx: Transaction, directive_id: int, position: int, values: dict[str, Any]) -> int:
    """The id of a new item at that place; a draft unless `values` say otherwise."""
    row: dict[str, Any] = {"directive_id": directive_id, "position": position, "ladder": {}, "version": 1}
    row |= {"state": ItemState.DRAFT, "clock_version": 0, "seen_clock_version": 0} | values
    row["text_sha256"] = hashlib.sha256(row["text"].encode()).hexdigest()
    return int(tx.run(insert(_ITEM).returning(_ITEM.c.id), row).scalar_one())

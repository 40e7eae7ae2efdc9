"""Editing one item of a draft as a whole: what it says, by when, who takes part, which names are nobody's."""

import hashlib
from datetime import date
from typing import Any

from pydantic import Field
from sqlalchemy import Row, select, update

from domain.errors import InvalidInputError
from domain.periods import Frequency
from domain.unit_task import Role
from models.columns import table
from models.directive import Item
from services.draft_parts import (
    Parts,
    TakesPart,
    changed,
    item_seen,
    open_draft,
    parts_of,
    units_called,
    units_of_group,
    write_parts,
)
from services.readiness import item_label, item_problems
from services.transaction import Answer, Request, Transaction, act

_ITEM = table(Item)
LONGEST_ROUND = {
    Frequency.MONTHLY: 31,
    Frequency.QUARTERLY: 92,
    Frequency.HALF_YEARLY: 184,
    Frequency.YEARLY: 366,
}
"""The days of the longest round of each kind."""


class EditItem(Request):
    """An item as it is to be. Units that `roles` does not name keep theirs; None there takes a unit out.

    `add` are names or codes, `group` a group of units (`services.draft_parts`) that takes part or leaves; `meant` says whom a name that is
    nobody's means, `drop` which of them to leave out. `heading` has one heading a line, the highest first.
    """

    directive_id: int
    item_id: int
    version: int
    text: str = Field(min_length=1, max_length=20000)
    number: str = Field(default="", max_length=40)
    heading: str = Field(default="", max_length=2000)
    frequency: Frequency = Frequency.ONCE
    due_on: date | None = None
    due_day: int | None = Field(default=None, ge=1, le=366)
    roles: dict[int, Role | None] = Field(default_factory=dict)
    add: str = Field(default="", max_length=4000)
    add_role: Role = Role.HANDLING
    group: str = Field(default="", max_length=140)
    group_role: Role = Role.HANDLING
    group_leaves: bool = False
    meant: dict[str, str] = Field(default_factory=dict)
    drop: tuple[str, ...] = ()
    each_for_itself: bool = False


@act
def edit_item(tx: Transaction, request: EditItem) -> Answer:
    """Put the item in this shape. Raises ConflictError where somebody was first."""
    directive = open_draft(tx, request.directive_id)
    item = item_seen(tx, request.directive_id, request.item_id, request.version)
    parts = _parts(tx, request, directive, item)
    anchor = {name: value for name, value in item.anchor.items() if name != "each_for_itself"}
    if _reports_for_itself(request, item, parts):
        parts = {unit: TakesPart(Role.HANDLING, part.named_as) for unit, part in parts.items()}
        anchor["each_for_itself"] = True
    elif request.group and request.group_role is Role.HANDLING and not request.group_leaves:
        anchor["each_for_itself"] = True
    values = _when(tx, request, item, directive.horizon) | {
        "text": request.text,
        "text_sha256": hashlib.sha256(request.text.encode()).hexdigest(),
        "number": request.number,
        "heading_path": [line.strip() for line in request.heading.splitlines() if line.strip()],
        "role_mode": "explicit_lead" if _leads(parts) else item.role_mode,
        "unmatched": [one for one in item.unmatched if one["name"] not in _settled(request)],
        "anchor": anchor,
    }
    tx.run(update(_ITEM).where(_ITEM.c.id == item.id).values(**values))
    write_parts(tx, item.id, parts)
    changed(tx, directive.id, item.id)
    tx.record("edit_item", f"item/{item.id}", **request.model_dump(mode="json", exclude_defaults=True))
    fresh = tx.run(select(_ITEM).where(_ITEM.c.id == item.id)).one()
    return {"item": item_label(fresh), "still_open": len(item_problems(tx, fresh))}


def _settled(request: EditItem) -> set[str]:
    return set(request.drop) | {name for name, unit in request.meant.items() if unit.strip()}


def _parts(tx: Transaction, request: EditItem, directive: Row[Any], item: Row[Any]) -> Parts:
    """Who takes part after the edit."""
    parts = parts_of(tx, item.id)
    for unit, role in request.roles.items():
        if role is None:
            parts.pop(unit, None)
        elif unit in parts:
            parts[unit] = TakesPart(role, parts[unit].named_as)
    if request.group:
        for unit in units_of_group(tx, directive, request.group):
            if request.group_leaves:
                parts.pop(unit, None)
            else:
                parts.setdefault(unit, TakesPart(request.group_role))
    asked = {one["name"]: Role(one["role"]) for one in item.unmatched}
    for name, meant in request.meant.items():
        for unit in units_called(tx, meant):
            parts.setdefault(unit, TakesPart(asked.get(name, Role.HANDLING), name[:200]))
    return parts | {unit: TakesPart(request.add_role) for unit in units_called(tx, request.add)}


def _leads(parts: Parts) -> bool:
    return any(part.role is Role.LEAD for part in parts.values())


def _reports_for_itself(request: EditItem, item: Row[Any], parts: Parts) -> bool:
    """Whether no unit is to lead. Raises InvalidInputError where one is named to."""
    if not request.each_for_itself:
        return False
    if _leads(parts):
        if item.anchor.get("each_for_itself"):
            return False  # a lead named later undoes what was said before
        raise InvalidInputError("Either a unit leads or each reports for itself, not both.")
    return True


def _when(tx: Transaction, request: EditItem, item: Row[Any], horizon: date) -> dict[str, Any]:
    """The columns of the date or the round; beyond the horizon the item closes a slice a year."""
    if request.due_on is not None and request.due_on < tx.today and request.due_on != item.due_on:
        raise InvalidInputError("The date %(day)s is already past.", day=request.due_on.isoformat())
    longest = LONGEST_ROUND.get(request.frequency)
    if longest is None:
        beyond = request.due_on is not None and request.due_on > horizon
        frequency = Frequency.ONGOING if beyond else request.frequency
        return {"frequency": frequency, "due_on": request.due_on, "due_day": None}
    if request.due_day is not None and request.due_day > longest:
        raise InvalidInputError(
            "A round of this kind has at most %(days)s days, so none is due on day %(day)s.",
            days=longest,
            day=request.due_day,
        )
    return {"frequency": request.frequency, "due_on": None, "due_day": request.due_day}

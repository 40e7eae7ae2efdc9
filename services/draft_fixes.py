"""A person settles what a reading left open: who leads, who takes part, by when, which names are nobody's."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Row, select, update

from domain.errors import InvalidInputError, NotFoundError
from domain.periods import Frequency
from domain.reading.organs import is_collective
from domain.unit_task import Role
from models.columns import table
from models.directive import Item
from services.draft_parts import TakesPart, changed, open_draft, parts_of, write_parts
from services.readiness import item_label, item_problems
from services.transaction import Answer, Request, Transaction, act

_ITEM = table(Item)


class AmendDraft(Request):
    """Changes to one item of a draft; what is empty stays as it is. Units are ids, `due_on` a civil date.

    Where leads are given, the units the paper named beside them cooperate; a class of addressees (各区政府)
    goes on to report for itself.
    """

    directive_id: int
    position: int
    leads: tuple[int, ...] = ()
    cooperating: tuple[int, ...] = ()
    handling: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    each_for_itself: bool = False
    due_on: date | None = None
    drop_unmatched: bool = False


@act
def amend_draft(tx: Transaction, request: AmendDraft) -> Answer:
    """Change one item of a draft. Raises InvalidInputError for a change that contradicts itself or changes nothing."""
    directive = open_draft(tx, request.directive_id)
    _check(tx, request)
    mine = (_ITEM.c.directive_id == directive.id, _ITEM.c.position == request.position)
    item = tx.one(select(_ITEM).where(*mine))
    if item is None:
        raise NotFoundError(
            "Directive %(id)s has no item %(item)s.", id=directive.id, item=str(request.position)
        )
    values = _when(request, directive.horizon)
    if request.drop_unmatched:
        values["unmatched"] = []
    if request.each_for_itself:
        values["anchor"] = item.anchor | {"each_for_itself": True}
    if request.leads:
        values["role_mode"] = "explicit_lead"
    if values:
        tx.run(update(_ITEM).where(_ITEM.c.id == item.id).values(**values))
    _who(tx, request, item)
    changed(tx, directive.id, item.id)
    tx.record("amend_draft", f"item/{item.id}", **request.model_dump(mode="json", exclude_defaults=True))
    fresh = tx.run(select(_ITEM).where(_ITEM.c.id == item.id)).one()
    left = item_problems(tx, fresh)
    return {"item": item_label(fresh), "still_open": len(left)}


def _check(tx: Transaction, request: AmendDraft) -> None:
    named = (*request.leads, *request.cooperating, *request.handling, *request.removed)
    if len(set(named)) < len(named):
        raise InvalidInputError("A unit can be named in one role only.")
    if request.each_for_itself and request.leads:
        raise InvalidInputError("Either a unit leads or each reports for itself, not both.")
    if not (named or request.each_for_itself or request.due_on or request.drop_unmatched):
        raise InvalidInputError("Say what is to be changed.")
    if request.due_on is not None and request.due_on < tx.today:
        raise InvalidInputError("The date %(day)s is already past.", day=request.due_on.isoformat())


def _when(request: AmendDraft, horizon: date) -> dict[str, Any]:
    """The columns of a date said by a person; beyond the horizon the item closes a slice a year."""
    if request.due_on is None:
        return {}
    once = Frequency.ONCE if request.due_on <= horizon else Frequency.ONGOING
    return {"due_on": request.due_on, "due_day": None, "frequency": once}


def _who(tx: Transaction, request: AmendDraft, item: Row[Any]) -> None:
    parts = parts_of(tx, item.id)
    stay = {unit: part for unit, part in parts.items() if unit not in request.removed}
    if request.leads:
        stay = {unit: beside_a_lead(part) for unit, part in stay.items()}
    wanted = {unit: part.role for unit, part in stay.items()}
    wanted |= dict.fromkeys(request.cooperating, Role.COOPERATING)
    wanted |= dict.fromkeys(request.handling, Role.HANDLING) | dict.fromkeys(request.leads, Role.LEAD)
    if request.each_for_itself:
        wanted = dict.fromkeys(wanted, Role.HANDLING)
    nobody = TakesPart(Role.HANDLING)
    write_parts(
        tx, item.id, {unit: replace(parts.get(unit, nobody), role=role) for unit, role in wanted.items()}
    )


def beside_a_lead(part: TakesPart) -> TakesPart:
    """How a unit takes part once another leads: it helps; one of a class of addressees goes on for itself."""
    stays = part.role is Role.HANDLING and is_collective(part.named_as)
    return part if stays else TakesPart(Role.COOPERATING, part.named_as)

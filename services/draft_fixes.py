"""A person settles what a reading left open: who leads, who takes part, by when, which names are nobody's."""

from datetime import date
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from domain.errors import InvalidInputError, NotFoundError
from domain.periods import Frequency
from domain.reading.organs import is_collective
from domain.unit_task import Role
from models.columns import table
from models.directive import DirectiveState, Item, ItemUnit
from models.organisation import AccountRole
from services.directives import lock_directive
from services.readiness import item_label, item_problems
from services.rows import require_role
from services.transaction import Answer, Request, Transaction, act

_ITEM, _PART = table(Item), table(ItemUnit)


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
    directive = lock_directive(tx, request.directive_id, DirectiveState.DRAFT)
    require_role(tx, AccountRole.LEADER, AccountRole.SUPERVISION_OFFICE)
    _check(tx, request)
    mine = (_ITEM.c.directive_id == directive.id, _ITEM.c.position == request.position)
    item = tx.one(select(_ITEM).where(*mine))
    if item is None:
        raise NotFoundError(
            "Directive %(id)s has no item %(item)s.", id=directive.id, item=str(request.position)
        )
    changed: dict[str, Any] = {"version": _ITEM.c.version + 1}
    changed |= _when(request, directive.horizon)
    if request.drop_unmatched:
        changed["unmatched"] = []
    if request.each_for_itself:
        changed["anchor"] = item.anchor | {"each_for_itself": True}
    if request.leads:
        changed["role_mode"] = "explicit_lead"
    tx.run(update(_ITEM).where(_ITEM.c.id == item.id).values(**changed))
    _who(tx, request, item)
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
    parts = {row.unit_id: row for row in tx.run(select(_PART).where(_PART.c.item_id == item.id))}
    wanted = {unit: Role(row.role) for unit, row in parts.items() if unit not in request.removed}
    if request.leads:
        wanted = {unit: _beside_a_lead(role, parts[unit].named_as) for unit, role in wanted.items()}
    wanted |= dict.fromkeys(request.cooperating, Role.COOPERATING)
    wanted |= dict.fromkeys(request.handling, Role.HANDLING) | dict.fromkeys(request.leads, Role.LEAD)
    if request.each_for_itself:
        wanted = dict.fromkeys(wanted, Role.HANDLING)
    named_as = {unit: row.named_as for unit, row in parts.items()}
    tx.run(delete(_PART).where(_PART.c.item_id == item.id))
    rows = [
        {"item_id": item.id, "unit_id": unit, "role": role, "named_as": named_as.get(unit, "")}
        for unit, role in wanted.items()
    ]
    if rows:
        tx.run(insert(_PART), rows)


def _beside_a_lead(role: Role, named_as: str) -> Role:
    return Role.HANDLING if role is Role.HANDLING and is_collective(named_as) else Role.COOPERATING

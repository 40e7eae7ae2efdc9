"""What an amendment of a published item would change, and for whom: reckoned for its page and again by its act."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import Field
from sqlalchemy import Row, and_, func, select

from domain.errors import InvalidInputError, WrongStateError
from domain.periods import Frequency
from domain.policy import policy_from_json
from domain.unit_task import AT_WORK, OPEN, Role
from models.columns import table
from models.directive import DirectiveState, Item, ItemState
from models.unit_task import UnitTask
from services.draft_parts import Parts, TakesPart, parts_of, units_called
from services.first_come import check_version
from services.transaction import Request, Transaction
from services.unit_tasks import Text

ITEM, TASK = table(Item), table(UnitTask)


class AmendItem(Request):
    """A published item as it is to be from now on. `add` are names or codes of further units, `remove` ids."""

    directive_id: int
    item_id: int
    version: int
    text: str = Field(min_length=1, max_length=20000)
    due_on: date | None = None
    add: str = Field(default="", max_length=4000)
    add_role: Role = Role.HANDLING
    remove: tuple[int, ...] = ()
    reason: Text


@dataclass(frozen=True)
class AmendmentPlan:
    """What changes. `again` tasks are acknowledged anew, `waiting` ones lie with the office and only change,
    `withdrawn` ones end. `parts` is who takes part afterwards.
    """

    item: Row[Any]
    text: str
    due_on: date | None
    added: tuple[int, ...]
    removed: tuple[int, ...]
    parts: Parts
    again: int
    waiting: int
    withdrawn: int
    acknowledge_by: date

    @property
    def for_all(self) -> bool:
        """Whether it concerns every unit of the item, not only those that come or go."""
        return self.text != self.item.text or self.moves

    @property
    def moves(self) -> bool:
        """Whether the date changes."""
        return bool(self.due_on != self.item.due_on)


def plan_amendment(tx: Transaction, directive: Row[Any], request: AmendItem) -> AmendmentPlan:
    """What the request comes to.

    Raises ConflictError where somebody was first, WrongStateError for an item that is not open, InvalidInputError
    for a change that changes nothing, names nobody, or leaves the item without a unit that reports.
    """
    item = _open_item(tx, directive, request)
    before = parts_of(tx, item.id)
    added = units_called(tx, request.add)
    _check_parts(request, before, added)
    parts = {unit: part for unit, part in before.items() if unit not in request.remove}
    parts |= {unit: TakesPart(request.add_role) for unit in added}
    _check_left(before, parts)
    due_on = request.due_on if item.frequency == Frequency.ONCE else item.due_on
    if due_on is None and item.frequency == Frequency.ONCE:
        raise InvalidInputError("Fill in: %(field)s.", field="due_on")
    if due_on is not None and due_on != item.due_on and due_on < tx.today:
        raise InvalidInputError("The date %(day)s is already past.", day=due_on.isoformat())
    changes = request.text != item.text or due_on != item.due_on
    if not (changes or added or request.remove):
        raise InvalidInputError("Say what is to be changed.")
    days = policy_from_json(directive.policy).acknowledge_days
    staying = and_(TASK.c.item_id == item.id, TASK.c.unit_id.not_in(request.remove))
    return AmendmentPlan(
        item=item,
        text=request.text,
        due_on=due_on,
        added=tuple(added),
        removed=request.remove,
        parts=parts,
        again=_count(tx, staying, TASK.c.state.in_(AT_WORK)) if changes else 0,
        waiting=_count(tx, staying, TASK.c.state.in_(OPEN - AT_WORK)) if changes else 0,
        withdrawn=_count(
            tx, TASK.c.item_id == item.id, TASK.c.unit_id.in_(request.remove), TASK.c.state.in_(OPEN)
        ),
        acknowledge_by=tx.frame.calendar.add_working_days(tx.today, days),
    )


def _open_item(tx: Transaction, directive: Row[Any], request: AmendItem) -> Row[Any]:
    if directive.state != DirectiveState.PUBLISHED:
        raise WrongStateError(
            "Directive %(id)s is %(state)s; this does not fit.", id=directive.id, state=directive.state
        )
    if tx.now < directive.starts_at:
        raise WrongStateError(
            "Directive %(id)s is in the hold after its publication: take it back and change the draft.",
            id=directive.id,
        )
    mine = (ITEM.c.id == request.item_id, ITEM.c.directive_id == directive.id)
    item = tx.one(select(ITEM).where(*mine))
    check_version(tx, item.version if item else None, request.version, (f"item/{request.item_id}",))
    if item is None or item.state != ItemState.OPEN:
        raise WrongStateError("The item is closed: it is not changed any more.")
    return item


def _check_parts(request: AmendItem, before: Parts, added: list[int]) -> None:
    if set(added) & set(before):
        raise InvalidInputError("A unit that is to be added takes part already.")
    if set(request.remove) - set(before):
        raise InvalidInputError("A unit that is to be taken out takes no part.")


def _check_left(before: Parts, after: Parts) -> None:
    """Raises InvalidInputError where nobody would report any more, or for the others."""
    roles, had = {part.role for part in after.values()}, {part.role for part in before.values()}
    if not roles or roles == {Role.COOPERATING}:
        raise InvalidInputError("No unit would be left that reports on the item.")
    if Role.LEAD in had and Role.LEAD not in roles and Role.COOPERATING in roles:
        raise InvalidInputError(
            "Name the unit that leads instead: without a lead nobody reports for the others."
        )


def _count(tx: Transaction, *which: Any) -> int:
    return int(tx.run(select(func.count()).select_from(TASK).where(*which)).scalar_one())

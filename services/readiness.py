"""Whether an item of a draft can be published, or what a person must settle first."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from contracts.payloads import Trace
from domain.errors import DubanError, InvalidInputError
from domain.instants import end_of
from domain.periods import Frequency, periods
from domain.unit_task import Role
from models.columns import table
from models.directive import Directive, Item, ItemUnit
from services.office import Office, engine_actor
from services.transaction import Transaction
from store.sessions import reading

ITEM, ITEM_UNIT, _DIRECTIVE = table(Item), table(ItemUnit), table(Directive)


def item_label(item: Row[Any]) -> str:
    """How a person finds a row of `item`: its position in the directive, and its number as printed."""
    number = item.number.strip(" .．、")
    return str(item.position) if number in ("", str(item.position)) else f"{item.position} [{number}]"


def open_questions(office: Office, directive_id: int, now: datetime) -> tuple[DubanError, ...]:
    """What a person must settle before the draft can be published today, in the order of its items."""
    mine = select(ITEM).where(ITEM.c.directive_id == directive_id).order_by(ITEM.c.position)
    with reading(office.engine) as session:
        tx = Transaction(office, session.connection(), engine_actor(Trace()), now)
        items = tx.run(mine).all()
        if not items:
            return (InvalidInputError("Directive %(id)s has no items.", id=directive_id),)
        return tuple(problem for item in items for problem in item_problems(tx, item))


def item_problems(tx: Transaction, item: Row[Any]) -> list[DubanError]:
    """Everything that keeps a row of `item` from being published on `tx.today`; empty when it is ready."""
    found: list[DubanError] = []
    label = item_label(item)
    parts = tx.run(select(ITEM_UNIT.c.role).where(ITEM_UNIT.c.item_id == item.id)).scalars().all()
    found += [
        InvalidInputError("Item %(item)s: no unit is named %(name)s.", item=label, name=u["name"])
        for u in item.unmatched
    ]
    if not parts:
        found.append(InvalidInputError("Item %(item)s has no unit.", item=label))
    if (
        parts
        and item.role_mode == "joint"
        and Role.LEAD not in parts
        and len(parts) > 1
        and not item.anchor.get("each_for_itself")
    ):
        found.append(
            InvalidInputError(
                "Item %(item)s names several units and no lead: say who leads, or that each reports for itself.",
                item=label,
            )
        )
    if parts and set(parts) == {Role.COOPERATING}:
        found.append(
            InvalidInputError("Item %(item)s has cooperating units alone: say who leads.", item=label)
        )
    if item.frequency == Frequency.ONCE and item.due_on is None:
        found.append(InvalidInputError("Item %(item)s has no deadline.", item=label))
    if item.frequency == Frequency.ONCE and item.due_on is not None and item.due_on < tx.today:
        found.append(
            InvalidInputError(
                "Item %(item)s: its deadline %(day)s is already past.",
                item=label,
                day=item.due_on.isoformat(),
            )
        )
    return found + _problems_of_its_days(tx, item)


def _problems_of_its_days(tx: Transaction, item: Row[Any]) -> list[DubanError]:
    """A date no office counts to; a recurring item that comes round no more before the directive ends."""
    if item.frequency == Frequency.ONCE:
        try:
            end_of(item.due_on or tx.today, tx.frame.tz)
        except DubanError as error:
            return [error]
        return []
    horizon = tx.run(select(_DIRECTIVE.c.horizon).where(_DIRECTIVE.c.id == item.directive_id)).scalar_one()
    rounds = periods(Frequency(item.frequency), item.due_day, tx.today, horizon, tx.frame.calendar)
    if next(rounds, None) is not None:
        return []
    return [
        InvalidInputError(
            "Item %(item)s comes round no more before %(day)s, when the directive ends.",
            item=item_label(item),
            day=horizon.isoformat(),
        )
    ]

"""Opening a period of an item: every unit gets its task and its notice, five thousand a transaction."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy import Row, exists, func, insert, literal, select, update

from domain.instants import at, end_of
from domain.periods import ONCE, Frequency, Period, periods
from domain.policy import Policy
from domain.unit_task import State
from models.columns import Instant, table
from models.directive import ItemPeriod, ItemUnit
from models.paper import NoticeKind
from models.unit_task import UnitTask
from services.notices import Telling, mail_time, tell
from services.transaction import Transaction

PAGE = 5000
"""Units handled in one transaction: short enough that a person's act behind it hardly waits."""

TASK, ITEM_UNIT, PERIOD = table(UnitTask), table(ItemUnit), table(ItemPeriod)


@dataclass(frozen=True)
class Opening:
    """What opening came to: whether a page is still to do, when the next period opens, what was opened now."""

    more: bool = False
    next_opening: datetime | None = None
    opened: str = ""
    assigned: int = 0


def open_due_period(tx: Transaction, item: Row[Any], policy: Policy) -> Opening:
    """Go on with a fan-out under way, or open the next period if it is due. The item is locked by the caller."""
    under_way = tx.one(select(PERIOD).where(PERIOD.c.item_id == item.id, PERIOD.c.assigned_at.is_(None)))
    opened = ""
    if under_way is None:
        plan = _next_period(tx, item)
        if plan is None:
            return Opening()
        opens_at, period = plan
        if opens_at > tx.now:
            return Opening(next_opening=opens_at)
        under_way = _open(tx, item, period, policy)
        opened = period.name
    assigned = _assign_page(tx, under_way, policy)
    if assigned == PAGE:
        return Opening(more=True, opened=opened, assigned=assigned)
    tx.run(update(PERIOD).where(PERIOD.c.id == under_way.id).values(assigned_at=tx.now))
    total = tx.run(
        select(func.count())
        .select_from(TASK)
        .where(TASK.c.item_id == item.id, TASK.c.period == under_way.period)
    ).scalar_one()
    tx.record("assign", f"item/{item.id}", period=under_way.period, unit_tasks=total)
    coming = _next_period(tx, item)
    return Opening(next_opening=coming[0] if coming else None, opened=opened, assigned=assigned)


def _next_period(tx: Transaction, item: Row[Any]) -> tuple[datetime, Period] | None:
    """The first period that is not open yet, and the instant it opens at: the first one with the directive."""
    known = set(tx.run(select(PERIOD.c.period).where(PERIOD.c.item_id == item.id)).scalars())
    for number, period in enumerate(plan_of(tx, item)):
        if period.name not in known:
            hour = _hour(item)
            return (item.starts_at if number == 0 else at(period.opens, hour, tx.frame.tz)), period
    return None


def _hour(item: Row[Any]) -> time:
    """The local hour at which the item's ladder, and so its periods, wake up."""

    return time.fromisoformat(item.ladder["hour"])


def plan_of(tx: Transaction, item: Row[Any]) -> list[Period]:
    """All periods of the item up to its directive's horizon."""
    start = item.starts_at.astimezone(tx.frame.tz).date()
    frequency = Frequency(item.frequency)
    if frequency is Frequency.ONCE:
        return [Period(ONCE, start, item.due_on)]
    return list(periods(frequency, item.due_day, start, item.horizon, tx.frame.calendar))


def _open(tx: Transaction, item: Row[Any], period: Period, policy: Policy) -> Row[Any]:
    first = tx.one(select(PERIOD.c.id).where(PERIOD.c.item_id == item.id).limit(1)) is None
    by = (
        end_of(tx.frame.calendar.add_working_days(tx.today, policy.acknowledge_days), tx.frame.tz)
        if first
        else None
    )
    row = {"item_id": item.id, "period": period.name, "deadline": end_of(period.due, tx.frame.tz)}
    tx.run(insert(PERIOD), row | {"acknowledge_by": by, "opened_at": tx.now})
    return tx.run(select(PERIOD).where(PERIOD.c.item_id == item.id, PERIOD.c.period == period.name)).one()


def _assign_page(tx: Transaction, period: Row[Any], policy: Policy) -> int:
    """Hand the task to the next page of units; a later period asks for no new acknowledgement."""
    state = State.ASSIGNED if period.acknowledge_by else State.ACKNOWLEDGED
    mine = (TASK.c.item_id == period.item_id, TASK.c.period == period.period)
    before = tx.run(select(func.coalesce(func.max(TASK.c.id), 0)).where(*mine)).scalar_one()
    values: dict[str, Any] = {
        "item_id": ITEM_UNIT.c.item_id,
        "period": literal(period.period),
        "unit_id": ITEM_UNIT.c.unit_id,
        "role": ITEM_UNIT.c.role,
        "state": literal(state.value),
        "held": literal(False),  # noqa: FBT003 -- a column's value
        "assigned_at": literal(tx.now, Instant()),
        "acknowledge_by": literal(period.acknowledge_by, Instant()),
        "acknowledge_level": literal(-1),
        "deadline": literal(period.deadline, Instant()),
        "original_deadline": literal(period.deadline, Instant()),
        "deadline_version": literal(1),
        "deadline_since": literal(tx.now, Instant()),
        "complete_level": literal(-1),
        "progress": literal(0),
        "returned_times": literal(0),
        "extended_times": literal(0),
        "closed_with_lead": literal(False),  # noqa: FBT003 -- a column's value
        "version": literal(1),
    }
    has_task = exists().where(*mine, TASK.c.unit_id == ITEM_UNIT.c.unit_id)
    chosen = select(*(value.label(name) for name, value in values.items())).where(
        ITEM_UNIT.c.item_id == period.item_id, ~has_task
    )
    page = chosen.order_by(ITEM_UNIT.c.id).limit(PAGE)
    count = tx.run(insert(TASK).from_select(list(values), page, include_defaults=False)).rowcount
    telling = Telling(NoticeKind.ASSIGNMENT, period.item_id, "assignment")
    tell(
        tx,
        telling,
        (mine[0]) & (mine[1]) & (TASK.c.id > before),
        mail_at=mail_time(tx, policy.mail_hold_minutes),
    )
    return count

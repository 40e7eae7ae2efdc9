"""Opening a period of an item: every unit gets its task and its notice, five thousand a transaction."""

from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

from sqlalchemy import Executable, Row, String, and_, bindparam, exists, func, insert, literal, select, update

from domain.instants import at, end_of
from domain.periods import ONCE, Frequency, Period, periods
from domain.policy import Policy
from domain.unit_task import State
from models.columns import BIG_ID, Instant, table
from models.directive import ItemPeriod, ItemUnit
from models.paper import NoticeKind
from models.unit_task import UnitTask
from services.failpoints import failpoint
from services.notices import Telling, mail_time, tell
from services.transaction import Transaction

PAGE = 5000
"""Units handled in one transaction: short enough that a person's act behind it hardly waits."""

TASK, ITEM_UNIT, PERIOD = table(UnitTask), table(ItemUnit), table(ItemPeriod)


_ROUND = (TASK.c.item_id == bindparam("item_id"), TASK.c.period == bindparam("period"))
_LAST_TASK = select(func.coalesce(func.max(TASK.c.id), 0))
_COUNT = select(func.count()).select_from(TASK).where(*_ROUND)
_NEW_TASKS = and_(
    TASK.c.item_id + 0
    == bindparam("round_item"),  # the sum keeps the database from the index of the whole item
    TASK.c.period == bindparam("round_period"),
    TASK.c.id > bindparam("round_before"),
)
_LAST_UNIT = select(TASK.c.unit_id).where(
    TASK.c.id == select(func.max(TASK.c.id)).where(_NEW_TASKS).scalar_subquery()
)
_LAST_PART = select(ITEM_UNIT.c.id).where(
    ITEM_UNIT.c.item_id == bindparam("round_item"), ITEM_UNIT.c.unit_id == _LAST_UNIT.scalar_subquery()
)
_UNDER_WAY = select(PERIOD).where(PERIOD.c.item_id == bindparam("item_id"), PERIOD.c.assigned_at.is_(None))
_ASSIGNED = update(PERIOD).where(PERIOD.c.id == bindparam("period_id")).values(assigned_at=bindparam("now"))
_KNOWN = select(PERIOD.c.period).where(PERIOD.c.item_id == bindparam("item_id"))
_OPENED = select(PERIOD).where(
    PERIOD.c.item_id == bindparam("item_id"), PERIOD.c.period == bindparam("period")
)
_OPEN = insert(PERIOD)


def _assign() -> Executable:
    """The next page of units that have no task of the round yet, each with its task as it begins."""
    values: dict[str, Any] = {
        "directive_id": bindparam("directive_id", type_=BIG_ID),
        "item_id": ITEM_UNIT.c.item_id,
        "period": bindparam("period", type_=String),
        "unit_id": ITEM_UNIT.c.unit_id,
        "role": ITEM_UNIT.c.role,
        "state": bindparam("state", type_=String),
        "held": literal(False),  # noqa: FBT003 -- a column's value
        "assigned_at": bindparam("now", type_=Instant()),
        "acknowledge_by": bindparam("acknowledge_by", type_=Instant()),
        "acknowledge_level": literal(-1),
        "deadline": bindparam("deadline", type_=Instant()),
        "original_deadline": bindparam("deadline", type_=Instant()),
        "deadline_version": literal(1),
        "deadline_since": bindparam("now", type_=Instant()),
        "complete_level": literal(-1),
        "progress": literal(0),
        "returned_times": literal(0),
        "extended_times": literal(0),
        "closed_with_lead": literal(False),  # noqa: FBT003 -- a column's value
        "version": literal(1),
    }
    has_task = exists().where(*_ROUND, TASK.c.unit_id == ITEM_UNIT.c.unit_id)
    chosen = select(*(value.label(name) for name, value in values.items())).where(
        ITEM_UNIT.c.item_id == bindparam("item_id"), ITEM_UNIT.c.id > bindparam("after"), ~has_task
    )
    page = chosen.order_by(ITEM_UNIT.c.id).limit(bindparam("page"))
    return insert(TASK).from_select(list(values), page, include_defaults=False)


_ASSIGN = _assign()


@dataclass(frozen=True)
class Opening:
    """What opening came to: whether a page is still to do and after which part, when the next period opens, what was opened now."""

    more: bool = False
    after: int = 0
    next_opening: datetime | None = None
    opened: str = ""
    assigned: int = 0


def open_due_period(tx: Transaction, item: Row[Any], policy: Policy, after: int = 0) -> Opening:
    """Go on with a fan-out under way, or open the next period if it is due. The item is locked by the caller."""
    under_way = tx.one(_UNDER_WAY, {"item_id": item.id})
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
    page = _assign_page(tx, item.directive_id, under_way, policy, after)
    if page.more:
        return replace(page, opened=opened)
    tx.run(_ASSIGNED, {"period_id": under_way.id, "now": tx.now})
    total = tx.run(_COUNT, {"item_id": item.id, "period": under_way.period}).scalar_one()
    tx.record("assign", f"item/{item.id}", period=under_way.period, unit_tasks=total)
    coming = _next_period(tx, item)
    return replace(page, next_opening=coming[0] if coming else None, opened=opened)


def _next_period(tx: Transaction, item: Row[Any]) -> tuple[datetime, Period] | None:
    """The first period that is not open yet, and the instant it opens at: the first one with the directive."""
    known = set(tx.run(_KNOWN, {"item_id": item.id}).scalars())
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
    first = tx.one(_KNOWN, {"item_id": item.id}) is None
    by = (
        end_of(tx.frame.calendar.add_working_days(tx.today, policy.acknowledge_days), tx.frame.tz)
        if first
        else None
    )
    row = {"item_id": item.id, "period": period.name, "deadline": end_of(period.due, tx.frame.tz)}
    tx.run(_OPEN, row | {"acknowledge_by": by, "opened_at": tx.now})
    return tx.run(_OPENED, {"item_id": item.id, "period": period.name}).one()


def _assign_page(tx: Transaction, directive_id: int, period: Row[Any], policy: Policy, after: int) -> Opening:
    """Hand the task to the next page of units; a later period asks for no new acknowledgement.

    `after` is the part at which the page before ended. Where it says that nobody is left, all are looked at once
    more from the first: a part may have been added meanwhile.
    """
    mine = {"item_id": period.item_id, "period": period.period}
    before = tx.run(_LAST_TASK).scalar_one()
    state = State.ASSIGNED if period.acknowledge_by else State.ACKNOWLEDGED
    given = {"directive_id": directive_id, "state": state.value, "after": after, "page": PAGE}
    dates = {"now": tx.now, "acknowledge_by": period.acknowledge_by, "deadline": period.deadline}
    count = tx.run(_ASSIGN, mine | dates | given).rowcount
    failpoint("fan_out.mid_transaction")
    told = {"round_item": period.item_id, "round_period": period.period, "round_before": before}
    telling = Telling(NoticeKind.ASSIGNMENT, period.item_id, "assignment")
    tell(tx, telling, _NEW_TASKS, told, mail_at=mail_time(tx, policy.mail_hold_minutes))
    if count == PAGE:
        return Opening(more=True, after=tx.run(_LAST_PART, told).scalar_one(), assigned=count)
    return Opening(more=after > 0, assigned=count)

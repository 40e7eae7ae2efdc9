"""Moving deadlines by the working days a directive stood still, group by group."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, insert, literal, select, update

from domain.instants import end_of, last_day
from models.columns import Instant, table
from models.directive import ItemPeriod
from models.rectification import MENDING, Rectification
from models.unit_task import DeadlineChange, UnitTask
from services.transaction import Transaction

TASK, _CHANGE, _RECTIFICATION = table(UnitTask), table(DeadlineChange), table(Rectification)
_PERIOD = table(ItemPeriod)


def move_deadlines(
    tx: Transaction, tasks: ColumnElement[bool], items: Select[Any], working_days: int
) -> None:
    """Move both clocks of `tasks` and the rectifications of `items` by that many working days; 0 moves nothing."""
    if not working_days:
        return
    for deadline in _latest_first(tx, TASK.c.deadline, tasks):
        _move_group(tx, and_(tasks, TASK.c.deadline == deadline), _later(tx, deadline, working_days))
    for by in _latest_first(tx, TASK.c.acknowledge_by, and_(tasks, TASK.c.acknowledge_by.is_not(None))):
        mine = and_(tasks, TASK.c.acknowledge_by == by, TASK.c.acknowledged_at.is_(None))
        tx.run(update(TASK).where(mine).values(acknowledge_by=_later(tx, by, working_days)))
    half_assigned = and_(_PERIOD.c.item_id.in_(items), _PERIOD.c.assigned_at.is_(None))
    for deadline in _latest_first(tx, _PERIOD.c.deadline, half_assigned):
        mine = and_(half_assigned, _PERIOD.c.deadline == deadline)
        tx.run(update(_PERIOD).where(mine).values(deadline=_later(tx, deadline, working_days)))
    mending = (_RECTIFICATION.c.item_id.in_(items), _RECTIFICATION.c.state.in_(MENDING))
    for row in tx.run(
        select(_RECTIFICATION.c.id, _RECTIFICATION.c.deadline, _RECTIFICATION.c.reply_by).where(*mending)
    ).all():
        values = {
            "deadline": _later(tx, row.deadline, working_days),
            "reply_by": _later(tx, row.reply_by, working_days),
        }
        values |= {"deadline_version": _RECTIFICATION.c.deadline_version + 1, "deadline_since": tx.now}
        values |= {"complete_level": -1, "reply_level": -1}
        tx.run(update(_RECTIFICATION).where(_RECTIFICATION.c.id == row.id).values(**values))


def _latest_first(tx: Transaction, column: Column[Any], rows: ColumnElement[bool]) -> Sequence[datetime]:
    """The different instants of a column, the latest first: a moved one is never met and moved again."""
    return tx.run(select(column).where(rows).distinct().order_by(column.desc())).scalars().all()


def _later(tx: Transaction, deadline: Any, working_days: int) -> Any:
    frame = tx.frame
    return end_of(frame.calendar.add_working_days(last_day(deadline, frame.tz), working_days), frame.tz)


def _move_group(tx: Transaction, group: ColumnElement[bool], deadline: Any) -> None:
    columns = ["unit_task_id", "deadline_version", "deadline", "since", "reason"]
    history = select(
        TASK.c.id,
        TASK.c.deadline_version + 1,
        literal(deadline, Instant()),
        literal(tx.now, Instant()),
        literal("resumed"),
    ).where(group)
    tx.run(insert(_CHANGE).from_select(columns, history, include_defaults=False))
    values = {
        "deadline": deadline,
        "deadline_version": TASK.c.deadline_version + 1,
        "deadline_since": tx.now,
        "complete_level": -1,
    }
    tx.run(update(TASK).where(group).values(**values))

"""Moving deadlines by the working days a directive stood still, group by group."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, insert, literal, select, update

from domain.instants import end_of, last_day
from models.columns import Instant, table
from models.rectification import Rectification, RectificationState
from models.unit_task import DeadlineChange, UnitTask
from services.transaction import Transaction

TASK, _CHANGE, _RECTIFICATION = table(UnitTask), table(DeadlineChange), table(Rectification)


def move_deadlines(
    tx: Transaction, tasks: ColumnElement[bool], items: Select[Any], working_days: int
) -> None:
    """Move both clocks of `tasks` and the rectifications of `items` by that many working days; 0 moves nothing."""
    if not working_days:
        return
    latest_first = (
        select(TASK.c.deadline).where(tasks).distinct().order_by(TASK.c.deadline.desc())
    )  # none is met twice
    for deadline in tx.run(latest_first).scalars().all():
        _move_group(tx, and_(tasks, TASK.c.deadline == deadline), _later(tx, deadline, working_days))
    for by in (
        tx.run(select(TASK.c.acknowledge_by).where(tasks, TASK.c.acknowledge_by.is_not(None)).distinct())
        .scalars()
        .all()
    ):
        mine = and_(tasks, TASK.c.acknowledge_by == by, TASK.c.acknowledged_at.is_(None))
        tx.run(update(TASK).where(mine).values(acknowledge_by=_later(tx, by, working_days)))
    open_states = (RectificationState.ORDERED, RectificationState.PLANNED, RectificationState.SUBMITTED)
    mending = (_RECTIFICATION.c.item_id.in_(items), _RECTIFICATION.c.state.in_(open_states))
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

"""What a unit must do, by what is asked of it next; the most urgent first in each group."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, select

from domain.unit_task import AT_WORK, CLOSED, Role, State
from models.columns import table
from models.directive import Directive, Item
from models.unit_task import UnitTask
from services.figures import is_overdue
from services.office import Office
from store.sessions import reading

_TASK, _ITEM, _DIRECTIVE = table(UnitTask), table(Item), table(Directive)
SHOWN = 200
TEXT_SHOWN = 160


class Asked(StrEnum):
    """What is asked of the unit next."""

    REWORK = "rework"
    ACKNOWLEDGE = "acknowledge"
    COMPLETE_OVERDUE = "complete_overdue"
    COMPLETE = "complete"
    HELP = "help"
    """A cooperating unit helps its lead; nothing more is asked of it."""
    WAIT = "wait"
    """Somebody else has the next move."""


@dataclass(frozen=True)
class MyUnitTask:
    """One row of the list. `deadline` is the clock that runs now."""

    id: int
    directive: str
    number: str
    text: str
    role: str
    state: str
    period: str
    deadline: datetime
    overdue: bool
    progress: int
    held: bool


@dataclass(frozen=True)
class Group:
    """The tasks of which the same is asked next, by deadline."""

    asked: Asked
    unit_tasks: tuple[MyUnitTask, ...]


@dataclass(frozen=True)
class MyUnitTasks:
    """The open tasks of a unit. `left_out` is how many more there are than are shown."""

    groups: tuple[Group, ...]
    open: int
    left_out: int


def my_unit_tasks(office: Office, unit_id: int, now: datetime) -> MyUnitTasks:
    """The open tasks of one unit at `now`."""
    mine = (_TASK.c.unit_id == unit_id, _TASK.c.state.not_in(CLOSED))
    with reading(office.engine) as session:
        rows = (
            session.connection()
            .execute(_chosen(now).where(*mine).order_by(_TASK.c.deadline, _TASK.c.id))
            .all()
        )
    found: dict[Asked, list[MyUnitTask]] = {asked: [] for asked in Asked}
    for row in rows[:SHOWN]:
        found[asked_of(row)].append(_mine(row))
    groups = tuple(Group(asked, tuple(tasks)) for asked, tasks in found.items() if tasks)
    return MyUnitTasks(groups, len(rows), max(len(rows) - SHOWN, 0))


def _chosen(now: datetime) -> Select[Any]:
    return (
        select(_TASK, _ITEM.c.number, _ITEM.c.text, _DIRECTIVE.c.title, is_overdue(now).label("overdue"))
        .join(_ITEM, _ITEM.c.id == _TASK.c.item_id)
        .join(_DIRECTIVE, _DIRECTIVE.c.id == _ITEM.c.directive_id)
    )


def asked_of(row: Row[Any]) -> Asked:
    """What is asked next of the unit whose task this is."""
    if row.state not in AT_WORK or row.held:
        return Asked.WAIT
    if row.state == State.ASSIGNED:
        return Asked.ACKNOWLEDGE
    if row.role == Role.COOPERATING:
        return Asked.HELP
    if row.state == State.RETURNED:
        return Asked.REWORK
    return Asked.COMPLETE_OVERDUE if row.overdue else Asked.COMPLETE


def _mine(row: Row[Any]) -> MyUnitTask:
    waits = row.state == State.ASSIGNED and row.acknowledge_by is not None
    return MyUnitTask(
        id=row.id,
        directive=row.title,
        number=row.number,
        text=row.text[:TEXT_SHOWN],
        role=row.role,
        state=row.state,
        period=row.period,
        deadline=row.acknowledge_by if waits else row.deadline,
        overdue=bool(row.overdue),
        progress=row.progress,
        held=row.held,
    )

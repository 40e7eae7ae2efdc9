"""What is new in the rows since somebody last looked: tasks, letters to sign, rectifications."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, select

from domain.unit_task import Role
from models.columns import table
from models.directive import Item
from models.organisation import Account, Unit
from models.paper import Letter
from models.rectification import Rectification
from models.unit_task import UnitTask
from services.office import Actor, Office
from store.sessions import reading

TASK, UNIT, ITEM, ACCOUNT = table(UnitTask), table(Unit), table(Item), table(Account)
LETTER, RECTIFICATION = table(Letter), table(Rectification)
ReadRow = Row[Any]
"""A row as it was read; its columns are attributes."""

_AFTER: BindParameter[int] = bindparam("after")
_TASKS = (
    select(TASK, UNIT.c.code, UNIT.c.name, ITEM.c.position)
    .join(UNIT, UNIT.c.id == TASK.c.unit_id)
    .join(ITEM, ITEM.c.id == TASK.c.item_id)
    .where(TASK.c.id > _AFTER)
    .order_by(TASK.c.id)
)
_LETTERS = select(LETTER).where(LETTER.c.id > _AFTER).order_by(LETTER.c.id)
_RECTIFICATIONS = (
    select(RECTIFICATION, UNIT.c.code, UNIT.c.name, ITEM.c.position)
    .join(UNIT, UNIT.c.id == RECTIFICATION.c.unit_id)
    .join(ITEM, ITEM.c.id == RECTIFICATION.c.item_id)
    .where(RECTIFICATION.c.id > _AFTER)
    .order_by(RECTIFICATION.c.id)
)
_TASK = select(TASK).where(TASK.c.id == bindparam("task_id"))


@dataclass(frozen=True)
class Seen:
    """The highest ids looked at."""

    task: int = 0
    letter: int = 0
    rectification: int = 0


@dataclass(frozen=True)
class News:
    """Rows after what was seen, and what is seen now."""

    tasks: Sequence[ReadRow]
    letters: Sequence[ReadRow]
    rectifications: Sequence[ReadRow]
    seen: Seen


def news(office: Office, seen: Seen) -> News:
    """Everything written since `seen`."""
    with reading(office.engine) as session:
        connection = session.connection()
        tasks = connection.execute(_TASKS, {"after": seen.task}).all()
        letters = connection.execute(_LETTERS, {"after": seen.letter}).all()
        mending = connection.execute(_RECTIFICATIONS, {"after": seen.rectification}).all()
    highest = Seen(
        tasks[-1].id if tasks else seen.task,
        letters[-1].id if letters else seen.letter,
        mending[-1].id if mending else seen.rectification,
    )
    return News(tasks, letters, mending, highest)


def task_row(office: Office, task_id: int) -> ReadRow:
    """One unit task as it is now."""
    with reading(office.engine) as session:
        return session.connection().execute(_TASK, {"task_id": task_id}).one()


def others_report(office: Office, task: ReadRow) -> bool:
    """Whether another unit still reports for the item in the task's period."""
    others = (
        TASK.c.item_id == task.item_id,
        TASK.c.period == task.period,
        TASK.c.id != task.id,
        TASK.c.role != Role.COOPERATING,
    )
    with reading(office.engine) as session:
        return session.connection().execute(select(TASK.c.id).where(*others).limit(1)).first() is not None


def actors(office: Office) -> list[Actor]:
    """Every active account, as one who can act, by id."""
    with reading(office.engine) as session:
        rows = (
            session.connection().execute(select(ACCOUNT).where(ACCOUNT.c.active).order_by(ACCOUNT.c.id)).all()
        )
    return [Actor(f"account:{row.login}", row.id, row.unit_id, row.role) for row in rows]

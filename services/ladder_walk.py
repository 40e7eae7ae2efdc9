"""Walking the ladder for all unit tasks of an item at once.

Tasks with the same clocks form a group; the pure ladder is asked once a group, and one statement writes
the notices of the whole group. Letters are drafted one a unit; a circular names all units that reached it,
of whatever group.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, Row, and_, bindparam, func, select, update

from domain.instants import last_day
from domain.ladder import Action, Clock, Due, Ladder, Rung, due, earliest, next_moment, running_clocks
from domain.numbers import LetterKind
from domain.policy import Policy, ladder_from_json
from domain.unit_task import AT_WORK
from models.columns import table
from models.organisation import Unit
from models.paper import NoticeKind
from models.unit_task import UnitTask
from services.failpoints import failpoint
from services.fan_out import PAGE
from services.letters import Draft, draft_letter
from services.notices import Telling, mail_time, tell
from services.rows import clocks_of
from services.transaction import Transaction

TASK, UNIT = table(UnitTask), table(Unit)
_SAME = (
    TASK.c.period, TASK.c.role, TASK.c.state, TASK.c.held, TASK.c.acknowledge_by, TASK.c.assigned_at, TASK.c.acknowledge_level,
    TASK.c.deadline, TASK.c.deadline_since, TASK.c.deadline_version, TASK.c.complete_level,
)  # fmt: skip
_LEVEL = {Clock.ACKNOWLEDGE: "acknowledge_level", Clock.COMPLETE: "complete_level"}
_LETTERS = {
    Action.REMINDER_LETTER: LetterKind.REMINDER_LETTER,
    Action.SUPERVISION_LETTER: LetterKind.SUPERVISION_LETTER,
    Action.RECTIFICATION_CIRCULAR: LetterKind.RECTIFICATION_CIRCULAR,
}


_OPEN = (TASK.c.item_id == bindparam("item_id"), TASK.c.state.in_(AT_WORK))
_NEXT = (
    TASK.c.item_id + 0 == bindparam("item_id"),  # the sum keeps the database from the index of the whole item
    TASK.c.state.in_(AT_WORK),
    TASK.c.id > bindparam("after"),
    TASK.c.id <= bindparam("last"),
)
_GROUPS, _NEXT_GROUPS = (
    select(*_SAME, func.count().label("tasks")).where(*which).group_by(*_SAME).order_by(*_SAME)
    for which in (_OPEN, _NEXT)
)
_ALIKE = and_(
    *(column.is_not_distinct_from(bindparam(f"group_{column.name}", type_=column.type)) for column in _SAME)
)
_ALL = and_(TASK.c.item_id == bindparam("group_item"), _ALIKE)
_PAGE = and_(_ALL, TASK.c.id <= bindparam("group_last"))
_NEXT_PAGE = and_(
    TASK.c.item_id + 0 == bindparam("group_item"),
    TASK.c.id > bindparam("group_after"),
    TASK.c.id <= bindparam("group_last"),
    _ALIKE,
)
_LAST = select(TASK.c.id).where(_ALL).order_by(TASK.c.id).offset(bindparam("group_before_last")).limit(1)
_THESE = TASK.c.id.in_(bindparam("these", expanding=True))
_NAMED = (TASK.c.id, TASK.c.unit_id, TASK.c.progress, TASK.c.returned_times, UNIT.c.name, UNIT.c.code)


@cache
def _climb(tasks: ColumnElement[bool], levels: tuple[str, ...]) -> Executable:
    """The levels reached, written for a whole group."""
    reached: dict[str, Any] = {level: bindparam(f"new_{level}") for level in levels}
    return update(TASK).where(tasks).values(version=TASK.c.version + 1, **reached)


@cache
def _units_of(tasks: ColumnElement[bool]) -> Executable:
    """The unit tasks of a group as letters name them."""
    return select(*_NAMED).join(UNIT, UNIT.c.id == TASK.c.unit_id).where(tasks).order_by(TASK.c.unit_id)


@dataclass(frozen=True)
class Walked:
    """What a walk came to: whether a page is still to do and after which task, the next moment, how many were told."""

    more: bool = False
    after: int = 0
    next_moment: datetime | None = None
    told: int = 0


@dataclass(frozen=True)
class _Group:
    """Unit tasks that the ladder cannot tell apart, or one page of them: a kept condition and its values."""

    row: Row[Any]
    tasks: ColumnElement[bool]
    values: dict[str, Any]
    whole: bool


@dataclass(frozen=True)
class _Late:
    """A unit task that reached a rung with a letter: its row, its deadline's version and day, the working days since."""

    task: Row[Any]
    version: int
    deadline: date
    days: int


_Reached = dict[tuple[str, Rung], list[_Late]]
"""By period and rung, over all groups: one circular names them all, however differently they stand."""


def walk(tx: Transaction, item: Row[Any], policy: Policy, after: int = 0) -> Walked:
    """Do what is due for the item's open unit tasks; the item is locked by the caller.

    `after` is where the page before ended: the next tasks are looked at alone as long as something is due among
    them, so that a round over many pages groups the whole item twice, not once a page.
    """
    ladder = ladder_from_json(item.ladder)
    told, moments, letters = 0, [], _Reached()
    following = _following(tx, item, ladder, after) if after else []
    rows = following or tx.run(_GROUPS, {"item_id": item.id}).all()
    for row in rows:
        reached = _reached(tx, ladder, row)
        levels: dict[str, Any] = {}
        if reached:
            group = _page(tx, item, row, after if following else 0)
            for one in reached:
                told += _do(tx, item, policy, group, one)
                for rung in filter(_writes, one.rungs):
                    letters.setdefault((row.period, rung), []).extend(_late(tx, group, rung))
                levels[_LEVEL[one.clock]] = one.level
            failpoint("ladder.mid_transaction")
            new = {f"new_{name}": level for name, level in levels.items()}
            tx.run(_climb(group.tasks, tuple(levels)), group.values | new)
            if not group.whole:
                _write(tx, item, policy, letters)
                return Walked(more=True, after=group.values["group_last"], told=told)
        then = clocks_of(row, **levels)
        moments += [next_moment(clock, ladder, tx.frame, tx.now) for clock in running_clocks(then)]
    _write(tx, item, policy, letters)
    if following:
        return Walked(more=True, after=after + PAGE, told=told)
    return Walked(next_moment=earliest(moments), told=told)


def _reached(tx: Transaction, ladder: Ladder, row: Row[Any]) -> list[Due]:
    return [d for c in running_clocks(clocks_of(row)) if (d := due(c, ladder, tx.frame, tx.now))]


def _following(tx: Transaction, item: Row[Any], ladder: Ladder, after: int) -> Sequence[Row[Any]]:
    """The groups among the next page of tasks, where something is due for one of them."""
    rows = tx.run(_NEXT_GROUPS, {"item_id": item.id, "after": after, "last": after + PAGE}).all()
    return rows if any(_reached(tx, ladder, row) for row in rows) else []


def _page(tx: Transaction, item: Row[Any], row: Row[Any], after: int) -> _Group:
    values = {f"group_{column.name}": getattr(row, column.name) for column in _SAME} | {"group_item": item.id}
    if after:
        return _Group(
            row, _NEXT_PAGE, values | {"group_after": after, "group_last": after + PAGE}, whole=True
        )
    if row.tasks <= PAGE:
        return _Group(row, _ALL, values, whole=True)
    last = tx.run(_LAST, values | {"group_before_last": PAGE - 1}).scalar_one()
    return _Group(row, _PAGE, values | {"group_last": last}, whole=False)


def _writes(rung: Rung) -> bool:
    return rung.action in _LETTERS


def _do(tx: Transaction, item: Row[Any], policy: Policy, group: _Group, one: Due) -> int:
    """Tell a group what it reached, but for letters: those are written for all groups together."""
    mail_at = mail_time(tx, policy.mail_hold_minutes)
    for rung in one.superseded:
        tell(tx, Telling(NoticeKind.SUPERSEDED, item.id, rung.name, rung.clock), group.tasks, group.values)
    told = 0
    for rung in one.rungs:
        if _writes(rung):
            told += min(group.row.tasks, PAGE)
        else:
            kind = NoticeKind.REMIND if rung.action is Action.REMIND else NoticeKind.TELL_SUPERIOR
            telling = Telling(kind, item.id, rung.name, rung.clock)
            told += tell(tx, telling, group.tasks, group.values, mail_at=mail_at)
    detail = {
        "rungs": [r.name for r in one.rungs],
        "superseded": [r.name for r in one.superseded],
        "unit_tasks": told,
    }
    tx.record("climb", f"item/{item.id}", period=group.row.period, clock=one.clock, **detail)
    return told


def _late(tx: Transaction, group: _Group, rung: Rung) -> list[_Late]:
    """The units that reached a rung that writes letters."""
    deadline = group.row.acknowledge_by if rung.clock is Clock.ACKNOWLEDGE else group.row.deadline
    day = last_day(deadline, tx.frame.tz)
    days = tx.frame.calendar.working_days_between(day, tx.today)
    version = group.row.deadline_version
    return [_Late(task, version, day, days) for task in tx.run(_units_of(group.tasks), group.values).all()]


def _write(tx: Transaction, item: Row[Any], policy: Policy, reached: _Reached) -> None:
    """Draft the letters of the rungs reached: one for each unit, or one circular that names all of them."""
    for (period, rung), late in reached.items():
        kind = _LETTERS[rung.action]
        late.sort(key=lambda one: one.task.unit_id)
        together = kind is LetterKind.RECTIFICATION_CIRCULAR
        for batch in [late] if together else [[one] for one in late]:
            first = batch[0]
            facts = _facts(tx, item, policy) | {
                "clock": rung.clock.value,
                "deadline": first.deadline.isoformat(),
                "days_late": first.days,
                "rectification": False,
                "units": [
                    {
                        "name": one.task.name,
                        "progress": one.task.progress,
                        "returned": one.task.returned_times,
                        "days_late": one.days,
                    }
                    for one in batch
                ],
            }
            key = f"{item.id}.{period}.{rung.name}.{first.version}.{first.task.code}"
            named = tuple((one.task.unit_id, one.task.id, None) for one in batch)
            draft = Draft(kind, item.directive_id, item.issuer_id, item.id, key, facts, named)
            letter = draft_letter(tx, draft, policy)
            telling = Telling(NoticeKind.LETTER, item.id, rung.name, rung.clock, letter_id=letter)
            tell(tx, telling, _THESE, {"these": [one.task.id for one in batch]})


def _facts(tx: Transaction, item: Row[Any], policy: Policy) -> dict[str, Any]:
    return {
        "directive": item.title,
        "position": item.position,
        "text": item.text if len(item.text) <= 120 else item.text[:120] + "……",
        "today": tx.today.isoformat(),
        "reply_days": policy.reply_days,
        "rectification_days": policy.rectification_days,
    }

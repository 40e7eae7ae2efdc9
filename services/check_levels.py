"""I4, I11: the level each task has reached is the one its notices say, and no owner sleeps past its next rung."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, func, select

from domain.ladder import CivilFrame, Clock, Ladder, Running, earliest, next_moment, running_clocks
from domain.unit_task import AT_WORK
from models.columns import table
from models.directive import Directive, DirectiveState, Item, ItemState
from models.paper import Notice, NoticeKind
from models.rectification import MENDING, Rectification
from models.unit_task import UnitTask
from services.check_ladder import ASKED_SINCE, item_ladders, rectification_ladders
from services.check_report import MOST, BrokenError, Look, named
from services.rectifications import running_clocks as rectification_clocks
from services.rows import clocks_of

NOTICE, TASK, ITEM, DIRECTIVE = table(Notice), table(UnitTask), table(Item), table(Directive)
_RECTIFICATION = table(Rectification)
_LEVELS = {Clock.ACKNOWLEDGE: TASK.c.acknowledge_level, Clock.COMPLETE: TASK.c.complete_level}
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
MISSED_BY = timedelta(seconds=120)
"""A rung later than this is missing; before, its owner may be at work."""
_SAME = (
    TASK.c.item_id, TASK.c.state, TASK.c.role, TASK.c.held, TASK.c.acknowledge_by, TASK.c.assigned_at, TASK.c.acknowledge_level,
    TASK.c.deadline, TASK.c.deadline_since, TASK.c.deadline_version, TASK.c.complete_level,
)  # fmt: skip


@dataclass(frozen=True)
class _Place:
    """The tasks of one item that have reached one level of one of its ladders (-1: none)."""

    item_id: int
    clock: Clock
    level: int


def check_levels(look: Look) -> None:
    """Counted first, item by item; tasks are named only where the counts differ."""
    ladders = item_ladders(look)
    look.count("unit_tasks", TASK)
    for clock, level in _LEVELS.items():
        said = _said_counts(look, clock)
        alike = (TASK.c.item_id, level.label("level"))
        for row in look.rows(select(*alike, func.count().label("tasks")).group_by(*alike)):
            place = _Place(row.item_id, clock, row.level)
            levels = ladders[row.item_id].levels(clock) if row.item_id in ladders else ()
            for number, rungs in enumerate(levels):
                for rung in rungs:
                    done, passed = said[place, rung.name]
                    if number == row.level and done != row.tasks:
                        _name(look, place, rung.name, missing=True)
                    if number > row.level and done + passed:
                        _name(look, place, rung.name, missing=False)


def _said_counts(look: Look, clock: Clock) -> defaultdict[tuple[_Place, str], list[int]]:
    """How many tasks of each place were told of each rung: done, and passed over by a higher one."""
    superseded = (NOTICE.c.kind == NoticeKind.SUPERSEDED).label("superseded")
    alike = (TASK.c.item_id, _LEVELS[clock].label("level"), NOTICE.c.rung, superseded)
    counted = select(*alike, func.count(TASK.c.id.distinct()).label("tasks"))
    said: defaultdict[tuple[_Place, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in look.rows(counted.select_from(TASK.join(NOTICE, _said(clock))).group_by(*alike)):
        said[_Place(row.item_id, clock, row.level), row.rung][bool(row.superseded)] += row.tasks
    return said


def _said(clock: Clock) -> Any:
    """The notices of that ladder that count for the task's level: of its deadline now, of its last acknowledging."""
    mine = and_(NOTICE.c.unit_task_id == TASK.c.id, NOTICE.c.clock == clock, NOTICE.c.rectification_id == 0)
    return (
        and_(mine, NOTICE.c.at > ASKED_SINCE)
        if clock is Clock.ACKNOWLEDGE
        else and_(mine, NOTICE.c.deadline_version == TASK.c.deadline_version)
    )


def _name(look: Look, place: _Place, rung: str, *, missing: bool) -> None:
    """The tasks that the counts spoke of."""
    said = select(NOTICE.c.id).where(_said(place.clock), NOTICE.c.rung == rung)
    of_place = (TASK.c.item_id == place.item_id, _LEVELS[place.clock] == place.level)
    tasks = select(named("unit_task", TASK.c.id)).where(*of_place).limit(MOST)
    if missing:
        says = BrokenError(
            "It has reached level %(level)s, but was not told of %(rung)s.", level=place.level, rung=rung
        )
        tasks = tasks.where(~said.where(NOTICE.c.kind != NoticeKind.SUPERSEDED).exists())
    else:
        says = BrokenError(
            "It was told of %(rung)s, but has only reached level %(level)s.", level=place.level, rung=rung
        )
        tasks = tasks.where(said.exists())
    for row in look.rows(tasks):
        look.find("I11", row.subject, says)


def check_moments(look: Look, frame: CivilFrame, now: datetime | None) -> None:
    """No owner waits for longer than until its next rung; with `now`, none that was due before is missing."""

    @cache
    def coming(ladder: Ladder, running: Running) -> datetime | None:
        return next_moment(running, ladder, frame, _LONG_AGO)

    firsts: dict[int, datetime | None] = {}
    ladders = item_ladders(look)
    for row in look.rows(_at_work()):
        moments = [coming(ladders[row.item_id], running) for running in running_clocks(clocks_of(row))]
        firsts[row.item_id] = earliest((firsts.get(row.item_id), *moments))
    for row in look.rows(_open_items()):
        _compare(look, row, firsts.get(row.id), now)
    of_directive = rectification_ladders(look)
    for row in look.rows(_open_rectifications()):
        ladder = of_directive[row.directive_id]
        _compare(look, row, earliest(coming(ladder, running) for running in rectification_clocks(row)), now)


def _compare(look: Look, row: Any, first: datetime | None, now: datetime | None) -> None:
    if first is None:
        return
    if row.next_moment is None or row.next_moment > first:
        look.find(
            "I4",
            row.subject,
            BrokenError("Its next rung is due at %(due)s, but it sleeps past that.", due=first.isoformat()),
        )
    if now is not None and first < now - MISSED_BY:
        look.find(
            "I6",
            row.subject,
            BrokenError("A rung was due at %(due)s and was not done.", due=first.isoformat()),
        )


def _at_work() -> Select[Any]:
    return select(*_SAME).where(TASK.c.state.in_(AT_WORK)).group_by(*_SAME)


def _open_items() -> Select[Any]:
    """Items that run and have seen their last poke; others will look again anyway."""
    return (
        select(named("item", ITEM.c.id), ITEM.c.id, ITEM.c.next_moment)
        .join(DIRECTIVE, DIRECTIVE.c.id == ITEM.c.directive_id)
        .where(
            DIRECTIVE.c.state == DirectiveState.PUBLISHED,
            ITEM.c.state == ItemState.OPEN,
            ITEM.c.clock_version == ITEM.c.seen_clock_version,
        )
    )


def _open_rectifications() -> Select[Any]:
    return (
        select(named("rectification", _RECTIFICATION.c.id), ITEM.c.directive_id, _RECTIFICATION)
        .join(ITEM, ITEM.c.id == _RECTIFICATION.c.item_id)
        .join(DIRECTIVE, DIRECTIVE.c.id == ITEM.c.directive_id)
        .where(
            DIRECTIVE.c.state == DirectiveState.PUBLISHED,
            _RECTIFICATION.c.state.in_(MENDING),
            _RECTIFICATION.c.clock_version == _RECTIFICATION.c.seen_clock_version,
        )
    )

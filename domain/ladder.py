"""The ladder: what a unit that is late meets, rung by rung (督办阶梯). Data, not code.

A rung names a clock, an offset in working days from that clock's deadline day, and an action. Its
*moment* is the ladder's hour (09:00 by default) of that working day. Rungs of one clock with the same
offset make one *level*: they are done together. After an outage, or when a hold ends, the highest level
due is done and the lower ones are recorded as superseded, so nobody gets a pile of old reminders.

A level is done once for each version of the deadline. Moments that lie before the version began (a
deadline set closer than the first reminder) are no part of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.instants import at, last_day
from domain.unit_task import AT_WORK, Role, State
from domain.workdays import Calendar


class Clock(StrEnum):
    """The clocks that can run on a task: to acknowledge, to complete, to answer a letter."""

    ACKNOWLEDGE = "acknowledge"
    COMPLETE = "complete"
    REPLY = "reply"


class Action(StrEnum):
    """What a rung does."""

    REMIND = "remind"
    TELL_SUPERIOR = "tell_superior"
    REMINDER_LETTER = "reminder_letter"
    SUPERVISION_LETTER = "supervision_letter"
    RECTIFICATION_CIRCULAR = "rectification_circular"


@dataclass(frozen=True)
class Rung:
    """One step. `offset` is in working days from the deadline day: -3 is three before, 1 the first after."""

    name: str
    clock: Clock
    offset: int
    action: Action


@dataclass(frozen=True)
class Ladder:
    """A policy: its rungs and the local hour at which they are done."""

    rungs: tuple[Rung, ...]
    hour: time = time(9)

    def levels(self, clock: Clock) -> tuple[tuple[Rung, ...], ...]:
        """The rungs of one clock by offset, lowest first; those of one offset together."""
        mine = [r for r in self.rungs if r.clock is clock]
        return tuple(tuple(r for r in mine if r.offset == o) for o in sorted({r.offset for r in mine}))


@dataclass(frozen=True)
class CivilFrame:
    """The civil frame in which moments are computed."""

    calendar: Calendar
    tz: ZoneInfo


@dataclass(frozen=True)
class Running:
    """One running clock: its deadline (24:00 local as an instant), since when this deadline holds, and
    the highest level already done for it (-1: none).
    """

    clock: Clock
    deadline: datetime
    since: datetime
    level: int = -1
    own: bool = False
    """Whether the deadline is one unit's own, moved after the task was handed out."""


@dataclass(frozen=True)
class Due:
    """What to do now for one clock: the rungs of the highest level due, and the levels it supersedes."""

    clock: Clock
    level: int
    rungs: tuple[Rung, ...]
    superseded: tuple[Rung, ...]


def moment(
    rung: Rung, deadline: datetime, ladder: Ladder, frame: CivilFrame, *, own: bool = False
) -> datetime:
    """The instant (UTC) at which `rung` is due for `deadline`; a unit's `own` deadline is watched by the week."""
    day = last_day(deadline, frame.tz)
    if own:
        target = _look_day(day, rung.offset, frame.calendar)
    elif rung.offset:
        target = frame.calendar.add_working_days(day, rung.offset)
    else:
        target = frame.calendar.on_or_before(day)
    return at(target, ladder.hour, frame.tz)


def _look_day(day: date, offset: int, calendar: Calendar) -> date:
    """The first working day of a week, as if the deadline were the last one of its own week.

    Reminders before the deadline come no later than they are due, all else no earlier: however many units have
    a deadline of their own, an item wakes up for them on one day a week (docs/decisions/0007).
    """
    end = calendar.on_or_before(_monday(day) + timedelta(days=6))
    target = calendar.add_working_days(end, offset)
    first = calendar.on_or_after(_monday(target))
    late = offset > 0 and first < target
    return calendar.on_or_after(_monday(target) + timedelta(days=7)) if late else first


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _moments(
    running: Running, ladder: Ladder, frame: CivilFrame
) -> list[tuple[int, tuple[Rung, ...], datetime]]:
    """The levels still to come or due, with their moments, those before the version began left out."""
    found = []
    for number, rungs in enumerate(ladder.levels(running.clock)):
        when = moment(rungs[0], running.deadline, ladder, frame, own=running.own)
        if number > running.level and when > running.since:
            found.append((number, rungs, when))
    return found


def due(running: Running, ladder: Ladder, frame: CivilFrame, now: datetime) -> Due | None:
    """What is due at `now`, or None."""
    reached = [(n, rungs) for n, rungs, when in _moments(running, ladder, frame) if when <= now]
    if not reached:
        return None
    number, rungs = reached[-1]
    lower = tuple(rung for _, lower_rungs in reached[:-1] for rung in lower_rungs)
    return Due(running.clock, number, rungs, lower)


def next_moment(running: Running, ladder: Ladder, frame: CivilFrame, now: datetime) -> datetime | None:
    """The first moment after `now`, or `now` itself when something is due already; None when the top is done."""
    coming = [when for _, _, when in _moments(running, ladder, frame)]
    return max(min(coming), now) if coming else None


@dataclass(frozen=True)
class TaskClocks:
    """What the ladder needs to know of a unit task."""

    state: State
    role: Role
    held: bool
    """An extension request waits for an answer."""
    acknowledge_by: datetime | None
    """None where no acknowledgement is asked (later periods of a recurring item)."""
    assigned_at: datetime
    acknowledge_level: int
    deadline: datetime
    deadline_since: datetime
    complete_level: int
    own_deadline: bool = False
    """The deadline was moved for this unit alone."""


def running_clocks(task: TaskClocks) -> tuple[Running, ...]:
    """The clocks that run now: none while a request, a dispute, a review or a suspension waits."""
    if task.held or task.state not in AT_WORK:
        return ()
    clocks = []
    if task.state is State.ASSIGNED and task.acknowledge_by is not None:
        clocks.append(
            Running(Clock.ACKNOWLEDGE, task.acknowledge_by, task.assigned_at, task.acknowledge_level)
        )
    if task.role is not Role.COOPERATING:
        since, level = task.deadline_since, task.complete_level
        clocks.append(Running(Clock.COMPLETE, task.deadline, since, level, task.own_deadline))
    return tuple(clocks)


def is_overdue(task: TaskClocks, now: datetime) -> bool:
    """Whether a clock that runs has passed its deadline (督办 counts what the unit still owes)."""
    return any(clock.deadline <= now for clock in running_clocks(task))


def earliest(moments: Iterable[datetime | None]) -> datetime | None:
    """The first of the moments, None counting as never."""
    return min((m for m in moments if m is not None), default=None)


STANDARD = Ladder(
    (
        Rung("acknowledge_overdue", Clock.ACKNOWLEDGE, 1, Action.REMIND),
        Rung("acknowledge_superior", Clock.ACKNOWLEDGE, 3, Action.TELL_SUPERIOR),
        Rung("acknowledge_reminder_letter", Clock.ACKNOWLEDGE, 5, Action.REMINDER_LETTER),
        Rung("due_in_ten", Clock.COMPLETE, -10, Action.REMIND),
        Rung("due_in_three", Clock.COMPLETE, -3, Action.REMIND),
        Rung("overdue", Clock.COMPLETE, 1, Action.REMIND),
        Rung("overdue_superior", Clock.COMPLETE, 1, Action.TELL_SUPERIOR),
        Rung("reminder_letter", Clock.COMPLETE, 5, Action.REMINDER_LETTER),
        Rung("supervision_letter", Clock.COMPLETE, 10, Action.SUPERVISION_LETTER),
        Rung("rectification_circular", Clock.COMPLETE, 20, Action.RECTIFICATION_CIRCULAR),
    )
)
"""The default for items done once: reminder letter, supervision letter, circular, as in PRACTICE (三单)."""

RECURRING = Ladder(
    (
        Rung("acknowledge_overdue", Clock.ACKNOWLEDGE, 1, Action.REMIND),
        Rung("due_in_three", Clock.COMPLETE, -3, Action.REMIND),
        Rung("overdue", Clock.COMPLETE, 1, Action.REMIND),
        Rung("reminder_letter", Clock.COMPLETE, 6, Action.REMINDER_LETTER),
    )
)
"""The default for monthly and quarterly rounds. The next period opens on the first working day after
this one's deadline, which is the moment of `overdue`: three moments a period, 36 in a monthly year."""

RECTIFICATION = Ladder(
    (
        Rung("reply_due_in_two", Clock.REPLY, -2, Action.REMIND),
        Rung("reply_overdue", Clock.REPLY, 1, Action.REMIND),
        Rung("reply_superior", Clock.REPLY, 1, Action.TELL_SUPERIOR),
        Rung("rectification_due_in_three", Clock.COMPLETE, -3, Action.REMIND),
        Rung("rectification_overdue", Clock.COMPLETE, 1, Action.REMIND),
        Rung("rectification_superior", Clock.COMPLETE, 1, Action.TELL_SUPERIOR),
        Rung("rectification_supervision_letter", Clock.COMPLETE, 10, Action.SUPERVISION_LETTER),
    )
)
"""The default for a rectification: first its plan in reply to the circular, then the mending itself."""

"""What a directive will bring about, reckoned before it is published: by the same rules that later do it.

Everything is foreseen as if no unit did anything: then every reminder and every letter comes. What a unit does in
time falls away, so this is the most that can happen.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum

from domain.instants import at, day_of, end_of
from domain.ladder import Action, CivilFrame, Clock, Ladder, Rung, Running, due, next_moment
from domain.periods import ONCE, Frequency, Period, periods
from domain.policy import Policy

MID_TERM_HOUR = time(9)


class Foresight(StrEnum):
    """What is foreseen: tasks are handed out, a clock ends, a rung is reached, the mid-term circular is drafted."""

    ASSIGN = "assign"
    ACKNOWLEDGE_BY = "acknowledge_by"
    COMPLETE_BY = "complete_by"
    RUNG = "rung"
    MID_TERM = "mid_term"


@dataclass(frozen=True)
class ItemPlan:
    """What of an item decides its dates: `reporting` units have a deadline to complete, `helping` ones none."""

    item: int
    frequency: Frequency
    due_day: int | None
    due_on: date | None
    reporting: int
    helping: int


@dataclass(frozen=True)
class Foreseen:
    """One thing that will happen: when, in which round of which item (0: the directive's own), to how many units."""

    at: datetime
    what: Foresight
    period: str
    units: int
    rung: Rung | None = None
    item: int = 0

    @property
    def letters(self) -> int:
        """A reminder or a supervision letter goes to each unit, one circular names all of them."""
        if self.rung is None:
            return int(self.what is Foresight.MID_TERM)
        if self.rung.action is Action.RECTIFICATION_CIRCULAR:
            return 1
        single = (Action.REMINDER_LETTER, Action.SUPERVISION_LETTER)
        return self.units if self.rung.action in single else 0

    @property
    def day_end(self) -> bool:
        """Whether it is a deadline, 24:00 of the day before its instant."""
        return self.what in (Foresight.ACKNOWLEDGE_BY, Foresight.COMPLETE_BY)


def rounds(plan: ItemPlan, starts_at: datetime, horizon: date, frame: CivilFrame) -> list[Period]:
    """All rounds of an item from the end of the hold on to the horizon of its directive."""
    start = day_of(starts_at, frame.tz)
    if plan.frequency is Frequency.ONCE:
        return [] if plan.due_on is None else [Period(ONCE, start, plan.due_on)]
    return list(periods(plan.frequency, plan.due_day, start, horizon, frame.calendar))


def foresee(
    plan: ItemPlan, policy: Policy, starts_at: datetime, horizon: date, frame: CivilFrame
) -> Iterator[Foreseen]:
    """Everything that will happen for an item published so that it begins at `starts_at`, round after round."""
    ladder = policy.ladder_for(plan.frequency)
    everybody = plan.reporting + plan.helping
    for number, period in enumerate(rounds(plan, starts_at, horizon, frame)):
        opens = at(period.opens, ladder.hour, frame.tz) if number else starts_at
        for_all = Foreseen(opens, Foresight.ASSIGN, period.name, everybody, item=plan.item)
        yield for_all
        if number == 0:
            today = day_of(opens, frame.tz)
            by = end_of(frame.calendar.add_working_days(today, policy.acknowledge_days), frame.tz)
            last = replace(for_all, at=by, what=Foresight.ACKNOWLEDGE_BY)
            yield last
            yield from _climb(last, Running(Clock.ACKNOWLEDGE, by, opens), ladder, frame)
        if plan.reporting:
            by = end_of(period.due, frame.tz)
            last = replace(for_all, at=by, what=Foresight.COMPLETE_BY, units=plan.reporting)
            yield last
            yield from _climb(last, Running(Clock.COMPLETE, by, opens), ladder, frame)


def mid_term(policy: Policy, starts_at: datetime, horizon: date, frame: CivilFrame) -> datetime | None:
    """When the mid-term circular is drafted: 09:00 of the first working day of the policy's month, in the horizon's year.

    None where the directive begins after it.
    """
    day = frame.calendar.on_or_after(date(horizon.year, policy.mid_term_month, 1))
    moment = at(day, MID_TERM_HOUR, frame.tz)
    return moment if moment > starts_at else None


def _climb(last: Foreseen, running: Running, ladder: Ladder, frame: CivilFrame) -> Iterator[Foreseen]:
    """The rungs of one clock, which ends with `last`, at their moments, if nobody stops it."""
    while (when := next_moment(running, ladder, frame, running.since)) is not None:
        reached = due(running, ladder, frame, when)
        assert reached is not None, "a moment that has come is due"
        for rung in reached.rungs:
            yield replace(last, at=when, what=Foresight.RUNG, rung=rung)
        running = replace(running, level=reached.level)

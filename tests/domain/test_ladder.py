"""The ladder: every level once, never early, in order, and nobody gets a pile of old reminders."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.instants import end_of
from domain.ladder import (
    RECTIFICATION,
    RECURRING,
    STANDARD,
    Action,
    CivilFrame,
    Clock,
    Due,
    Ladder,
    Rung,
    Running,
    TaskClocks,
    due,
    earliest,
    is_overdue,
    moment,
    next_moment,
    running_clocks,
)
from domain.unit_task import Role, State
from tests.domain.samples import OFFICE, SHANGHAI, frames, local, working_day

TICK = timedelta(microseconds=1)
DEADLINE = end_of(date(2026, 9, 30), SHANGHAI)  # the day before a week of holidays

rungs = st.builds(
    Rung, st.uuids().map(str), st.sampled_from(Clock), st.integers(-15, 25), st.sampled_from(Action)
)
ladders = st.builds(
    Ladder, st.lists(rungs, max_size=8).map(tuple), st.builds(time, st.integers(0, 23), st.just(30))
)
ladders |= st.sampled_from([STANDARD, RECURRING, RECTIFICATION])


@st.composite
def cases(draw: st.DrawFn) -> tuple[Running, Ladder, CivilFrame]:
    """A clock that runs on some ladder; its deadline was set at any time before it, or a little after."""
    frame, ladder = draw(frames), draw(ladders)
    deadline = end_of(draw(st.dates(date(2026, 1, 20), date(2027, 6, 30))), frame.tz)
    since = deadline - timedelta(minutes=draw(st.integers(-2000, 60 * 24 * 60)))
    return Running(draw(st.sampled_from(Clock)), deadline, since), ladder, frame


def plan(running: Running, ladder: Ladder, frame: CivilFrame) -> dict[int, datetime]:
    """When each level of the running clock is due, by counting days; what lay before the version is left out."""
    day = (running.deadline - TICK).astimezone(frame.tz).date()
    offsets = sorted({r.offset for r in ladder.rungs if r.clock is running.clock})
    days = [working_day(frame.calendar, day, offset) for offset in offsets]
    moments = [datetime.combine(d, ladder.hour, tzinfo=frame.tz) for d in days]
    return {level: when for level, when in enumerate(moments) if when > running.since}


def climb(running: Running, done: Due | None) -> Running:
    return replace(running, level=done.level) if done else running


@given(case=cases())
def test_walking_from_moment_to_moment_does_every_level_once_in_order_and_never_early(
    case: tuple[Running, Ladder, CivilFrame],
) -> None:
    running, ladder, frame = case
    walked: dict[int, datetime] = {}
    now = running.since
    while (when := next_moment(running, ladder, frame, now)) is not None:
        assert due(running, ladder, frame, when - TICK) is None
        one = due(running, ladder, frame, when)
        assert one is not None
        assert one.rungs == ladder.levels(running.clock)[one.level]
        assert one.level not in walked
        walked |= {one.level: when}
        running, now = climb(running, one), when

    expected = plan(case[0], ladder, frame)
    last_at = {
        when: level for level, when in expected.items()
    }  # of levels at one moment, the highest is done
    assert walked == {level: when for when, level in last_at.items()}
    assert list(walked) == sorted(walked)
    assert due(running, ladder, frame, now + timedelta(days=4000)) is None


@given(case=cases(), wakings=st.lists(st.integers(0, 60 * 24 * 120), max_size=8))
def test_after_an_outage_the_highest_level_is_done_and_just_the_lower_ones_are_superseded(
    case: tuple[Running, Ladder, CivilFrame], wakings: list[int]
) -> None:
    running, ladder, frame = case
    expected = plan(running, ladder, frame)
    levels = ladder.levels(running.clock)
    told: set[int] = set()
    for minutes in [*sorted(wakings), 60 * 24 * 4000]:
        now = running.since + timedelta(minutes=minutes)
        reached = {level for level, when in expected.items() if when <= now} - told
        one = due(running, ladder, frame, now)

        assert (one is not None) is bool(reached)
        if one:
            assert one.clock is running.clock
            assert one.level == max(reached)
            assert one.rungs == levels[one.level]
            lower = sorted(reached - {one.level})
            assert one.superseded == tuple(rung for level in lower for rung in levels[level])
        told |= reached
        running = climb(running, one)

    assert told == set(expected)


@given(case=cases(), level=st.integers(-1, 6), minutes=st.integers(-60 * 24 * 60, 60 * 24 * 120))
def test_the_next_moment_is_never_past_and_is_now_just_when_something_is_due(
    case: tuple[Running, Ladder, CivilFrame], level: int, minutes: int
) -> None:
    running, ladder, frame = replace(case[0], level=level), case[1], case[2]
    now = running.deadline + timedelta(minutes=minutes)
    when = next_moment(running, ladder, frame, now)
    left = [at for number, at in plan(running, ladder, frame).items() if number > level]

    assert when == (max(min(left), now) if left else None)
    assert (due(running, ladder, frame, now) is not None) is (when == now)


@given(ladder=ladders, clock=st.sampled_from(Clock))
def test_a_level_holds_the_rungs_of_one_clock_and_one_offset_and_no_rung_is_lost(
    ladder: Ladder, clock: Clock
) -> None:
    levels = ladder.levels(clock)
    offsets = [{rung.offset for rung in level} for level in levels]

    assert all(len(group) == 1 for group in offsets)
    assert [min(group) for group in offsets] == sorted({r.offset for r in ladder.rungs if r.clock is clock})
    assert sorted(r.name for level in levels for r in level) == sorted(
        r.name for r in ladder.rungs if r.clock is clock
    )


# Counted by hand in the calendar of 2026: 1 to 7 October are off, Saturday 10 October works, and so did
# Sunday 20 September; 25 to 27 September were off.
STANDARD_MOMENTS = {
    "due_in_ten": date(2026, 9, 16),
    "due_in_three": date(2026, 9, 24),
    "overdue": date(2026, 10, 8),
    "overdue_superior": date(2026, 10, 8),
    "reminder_letter": date(2026, 10, 13),
    "supervision_letter": date(2026, 10, 20),
    "rectification_circular": date(2026, 11, 3),
}


def test_a_task_due_on_30_september_2026_meets_the_standard_ladder_on_these_days() -> None:
    found = {
        rung.name: moment(rung, DEADLINE, STANDARD, OFFICE)
        for rung in STANDARD.rungs
        if rung.clock is Clock.COMPLETE
    }

    assert found == {name: local(day) for name, day in STANDARD_MOMENTS.items()}


# For a deadline on Friday 17 July 2026, in weeks without a holiday: the days of July.
DAYS_OF_JULY = [
    (STANDARD, Clock.ACKNOWLEDGE, [20, 22, 24]),
    (RECURRING, Clock.ACKNOWLEDGE, [20]),
    (RECURRING, Clock.COMPLETE, [14, 20, 27]),
    (RECTIFICATION, Clock.REPLY, [15, 20]),
    (RECTIFICATION, Clock.COMPLETE, [14, 20, 31]),
]


@pytest.mark.parametrize(("ladder", "clock", "days"), DAYS_OF_JULY)
def test_the_default_ladders_are_climbed_on_these_days(ladder: Ladder, clock: Clock, days: list[int]) -> None:
    deadline = end_of(date(2026, 7, 17), SHANGHAI)
    found = [{moment(rung, deadline, ladder, OFFICE) for rung in level} for level in ladder.levels(clock)]

    assert found == [{local(date(2026, 7, day))} for day in days]


def test_the_default_ladders_know_no_other_clock() -> None:
    assert not STANDARD.levels(Clock.REPLY)
    assert not RECURRING.levels(Clock.REPLY)
    assert not RECTIFICATION.levels(Clock.ACKNOWLEDGE)


@pytest.mark.parametrize(
    ("day", "at_work"), [(date(2026, 9, 30), date(2026, 9, 30)), (date(2026, 10, 4), date(2026, 9, 30))]
)
def test_a_rung_on_the_deadline_day_moves_back_from_a_holiday(day: date, at_work: date) -> None:
    ladder = Ladder((Rung("today", Clock.COMPLETE, 0, Action.REMIND),), time(16, 30))

    assert moment(ladder.rungs[0], end_of(day, SHANGHAI), ladder, OFFICE) == local(at_work, 16, 30)


def test_after_an_outage_of_a_month_the_letter_is_written_and_three_lower_rungs_are_superseded() -> None:
    running = Running(Clock.COMPLETE, DEADLINE, local(date(2026, 9, 20)), level=0)
    one = due(running, STANDARD, OFFICE, local(date(2026, 10, 21)))

    assert one is not None
    assert [rung.name for rung in one.rungs] == ["supervision_letter"]
    lower = ["due_in_three", "overdue", "overdue_superior", "reminder_letter"]
    assert [rung.name for rung in one.superseded] == lower


def test_a_deadline_set_closer_than_a_reminder_knows_nothing_of_that_reminder() -> None:
    set_late = Running(Clock.COMPLETE, DEADLINE, local(date(2026, 9, 24)))
    a_moment_before = replace(set_late, since=local(date(2026, 9, 24)) - TICK)

    assert next_moment(set_late, STANDARD, OFFICE, set_late.since) == local(date(2026, 10, 8))
    assert next_moment(a_moment_before, STANDARD, OFFICE, set_late.since) == local(date(2026, 9, 24))


def task(state: State, role: Role = Role.HANDLING, *, held: bool = False) -> TaskClocks:
    start = local(date(2026, 9, 1))
    acknowledge_by = end_of(date(2026, 9, 4), SHANGHAI)
    return TaskClocks(state, role, held, acknowledge_by, start, 1, DEADLINE, start, 2)


ACKNOWLEDGE = Running(Clock.ACKNOWLEDGE, end_of(date(2026, 9, 4), SHANGHAI), local(date(2026, 9, 1)), 1)
COMPLETE = Running(Clock.COMPLETE, DEADLINE, local(date(2026, 9, 1)), 2)
RUNNING = {
    State.ASSIGNED: (ACKNOWLEDGE, COMPLETE),
    State.ACKNOWLEDGED: (COMPLETE,),
    State.RETURNED: (COMPLETE,),
}


@pytest.mark.parametrize("state", State)
def test_a_clock_runs_only_while_the_unit_has_the_next_move(state: State) -> None:
    expected = RUNNING.get(state, ())

    assert running_clocks(task(state)) == expected
    assert running_clocks(task(state, Role.LEAD)) == expected
    assert running_clocks(task(state, held=True)) == ()


@pytest.mark.parametrize("state", State)
def test_a_cooperating_unit_is_asked_to_acknowledge_and_never_to_complete(state: State) -> None:
    clocks = running_clocks(task(state, Role.COOPERATING))

    assert clocks == ((ACKNOWLEDGE,) if state is State.ASSIGNED else ())


def test_a_later_period_asks_for_no_acknowledgement() -> None:
    assert running_clocks(replace(task(State.ASSIGNED), acknowledge_by=None)) == (COMPLETE,)


def test_a_task_is_overdue_from_24_oclock_on_unless_its_clock_is_stopped() -> None:
    at_work = task(State.ACKNOWLEDGED)

    assert not is_overdue(at_work, DEADLINE - TICK)
    assert is_overdue(at_work, DEADLINE)
    assert not is_overdue(task(State.SUBMITTED), DEADLINE)
    assert not is_overdue(task(State.ACKNOWLEDGED, held=True), DEADLINE)
    assert is_overdue(task(State.ASSIGNED), local(date(2026, 9, 5), 0))  # not acknowledged in time


def test_the_earliest_of_moments_passes_over_never() -> None:
    early, late = local(date(2026, 9, 1)), local(date(2026, 9, 2))

    assert earliest([late, None, early]) == early
    assert earliest([None]) is None
    assert earliest([]) is None


@pytest.mark.parametrize("day", [13, 14, 15, 16, 17])
def test_the_deadlines_that_single_units_have_in_one_week_are_watched_on_the_same_mondays(day: int) -> None:
    deadline = end_of(date(2026, 7, day), SHANGHAI)
    found = [
        {moment(rung, deadline, STANDARD, OFFICE, own=True) for rung in level}
        for level in STANDARD.levels(Clock.COMPLETE)
    ]

    mondays = [date(2026, 6, 29), date(2026, 7, 13), date(2026, 7, 20), date(2026, 7, 27), date(2026, 8, 3)]
    assert found == [{local(monday)} for monday in [*mondays, date(2026, 8, 17)]]


@given(frames, st.dates(date(2026, 1, 20), date(2027, 6, 30)), st.integers(-15, 25))
def test_a_week_watches_an_own_deadline_no_reminder_later_and_nothing_else_earlier(
    frame: CivilFrame, day: date, offset: int
) -> None:
    ladder = Ladder((Rung("one", Clock.COMPLETE, offset, Action.REMIND),))
    deadline = end_of(day, frame.tz)
    look = moment(ladder.rungs[0], deadline, ladder, frame, own=True)
    end_of_week = frame.calendar.on_or_before(day + timedelta(days=6 - day.weekday()))
    exact = moment(ladder.rungs[0], end_of(end_of_week, frame.tz), ladder, frame)

    assert look >= exact if offset > 0 else look <= exact
    weeks = {look.astimezone(frame.tz).date() - timedelta(days=n) for n in range(1, 7)}
    same_week = {
        d for d in weeks if d.isocalendar()[:2] == look.astimezone(frame.tz).date().isocalendar()[:2]
    }
    assert not any(frame.calendar.is_working_day(d) for d in same_week)

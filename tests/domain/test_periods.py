"""The rounds of a recurring item, found again by looking at every day of the calendar."""

from datetime import date, datetime, time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.instants import at, day_of, end_of
from domain.ladder import RECURRING, STANDARD, Clock, Ladder, moment
from domain.periods import Frequency, Period, periods
from domain.workdays import Calendar
from tests.domain.samples import OFFICE, ONE_DAY, SHANGHAI, calendars, dates, real_calendar, working_day

MONTHS = {
    Frequency.MONTHLY: 1,
    Frequency.QUARTERLY: 3,
    Frequency.HALF_YEARLY: 6,
    Frequency.YEARLY: 12,
    Frequency.ONGOING: 12,
}
due_days = st.none() | st.integers(1, 366)
NEW_YEAR, LAST_OF_2026 = date(2026, 1, 1), date(2026, 12, 31)


def of_2026(frequency: Frequency, day: int | None, start: date = NEW_YEAR) -> list[Period]:
    return list(periods(frequency, day, start, LAST_OF_2026, real_calendar()))


def _after(first: date, months: int) -> date:
    """The first day of the round after the one that begins on `first`."""
    month = first.month + months
    return date(first.year + (month > 12), month - 12 * (month > 12), 1)


def is_due(day: date, wanted: int | None, months: int, calendar: Calendar) -> bool:
    """Whether a round ends on `day`, asked of one day without any reckoning."""
    if months == 12 and wanted is None:
        rest = (date(day.year, 12, 31) - day).days
        later = (day + n * ONE_DAY for n in range(1, rest + 1))
        return calendar.is_working_day(day) and not any(calendar.is_working_day(d) for d in later)
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    round_days = [d for n in range(367) if (d := first + n * ONE_DAY) < _after(first, months)]
    return day == round_days[min(wanted or 366, len(round_days)) - 1]


@given(
    calendar=calendars,
    frequency=st.sampled_from(sorted(MONTHS)),
    day=due_days,
    start=dates,
    length=st.integers(-10, 1000),
)
def test_a_round_ends_on_every_due_day_after_the_start_up_to_the_horizon_and_on_no_other(
    calendar: Calendar, frequency: Frequency, day: int | None, start: date, length: int
) -> None:
    found = list(periods(frequency, day, start, start + length * ONE_DAY, calendar))
    months = MONTHS[frequency]
    following = (start + n * ONE_DAY for n in range(1, length + 1))

    assert [p.due for p in found] == [d for d in following if is_due(d, day, months, calendar)]
    assert [p.opens for p in found[:1]] == [start][: len(found)]
    for one, after in pairwise(found):
        assert after.opens == working_day(calendar, one.due, 1), "the next opens on the first working day"
    assert len({p.name for p in found}) == len(found)


@pytest.mark.parametrize(
    ("frequency", "names"),
    [
        (Frequency.MONTHLY, [f"2026-{month:02d}" for month in range(1, 13)]),
        (Frequency.QUARTERLY, ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]),
        (Frequency.HALF_YEARLY, ["2026-H1", "2026-H2"]),
        (Frequency.YEARLY, ["2026"]),
        (Frequency.ONGOING, ["2026"]),
    ],
)
@pytest.mark.parametrize("day", [None, 25])
def test_a_year_has_its_rounds_by_name(frequency: Frequency, names: list[str], day: int | None) -> None:
    rounds = of_2026(frequency, day)

    assert [p.name for p in rounds] == names
    assert all(p.opens < p.due for p in rounds)


@pytest.mark.parametrize("day", [None, 31])
def test_a_day_that_a_month_does_not_have_is_its_last(day: int | None) -> None:
    ends = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

    assert [p.due.day for p in of_2026(Frequency.MONTHLY, day)] == ends
    leap = periods(Frequency.MONTHLY, 30, date(2028, 2, 1), date(2028, 2, 29), Calendar())
    assert [p.due for p in leap] == [date(2028, 2, 29)]


def test_a_round_that_is_over_or_due_today_is_left_to_the_next() -> None:
    first = [of_2026(Frequency.MONTHLY, 25, date(2026, 3, day))[0].name for day in (24, 25, 26)]

    assert first == ["2026-03", "2026-04", "2026-04"]


def test_the_slice_of_a_year_ends_on_its_last_working_day() -> None:
    ongoing = list(periods(Frequency.ONGOING, None, NEW_YEAR, date(2028, 12, 31), real_calendar()))

    assert [p.due for p in ongoing] == [date(2026, 12, 31), date(2027, 12, 31), date(2028, 12, 29)]
    assert [p.opens for p in ongoing] == [NEW_YEAR, date(2027, 1, 1), date(2028, 1, 3)]


def test_nothing_comes_round_after_the_horizon() -> None:
    assert of_2026(Frequency.QUARTERLY, None, LAST_OF_2026) == []
    assert list(periods(Frequency.MONTHLY, 25, date(2026, 3, 1), date(2026, 3, 24), real_calendar())) == []


@given(
    day=due_days,
    start=st.dates(NEW_YEAR, date(2026, 10, 31)),
    ladder=st.builds(
        Ladder, st.sampled_from([STANDARD.rungs, RECURRING.rungs]), st.times().map(lambda t: time(t.hour))
    ),
)
def test_a_round_opens_at_the_very_moment_at_which_the_one_before_is_overdue(
    day: int | None, start: date, ladder: Ladder
) -> None:
    overdue = next(rung for rung in ladder.rungs if rung.name == "overdue")
    for one, after in pairwise(of_2026(Frequency.MONTHLY, day, start)):
        opening = at(after.opens, ladder.hour, SHANGHAI)

        assert opening == moment(overdue, end_of(one.due, SHANGHAI), ladder, OFFICE)


def moments_of(rounds: list[Period]) -> set[datetime]:
    """When an item wakes for its rounds: rungs of the complete clock and openings, the publication aside."""
    rungs = [rung for rung in RECURRING.rungs if rung.clock is Clock.COMPLETE]
    ladder = {moment(rung, end_of(p.due, SHANGHAI), RECURRING, OFFICE) for p in rounds for rung in rungs}
    return ladder | {at(p.opens, RECURRING.hour, SHANGHAI) for p in rounds[1:]}


@pytest.mark.parametrize("day", [None, *range(1, 32)])
def test_a_monthly_item_wakes_three_times_a_round_and_at_most_36_times_a_year(day: int | None) -> None:
    for start in (date(2026, month, 1) for month in range(1, 13)):
        rounds = of_2026(Frequency.MONTHLY, day, start)

        assert len(moments_of(rounds)) == 3 * len(rounds) <= 36


@pytest.mark.parametrize("day", [None, *range(1, 32)])
def test_an_item_that_runs_for_years_wakes_at_most_36_times_in_the_calendar_year_2026(
    day: int | None,
) -> None:
    rounds = list(periods(Frequency.MONTHLY, day, date(2025, 1, 1), date(2027, 12, 31), real_calendar()))
    in_2026 = [when for when in moments_of(rounds) if day_of(when, SHANGHAI).year == 2026]

    assert 33 <= len(in_2026) <= 36


def test_a_day_counts_from_the_first_of_the_round_however_long_that_is() -> None:
    """每季度首月10日前 is the 10th of January, April, July and October; 每年6月底前 the 181st day of 2026."""
    quarters = [p.due for p in of_2026(Frequency.QUARTERLY, 10)]
    year = [p.due for p in of_2026(Frequency.YEARLY, 181)]

    assert quarters == [date(2026, month, 10) for month in (1, 4, 7, 10)]
    assert year == [date(2026, 6, 30)]

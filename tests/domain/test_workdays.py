"""Working days: the facts of 2026, and what must hold for any calendar at all."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInputError
from domain.workdays import MOST_DAYS, Calendar

ONE_DAY = timedelta(days=1)
YEAR_2026 = Calendar(
    days={
        date(2026, 2, 14): False,
        **{date(2026, 2, 15) + n * ONE_DAY: True for n in range(9)},
        date(2026, 2, 28): False,
        date(2026, 9, 20): False,
        **{date(2026, 10, 1) + n * ONE_DAY: True for n in range(7)},
        date(2026, 10, 10): False,
    },
    certain_until=date(2026, 12, 31),
)

dates = st.dates(min_value=date(2025, 1, 1), max_value=date(2028, 12, 31))
# At most thirty exceptions within the years looked at: a calendar without any working day is none.
calendars = st.builds(Calendar, days=st.dictionaries(dates, st.booleans(), max_size=30), certain_until=dates)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 13), True),  # a Friday like any other
        (date(2026, 2, 14), True),  # a Saturday made a working day
        (date(2026, 2, 15), False),
        (date(2026, 2, 16), False),  # a Monday of the spring festival
        (date(2026, 2, 23), False),
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),
        (date(2026, 3, 1), False),  # a Sunday like any other
        (date(2026, 9, 20), True),
        (date(2026, 10, 7), False),
        (date(2026, 10, 10), True),
    ],
)
def test_the_notice_of_2026_decides_over_the_weekday(day: date, works: bool) -> None:
    assert YEAR_2026.is_working_day(day) is works


def test_twenty_working_days_from_5_january_2026_end_on_2_february() -> None:
    assert YEAR_2026.add_working_days(date(2026, 1, 5), 20) == date(2026, 2, 2)


def test_counting_across_the_spring_festival_skips_nine_days_and_takes_the_saturdays() -> None:
    assert YEAR_2026.add_working_days(date(2026, 2, 13), 1) == date(2026, 2, 14)
    assert YEAR_2026.add_working_days(date(2026, 2, 13), 2) == date(2026, 2, 24)
    assert YEAR_2026.working_days_between(date(2026, 2, 13), date(2026, 2, 28)) == 6


def test_a_day_off_moves_to_the_nearest_working_day_in_the_direction_asked() -> None:
    assert YEAR_2026.on_or_after(date(2026, 2, 18)) == date(2026, 2, 24)
    assert YEAR_2026.on_or_before(date(2026, 2, 18)) == date(2026, 2, 14)


def test_a_day_is_certain_up_to_the_last_day_of_the_notice() -> None:
    assert YEAR_2026.is_certain(date(2026, 12, 31))
    assert not YEAR_2026.is_certain(date(2027, 1, 1))


def test_without_rows_monday_to_friday_work_and_nothing_is_certain() -> None:
    monday = date(2027, 3, 1)
    week = [Calendar().is_working_day(monday + n * ONE_DAY) for n in range(7)]

    assert week == [True] * 5 + [False] * 2
    assert not Calendar().is_certain(monday)


@pytest.mark.parametrize("count", [MOST_DAYS + 1, -MOST_DAYS - 1])
def test_a_count_beyond_ten_years_is_refused(count: int) -> None:
    with pytest.raises(InvalidInputError, match=str(count)):
        Calendar().add_working_days(date(2026, 1, 5), count)


@given(calendar=calendars, day=dates, count=st.integers(-300, 300))
def test_between_is_the_inverse_of_add(calendar: Calendar, day: date, count: int) -> None:
    end = calendar.add_working_days(day, count)

    if count >= 0:
        assert calendar.working_days_between(day, end) == count
    else:  # backwards the day reached is counted, the day started from is not
        started_at_work = calendar.is_working_day(day)
        assert calendar.working_days_between(end, day) == -count - 1 + started_at_work


@given(calendar=calendars, day=dates, count=st.integers(-300, 300))
def test_what_is_reached_is_a_working_day_on_the_right_side(
    calendar: Calendar, day: date, count: int
) -> None:
    end = calendar.add_working_days(day, count)

    if count == 0:
        assert end == day
    else:
        assert calendar.is_working_day(end)
        assert (end > day) is (count > 0)


@given(calendar=calendars, day=dates, later=st.integers(0, 400), count=st.integers(-100, 100))
def test_a_later_start_never_ends_earlier(calendar: Calendar, day: date, later: int, count: int) -> None:
    first = calendar.add_working_days(day, count)
    second = calendar.add_working_days(day + later * ONE_DAY, count)

    assert first <= second


@given(calendar=calendars, day=dates, count=st.integers(-100, 100))
def test_one_more_working_day_ends_strictly_later(calendar: Calendar, day: date, count: int) -> None:
    start = calendar.on_or_after(day)

    assert calendar.add_working_days(start, count) < calendar.add_working_days(start, count + 1)


@given(calendar=calendars, first=dates, second=dates)
def test_between_changes_its_sign_with_the_direction(calendar: Calendar, first: date, second: date) -> None:
    forth = calendar.working_days_between(first, second)

    assert forth == -calendar.working_days_between(second, first)
    assert abs(forth) <= abs((second - first).days)


@given(calendar=calendars, days=st.tuples(dates, dates, dates))
def test_between_adds_up_over_a_day_in_the_middle(calendar: Calendar, days: tuple[date, date, date]) -> None:
    start, middle, end = sorted(days)
    parts = calendar.working_days_between(start, middle) + calendar.working_days_between(middle, end)

    assert parts == calendar.working_days_between(start, end)


@given(calendar=calendars, day=dates)
def test_the_nearest_working_days_enclose_the_day(calendar: Calendar, day: date) -> None:
    before, after = calendar.on_or_before(day), calendar.on_or_after(day)

    assert before <= day <= after
    assert calendar.is_working_day(before)
    assert calendar.is_working_day(after)
    assert (before == day) is (after == day) is calendar.is_working_day(day)

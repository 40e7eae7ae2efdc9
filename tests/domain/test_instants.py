"""Civil dates and instants: a deadline ends at 24:00 of its day, whatever a zone does to its clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from domain.errors import InvalidInputError
from domain.instants import FIRST_YEAR, LAST_YEAR, at, day_of, end_of, last_day, zone
from tests.domain.samples import SHANGHAI, zones

MICROSECOND = timedelta(microseconds=1)
days = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))


def is_lived(day: date, tz: ZoneInfo) -> bool:
    """Whether the zone had that day at all: Samoa went from 29 to 31 December 2011."""
    noon = datetime.combine(day, time(12), tzinfo=tz).astimezone(UTC)
    return noon.astimezone(tz).date() == day


def test_the_last_minute_of_a_day_in_shanghai_is_still_before_its_deadline() -> None:
    deadline = end_of(date(2026, 3, 31), SHANGHAI)

    assert deadline == datetime(2026, 3, 31, 16, tzinfo=UTC)
    assert deadline.tzinfo is UTC
    assert at(date(2026, 3, 31), time(23, 59), SHANGHAI) < deadline


def test_24_oclock_belongs_to_the_day_it_ends_and_any_later_instant_to_the_next() -> None:
    deadline = end_of(date(2026, 3, 31), SHANGHAI)

    assert last_day(deadline, SHANGHAI) == date(2026, 3, 31)
    assert day_of(deadline, SHANGHAI) == date(2026, 4, 1)
    assert last_day(deadline + MICROSECOND, SHANGHAI) == date(2026, 4, 1)


@given(day=days, tz=zones)
@example(date(2025, 4, 24), ZoneInfo("Africa/Cairo"))  # no midnight: 24:00 is 01:00 of the next day
@example(date(2026, 9, 5), ZoneInfo("America/Santiago"))  # the same on the other side of the world
@example(date(2026, 10, 31), ZoneInfo("America/Havana"))  # two midnights, an hour apart
@example(date(2010, 11, 6), ZoneInfo("America/St_Johns"))  # midnight twice, a minute past it once
@example(date(2010, 3, 4), ZoneInfo("Antarctica/Casey"))  # three hours lived twice around midnight
@example(date(2026, 3, 28), ZoneInfo("America/Nuuk"))  # the hour before midnight is left out
@example(date(2011, 12, 29), ZoneInfo("Pacific/Apia"))  # the next day is left out
@example(date(LAST_YEAR, 12, 31), ZoneInfo("Pacific/Kiritimati"))
def test_a_deadline_belongs_to_the_day_it_ends_in_every_zone(day: date, tz: ZoneInfo) -> None:
    assume(is_lived(day, tz))
    deadline = end_of(day, tz)

    assert last_day(deadline, tz) == day
    assert day_of(deadline, tz) > day
    assert day_of(deadline - MICROSECOND, tz) == day


@given(day=days, tz=zones)
def test_a_later_day_never_ends_earlier(day: date, tz: ZoneInfo) -> None:
    assume(day < date(LAST_YEAR, 12, 31))

    assert end_of(day, tz) <= end_of(day + timedelta(days=1), tz)


def test_a_day_that_a_zone_left_out_ends_with_the_day_before_it() -> None:
    apia = ZoneInfo("Pacific/Apia")

    assert end_of(date(2011, 12, 30), apia) == end_of(date(2011, 12, 29), apia)


def test_half_an_hour_past_midnight_in_shanghai_the_new_year_has_begun() -> None:
    instant = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)

    assert day_of(instant, SHANGHAI) == date(2027, 1, 1)
    assert day_of(instant, ZoneInfo("UTC")) == date(2026, 12, 31)
    assert day_of(instant - timedelta(minutes=31), SHANGHAI).year == 2026


@given(day=days, hour=st.times())
def test_the_civil_time_is_found_again_on_the_clock_of_shanghai(day: date, hour: time) -> None:
    assume(day.year > 1991)  # the last year of summer time there
    instant = at(day, hour, SHANGHAI)

    assert instant.tzinfo is UTC
    assert instant == datetime.combine(day, hour, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize("day", [date(1989, 12, 31), date(2191, 1, 1), date.max, date.min])
def test_a_deadline_no_office_can_have_is_refused_by_name(day: date) -> None:
    with pytest.raises(InvalidInputError, match=day.isoformat()):
        end_of(day, SHANGHAI)


def test_offices_keep_dates_of_two_centuries() -> None:
    assert end_of(date(1990, 1, 1), ZoneInfo("UTC")) == datetime(1990, 1, 2, tzinfo=UTC)
    assert end_of(date(2190, 12, 31), ZoneInfo("UTC")) == datetime(2191, 1, 1, tzinfo=UTC)


def test_a_zone_is_found_by_its_name() -> None:
    assert zone("Asia/Shanghai") == SHANGHAI


@pytest.mark.parametrize(
    "name", ["Asia/Peking_Road", "", "Asia", "../Asia/Shanghai", "/etc/passwd", "a\0b", "\ud800", "x" * 5000]
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="no time zone"):
        zone(name)

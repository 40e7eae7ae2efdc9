"""Between civil dates and instants: a date deadline ends at 24:00 local, the ladder has its hour.

The zone of the site decides (Asia/Shanghai by default), also for the year an act belongs to.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.errors import InvalidInputError

FIRST_YEAR, LAST_YEAR = 1990, 2190
"""No office has a deadline outside these; the bounds keep arithmetic away from the ends of `date`."""


def zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name. Raises InvalidInputError for an unknown one."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise InvalidInputError("There is no time zone %(name)s.", name=name) from error


def at(day: date, hour: time, tz: ZoneInfo) -> datetime:
    """The instant (UTC) of the civil `day` and `hour` in `tz`."""
    return datetime.combine(day, hour, tzinfo=tz).astimezone(UTC)


def end_of(day: date, tz: ZoneInfo) -> datetime:
    """24:00 of `day` in `tz`, as an instant in UTC."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidInputError("%(day)s is no date this office can keep.", day=day.isoformat())
    return at(day + timedelta(days=1), time(0), tz)


def day_of(instant: datetime, tz: ZoneInfo) -> date:
    """The civil date of an instant in `tz`."""
    return instant.astimezone(tz).date()


def last_day(deadline: datetime, tz: ZoneInfo) -> date:
    """The civil date on which `deadline` falls; 24:00 belongs to the day it ends."""
    return day_of(deadline - timedelta(microseconds=1), tz)

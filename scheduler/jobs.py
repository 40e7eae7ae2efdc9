"""The wall-clock jobs of the office, in one table, and which of their periods have come.

A job does nothing but insert its run and an outbox row; `calendar_run` is its memory, so that a machine
that was off catches up: the missed periods of a job are run in order, once each.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from domain.instants import at, day_of
from domain.ladder import CivilFrame
from domain.workdays import Calendar

MOST_CAUGHT_UP = 400
"""Days looked back at the most: an office that was off for longer starts afresh, and says so in an incident."""


@dataclass(frozen=True)
class Job:
    """A rhythm: its name, its local hour, and the name of the period that a day begins (None: no period)."""

    name: str
    hour: time
    period_of: Callable[[date, Calendar], str | None]


def _working_day(day: date, calendar: Calendar) -> str | None:
    return day.isoformat() if calendar.is_working_day(day) else None


def _first_of_week(day: date, calendar: Calendar) -> str | None:
    monday = day - timedelta(days=day.weekday())
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}" if day == calendar.on_or_after(monday) else None


def _first_of_month(day: date, calendar: Calendar) -> str | None:
    return f"{day:%Y-%m}" if day == calendar.on_or_after(day.replace(day=1)) else None


JOBS = (
    Job("morning_digest", time(8), _working_day),
    Job("weekly_brief", time(8), _first_of_week),
    Job("monthly_circular", time(8), _first_of_month),
)


def moments(job: Job, after: datetime, until: datetime, frame: CivilFrame) -> Iterator[tuple[datetime, str]]:
    """The periods of `job` that begin after `after` and not after `until`, in order, with their instants."""
    day = day_of(after, frame.tz)
    last = day_of(until, frame.tz)
    day = max(day, last - timedelta(days=MOST_CAUGHT_UP))
    while day <= last:
        instant = at(day, job.hour, frame.tz)
        name = job.period_of(day, frame.calendar)
        if name and after < instant <= until:
            yield instant, name
        day += timedelta(days=1)


def next_moment(after: datetime, frame: CivilFrame) -> datetime:
    """The first instant after `after` at which any job has a period."""
    ahead = after + timedelta(days=40)  # longer than any holiday, and than a month
    return min(next(moments(job, after, ahead, frame))[0] for job in JOBS)

"""When a unit may ask for more time, and what may be granted.

Source: the request must be filed before the date, with a reason and a definite new date; the answer
states a definite date (practice collected from published supervision rules).
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from domain.errors import RefusedError
from domain.instants import day_of, last_day
from domain.workdays import Calendar


@dataclass(frozen=True)
class ExtensionRule:
    """How often, and by how many working days in all counted from the original deadline."""

    most_times: int = 2
    most_working_days: int = 40


@dataclass(frozen=True)
class Asked:
    """A request as the rule sees it. Deadlines are instants; `proposed` is a civil date."""

    now: datetime
    deadline: datetime
    original_deadline: datetime
    granted_before: int
    waiting: bool
    proposed: date
    reason: str


def check_request(asked: Asked, rule: ExtensionRule, calendar: Calendar, tz: ZoneInfo) -> None:
    """Raises RefusedError, naming the rule, where the request may not be filed."""
    due = last_day(asked.deadline, tz)
    if asked.waiting:
        raise RefusedError("An extension request already waits for an answer.")
    if not asked.reason.strip():
        raise RefusedError("An extension request needs a reason.")
    if asked.now >= asked.deadline:
        raise RefusedError(
            "An extension must be asked for before the deadline, %(due)s.", due=due.isoformat()
        )
    if asked.granted_before >= rule.most_times:
        raise RefusedError(
            "This deadline was already extended %(times)s times, the most allowed.", times=rule.most_times
        )
    check_date(asked.proposed, asked, rule, calendar, tz)


def check_date(day: date, asked: Asked, rule: ExtensionRule, calendar: Calendar, tz: ZoneInfo) -> None:
    """Raises RefusedError where `day` cannot be the new deadline: not later, past, or too late."""
    due = last_day(asked.deadline, tz)
    if day <= due:
        raise RefusedError(
            "The new date %(day)s is not after the deadline, %(due)s.",
            day=day.isoformat(),
            due=due.isoformat(),
        )
    if day < day_of(asked.now, tz):
        raise RefusedError("The new date %(day)s is already past.", day=day.isoformat())
    latest = calendar.add_working_days(last_day(asked.original_deadline, tz), rule.most_working_days)
    if day > latest:
        raise RefusedError(
            "The new date %(day)s is later than this office may grant, %(latest)s.",
            day=day.isoformat(),
            latest=latest.isoformat(),
        )

"""The rounds of a recurring item: when each opens and when it is due.

A one-off item has one period, ONCE. A recurring one has a period a month, quarter, half-year or year, named
2026-03, 2026-Q1, 2026-H1, 2026. The next period opens on the first working day after this one's deadline,
at the ladder's hour: the very moment of the first overdue reminder, so that one wake-up serves both.
Ongoing and multi-year items are yearly slices (按年度分解).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.workdays import Calendar

ONCE = "once"
MONTHS = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}


class Frequency(StrEnum):
    """How often an item comes round. ONGOING work has no end and closes a slice each year."""

    ONCE = "once"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"
    ONGOING = "ongoing"


@dataclass(frozen=True)
class Period:
    """One round: its name, the first civil day on which it may open, and the civil day it is due."""

    name: str
    opens: date
    due: date


def _name(end_month: int, year: int, months: int) -> str:
    if months == 1:
        return f"{year}-{end_month:02d}"
    if months == 3:
        return f"{year}-Q{end_month // 3}"
    return f"{year}-H{end_month // 6}" if months == 6 else str(year)


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _due(year: int, month: int, day: int | None, months: int, calendar: Calendar) -> date:
    end = _month_end(year, month)
    if months == 12 and day is None:
        return calendar.on_or_before(end)  # the last working day of the year: nobody proves work on a holiday
    return end if day is None else min(date(year, month - months + 1, 1) + timedelta(days=day - 1), end)


def periods(
    frequency: Frequency, day: int | None, start: date, until: date, calendar: Calendar
) -> Iterator[Period]:
    """The periods of a recurring item from its publication on `start` to the directive's horizon `until`.

    `day` is the day of the period on which it is due, its first day being 1 (每月25日前, 每季度首月10日前); None
    means its end. The
    period that `start` falls in is the first, unless it is due on that very day or was before. Only periods
    due by `until` are given.
    """
    months = 12 if frequency is Frequency.ONGOING else MONTHS[frequency]
    opens, year, month = start, start.year, ((start.month - 1) // months + 1) * months
    while (due := _due(year, month, day, months, calendar)) <= until:
        if due > start:
            yield Period(_name(month, year, months), opens, due)
            opens = calendar.add_working_days(due, 1)
        year, month = year + (month + months - 1) // 12, (month + months - 1) % 12 + 1

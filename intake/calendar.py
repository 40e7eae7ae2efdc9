"""Calendar files: the days off and the make-up working days of one year, as its notice fixes them.

A file holds `year`, `certain_until` (the last day its notice covers), `off` and `working`. Where no notice is
out, `provisional_year` gives the statutory days, which a notice will move and prolong.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from domain.errors import InvalidInputError
from domain.workdays import SATURDAY

KEYS = ("year", "certain_until", "off", "working")
FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_BYTES = 100_000
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")  # Python reads week dates and more; the file has one form

# Month and day of the holidays that fall on the same date each year: 元旦, 劳动节, 国庆节
# (《全国年节及纪念日放假办法》, in force 2025, art. 2).
FIXED_DAYS = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))
# First day of the lunar year, fifth of its fifth month, fifteenth of its eighth month, by the lunar calendar.
LUNAR_DAYS = {
    2027: (date(2027, 2, 6), date(2027, 6, 9), date(2027, 9, 15)),
    2028: (date(2028, 1, 26), date(2028, 5, 28), date(2028, 10, 3)),
}


@dataclass(frozen=True)
class CalendarPlan:
    """The exceptions of one year: True is a day off, False a make-up working day."""

    year: int
    days: Mapping[date, bool]
    certain_until: date


def read_calendar(path: Path) -> CalendarPlan:
    """The calendar in the JSON file at `path`.

    Raises InvalidInputError with everything wrong in its `problems`; then nothing of it may be used.
    """
    content = _content(path)
    year = content["year"]
    if not isinstance(year, int) or not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidInputError(
            "The year of a calendar lies between %(first)s and %(last)s.", first=FIRST_YEAR, last=LAST_YEAR
        )
    problems: list[InvalidInputError] = []
    days: dict[date, bool] = {}
    for day, off in _listed(content, year, problems):
        if day in days:
            problems.append(InvalidInputError("%(day)s stands twice.", day=day.isoformat()))
        elif not off and day.weekday() < SATURDAY:
            problems.append(
                InvalidInputError("%(day)s is no weekend: it needs no make-up.", day=day.isoformat())
            )
        days[day] = off
    certain_until = _day(content["certain_until"], year, problems)
    if problems or certain_until is None:
        raise InvalidInputError(
            "%(file)s: %(count)s problems, nothing of the calendar was taken.",
            problems=tuple(problems),
            file=path.name,
            count=len(problems),
        )
    return CalendarPlan(year=year, days=dict(sorted(days.items())), certain_until=certain_until)


def provisional_year(year: int) -> dict[date, bool]:
    """The statutory days off of a year without a notice: a guess at least not wrong, never *certain*.

    New Year, Labour Day and National Day in every year; tomb-sweeping day by the formula of its solar term
    (2000 to 2099); the days of the lunar calendar for the years of LUNAR_DAYS alone. No make-up working days:
    only a notice makes them. A calendar made of these leaves `certain_until` before the year.
    """
    days = {date(year, month, day): True for month, day in FIXED_DAYS}
    if 2000 <= year <= 2099:
        days[_tomb_sweeping(year)] = True
    if year in LUNAR_DAYS:
        new_year, dragon_boat, mid_autumn = LUNAR_DAYS[year]
        spring_festival = (new_year + timedelta(days=n) for n in range(-1, 3))  # 除夕 to 初三
        days |= dict.fromkeys((*spring_festival, dragon_boat, mid_autumn), True)
    return dict(sorted(days.items()))


def _tomb_sweeping(year: int) -> date:
    """清明, 4 or 5 April: the mean solar term moves 0.2422 days a year and a leap day takes it back."""
    since = year - 2000
    return date(year, 4, int(since * 0.2422 + 4.81) - since // 4)


def _content(path: Path) -> dict[str, Any]:
    """The object in the file, with exactly the keys of a calendar."""
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(MOST_BYTES).decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as fault:
        raise InvalidInputError(
            "%(file)s is not readable as a calendar: %(fault)s", file=path.name, fault=type(fault).__name__
        ) from None
    if not isinstance(content, dict) or set(content) != set(KEYS):
        raise InvalidInputError("A calendar file holds %(keys)s and nothing else.", keys=", ".join(KEYS))
    return content


def _listed(
    content: dict[str, Any], year: int, problems: list[InvalidInputError]
) -> Iterator[tuple[date, bool]]:
    for key, off in (("off", True), ("working", False)):
        if not isinstance(content[key], list):
            problems.append(InvalidInputError("%(key)s is not a list of days.", key=key))
            continue
        for text in content[key]:
            day = _day(text, year, problems)
            if day is not None:
                yield day, off


def _day(text: Any, year: int, problems: list[InvalidInputError]) -> date | None:
    """The day written as YYYY-MM-DD, in `year`; anything else goes to `problems`."""
    try:
        day = date.fromisoformat(text) if DAY.fullmatch(text) else None
    except (TypeError, ValueError):
        day = None
    if day is None:
        problems.append(InvalidInputError("%(text)s is not a day (YYYY-MM-DD).", text=repr(text)[:40]))
    elif day.year != year:
        problems.append(InvalidInputError("%(day)s is not in %(year)s.", day=text, year=year))
    return day

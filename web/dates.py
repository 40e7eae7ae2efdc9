"""Dates as an office reads them: the day, its weekday, and how many working days are left or over.

`3月5日 周四（剩4个工作日）`, `Thu 5 Mar (4 working days left)`; the full instant stands in the element's title.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from domain.instants import day_of, last_day
from domain.workdays import Calendar
from locales.translator import Translator, translator
from services.calendars import calendar_on
from services.office import Office
from services.views.lights import SOON_DAYS
from store.sessions import reading

WEEKDAYS = {
    "zh_CN": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Almanac:
    """The office's calendar, zone and now, in the reader's language."""

    calendar: Calendar
    tz: ZoneInfo
    now: datetime
    language: str

    @property
    def today(self) -> date:
        """The civil date at the site."""
        return day_of(self.now, self.tz)

    @property
    def _speaker(self) -> Translator:
        return translator(self.language)

    def day(self, value: date | datetime) -> str:
        """A civil day, the year only where it is not this one; an instant is the day it falls on."""
        on = day_of(value, self.tz) if isinstance(value, datetime) else value
        weekday = WEEKDAYS[self.language][on.weekday()]
        other_year = on.year != self.today.year
        if self.language == "en":
            return f"{weekday} {on.day} {MONTHS[on.month - 1]}{f' {on.year}' if other_year else ''}"
        return f"{f'{on.year}年' if other_year else ''}{on.month}月{on.day}日 {weekday}"

    def last_day(self, deadline: datetime) -> date:
        """The civil day that ends with a deadline."""
        return last_day(deadline, self.tz)

    def deadline(self, instant: datetime) -> str:
        """The last day of a deadline, and how far it is in working days."""
        on = last_day(instant, self.tz)
        return f"{self.day(on)}{self._distance(instant, on)}"

    def _distance(self, instant: datetime, on: date) -> str:
        days = self.calendar.working_days_between(self.today, on)
        if instant <= self.now:
            sentence = self._speaker.gettext(" (%(days)s working days over)")
            return sentence % {"days": max(-days, 1)}
        if on == self.today:
            return self._speaker.gettext(" (today)")
        return self._speaker.gettext(" (%(days)s working days left)") % {"days": days}

    def minute(self, instant: datetime) -> str:
        """An instant with its hour."""
        return f"{self.day(instant)} {instant.astimezone(self.tz):%H:%M}"

    def exact(self, instant: datetime) -> str:
        """An instant for a `datetime` attribute."""
        return instant.astimezone(self.tz).isoformat(timespec="seconds")

    def is_past(self, instant: datetime) -> bool:
        """Whether it has come."""
        return instant <= self.now

    def is_soon(self, instant: datetime, days: int = SOON_DAYS) -> bool:
        """Whether it comes within so many working days."""
        on = last_day(instant, self.tz)
        return not self.is_past(instant) and self.calendar.working_days_between(self.today, on) <= days


def almanac_of(office: Office, now: datetime, language: str) -> Almanac:
    """Read the calendar for one page."""
    with reading(office.engine) as session:
        return Almanac(calendar_on(session.connection()), office.tz, now, language)

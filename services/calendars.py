"""The site's calendar rows: loaded for the rules, imported from a yearly notice."""

from datetime import date
from types import MappingProxyType

from sqlalchemy import Connection, select
from sqlmodel import Session

from domain.workdays import Calendar
from models.columns import table
from models.engine import CalendarDay, CalendarYear

_DAY, _YEAR = table(CalendarDay), table(CalendarYear)
_DAYS = select(_DAY.c.day, _DAY.c.off)
_CERTAIN = select(_YEAR.c.year).where(_YEAR.c.certain).order_by(_YEAR.c.year.desc()).limit(1)


def load_calendar(session: Session) -> Calendar:
    """The calendar as it is now; days after the last certain year are provisional."""
    return calendar_on(session.connection())


def calendar_on(connection: Connection) -> Calendar:
    """The same, on a connection."""
    days = {row.day: row.off for row in connection.execute(_DAYS)}
    year = connection.execute(_CERTAIN).scalar()
    return Calendar(MappingProxyType(days), date(year, 12, 31) if year else date.min)

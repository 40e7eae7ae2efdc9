"""The data folder, the key, the database and the site itself, made where they are missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cli.acting import OPERATOR
from cli.site import database_file

if TYPE_CHECKING:
    from datetime import datetime

    from config.settings import Settings
    from intake.calendar import CalendarPlan
    from services.setup import ImportCalendar, InitSite

CALENDARS = Path(__file__).parent.parent / "samples" / "calendars"
MARK = "督"
PRIVATE = 0o700


def make_ready(settings: Settings, now: datetime, wanted: InitSite | None = None) -> bool:
    """Bring the database to the newest schema, and set a site up where there is none. Answers whether it is new.

    A new site has a name and a mark (those `wanted`), and the working days that are published; no units.
    """
    from dispatch.office import open_office
    from intake.calendar import read_calendar
    from services.office import Actor
    from services.setup import InitSite, import_calendar, init_site, prepare
    from services.sites import find_site
    from store.keys import make_key_file
    from store.schema import migrate

    settings.data_dir.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    file = database_file(settings)
    if file is not None:
        file.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    if not settings.audit_key_file.exists():
        make_key_file(settings.audit_key_file)
    office = open_office(settings)
    try:
        migrate(office.engine)
        prepare(office)
        if find_site(office) is not None:
            return False
        starter = Actor(OPERATOR)
        init_site(office, starter, now, wanted or InitSite(name=settings.site_name, mark=MARK))
        for file in sorted(CALENDARS.glob("*.json")):
            import_calendar(office, starter, now, days_of(read_calendar(file)))
        return True
    finally:
        office.engine.dispose()


def days_of(plan: CalendarPlan) -> ImportCalendar:
    """A calendar file as a request; its year is certain when its notice covers it to the end."""
    from services.setup import ImportCalendar

    whole = (plan.certain_until.month, plan.certain_until.day) == (12, 31)
    return ImportCalendar(days=dict(plan.days), certain_years=(plan.year,) if whole else ())

"""The data folder, the key, the database and the site itself, made where they are missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cli.acting import OPERATOR
from cli.site import database_file

if TYPE_CHECKING:
    from datetime import datetime

    from config.settings import Settings
    from services.office import Actor, Office
    from services.setup import InitSite

CALENDARS = Path(__file__).parent.parent / "samples" / "calendars"
MARK = "督"
ADMINISTRATOR = "administrator"
"""The login of the account that the first start makes."""
PRIVATE = 0o700


def _has_site(settings: Settings) -> bool:
    """Whether the database already holds a site, whatever its schema."""
    from services.sites import holds_a_site
    from store.sessions import open_engine

    file = database_file(settings)
    if file is not None and not file.exists():
        return False
    engine = open_engine(settings.database_url.get_secret_value())
    try:
        return holds_a_site(engine)
    finally:
        engine.dispose()


def make_ready(settings: Settings, now: datetime, wanted: InitSite | None = None) -> str:
    """Bring the database to the newest schema, and set a site up where there is none.

    Answers the token of the administrator's one-time link where the site is new, else nothing. A new site has a
    name and a mark (those `wanted`), the working days that are published, and the administrator; no units.
    """
    from dispatch.office import open_office
    from intake.calendar import read_calendar
    from services.office import Actor
    from services.setup import InitSite, days_of, import_calendar, init_site, prepare
    from services.sites import find_site
    from store.keys import make_key_file
    from store.schema import migrate

    settings.data_dir.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    file = database_file(settings)
    if file is not None:
        file.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    if not settings.audit_key_file.exists() and not _has_site(settings):
        make_key_file(
            settings.audit_key_file
        )  # a site that has lost its key is never given another in silence
    office = open_office(settings)
    try:
        migrate(office.engine)
        prepare(office)
        if find_site(office) is not None:
            return ""
        starter = Actor(OPERATOR)
        init_site(office, starter, now, wanted or InitSite(name=settings.site_name, mark=MARK))
        for file in sorted(CALENDARS.glob("*.json")):
            import_calendar(office, starter, now, days_of(read_calendar(file)))
        return _administrator(office, starter, now)
    finally:
        office.engine.dispose()


def _administrator(office: Office, starter: Actor, now: datetime) -> str:
    """The first account, of no unit yet; answers the token of its link."""
    from models.organisation import AccountRole
    from services.account_admin import AddAccount, add_account
    from services.one_time_links import make_link

    role = AccountRole.ADMINISTRATOR
    made = add_account(office, starter, now, AddAccount(login=ADMINISTRATOR, name=role.value, role=role))
    return make_link(office, starter, now, made["account_id"])


def link_address(web_url: str, token: str) -> str:
    """Where a one-time link is opened."""
    return f"{web_url.rstrip('/')}/first-password/{token}"

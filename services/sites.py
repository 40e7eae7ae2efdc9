"""What is true of the site a process was started for, and whether there is one at all."""

from dataclasses import dataclass

from sqlalchemy import Engine, inspect, select
from sqlalchemy.exc import DatabaseError

from domain.errors import InvalidInputError, NotFoundError
from models.columns import table
from models.engine import Site
from services.office import Office
from store.sessions import reading

_SITE = table(Site)


@dataclass(frozen=True)
class SiteFacts:
    """The site's one row."""

    name: str
    mark: str
    time_zone: str
    root_unit_id: int | None
    is_play: bool


def find_site(office: Office) -> SiteFacts | None:
    """The site, or None where the database is empty or has no schema yet. Raises InvalidInputError where it cannot be read."""
    try:
        with reading(office.engine) as session:
            row = session.connection().execute(select(_SITE)).first()
    except DatabaseError as fault:
        text = str(fault.orig)
        if "no such table" in text or 'relation "site" does not exist' in text:
            return None
        raise InvalidInputError("The database cannot be opened: %(why)s", why=text.splitlines()[0]) from fault
    if row is None:
        return None
    return SiteFacts(row.name, row.mark, row.time_zone, row.root_unit_id, row.is_play)


def require_site(office: Office) -> SiteFacts:
    """The site. Raises NotFoundError before `duban init`, InvalidInputError where the time zones differ.

    A site counts its days in the zone it was made with: another one would move every deadline by hours.
    """
    site = find_site(office)
    if site is None:
        raise NotFoundError("There is no site here yet: run `duban init` first.")
    if site.time_zone != str(office.tz):
        raise InvalidInputError(
            "DUBAN_TIME_ZONE is %(zone)s, but this site counts its days in %(own)s.",
            zone=str(office.tz),
            own=site.time_zone,
        )
    return site


def holds_a_site(engine: Engine) -> bool:
    """Whether there is a site in the database, whatever its schema; an empty database holds none."""
    if not inspect(engine).has_table(_SITE.name):
        return False
    with reading(engine) as session:
        return session.connection().execute(select(_SITE.c.id)).first() is not None

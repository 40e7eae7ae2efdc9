"""Roles that one process plays at a time. What must happen once has a unique row; a lease only saves double work."""

from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from models.columns import table
from models.engine import Lease
from services.office import Office
from store.sessions import reading, writing

_LEASE = table(Lease)


def take(office: Office, wall: datetime, name: str, holder: str, term: timedelta) -> int | None:
    """Take the role for `term` from `wall` (the machine's clock), or keep it. Answers the fence; None where another holds it."""
    try:
        return _take(office, wall, name, holder, term)
    except IntegrityError:
        return None  # the first two came at once, and the other was first


def _take(office: Office, wall: datetime, name: str, holder: str, term: timedelta) -> int | None:
    with writing(office.engine) as session:
        connection = session.connection()
        row = connection.execute(select(_LEASE).where(_LEASE.c.name == name).with_for_update()).first()
        if row is None:
            first = {"name": name, "holder": holder, "fence": 1, "until": wall + term}
            connection.execute(insert(_LEASE), first)
            return 1
        if row.holder != holder and row.until > wall:
            return None
        fence: int = row.fence + (row.holder != holder)
        mine = update(_LEASE).where(_LEASE.c.name == name)
        connection.execute(mine.values(holder=holder, fence=fence, until=wall + term))
        return fence


def holder_of(office: Office, name: str) -> str | None:
    """Who took the role last, run out or not."""
    with reading(office.engine) as session:
        found: str | None = (
            session.connection().execute(select(_LEASE.c.holder).where(_LEASE.c.name == name)).scalar()
        )
    return found


def let_go(office: Office, wall: datetime, name: str, holder: str) -> None:
    """Give the role up, so that the next one need not wait until the lease has run out. The fence stays."""
    with writing(office.engine) as session:
        mine = (_LEASE.c.name == name, _LEASE.c.holder == holder)
        session.connection().execute(update(_LEASE).where(*mine).values(until=wall))

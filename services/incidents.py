"""Incidents: what a person must look at. One open row for a key; it closes by itself when the fault is gone."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlmodel import Session

from models.columns import table
from models.engine import Incident
from services.office import Office
from store.sessions import reading, writing

_INCIDENT = table(Incident)


def open_incident(session: Session, now: datetime, kind: str, key: str, detail: str) -> None:
    """Open the incident of that key, or open it again."""
    connection = session.connection()
    if connection.execute(select(_INCIDENT.c.id).where(_INCIDENT.c.key == key)).first() is None:
        connection.execute(
            insert(_INCIDENT), {"kind": kind, "key": key, "detail": detail[:1000], "opened_at": now}
        )
    else:
        again = update(_INCIDENT).where(_INCIDENT.c.key == key, _INCIDENT.c.closed_at.is_not(None))
        connection.execute(again.values(closed_at=None, opened_at=now, detail=detail[:1000]))


def close_incident(session: Session, now: datetime, key: str) -> None:
    """Close the incident of that key, where one is open."""
    mine = (_INCIDENT.c.key == key, _INCIDENT.c.closed_at.is_(None))
    session.connection().execute(update(_INCIDENT).where(*mine).values(closed_at=now))


def raise_incident(office: Office, now: datetime, kind: str, key: str, detail: str) -> None:
    """Open the incident of that key in a transaction of its own: the act that failed has left nothing behind."""
    with writing(office.engine) as session:
        open_incident(session, now, kind, key, detail)


def cure_incident(office: Office, now: datetime, key: str) -> None:
    """Close the incident of that key; where none is open, which is nearly always, nothing is written."""
    with reading(office.engine) as session:
        mine = (_INCIDENT.c.key == key, _INCIDENT.c.closed_at.is_(None))
        if session.connection().execute(select(_INCIDENT.c.id).where(*mine)).first() is None:
            return
    with writing(office.engine) as session:
        close_incident(session, now, key)


def keep_incidents(office: Office, now: datetime, kind: str, found: Mapping[str, str]) -> None:
    """Of that kind exactly those in `found` (key -> detail) are open; the others are cured and close."""
    open_ones = select(_INCIDENT.c.key).where(_INCIDENT.c.kind == kind, _INCIDENT.c.closed_at.is_(None))
    with reading(office.engine) as session:
        there = set(session.connection().execute(open_ones).scalars())
    if there == set(found):
        return
    with writing(office.engine) as session:
        for key in sorted(there - set(found)):
            close_incident(session, now, key)
        for key, detail in sorted(found.items()):
            open_incident(session, now, kind, key, detail)

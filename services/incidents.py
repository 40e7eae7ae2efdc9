"""Incidents: what a person must look at. One open row for a key; it closes by itself when the fault is gone."""

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlmodel import Session

from models.columns import table
from models.engine import Incident

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

"""What each worker last said of itself; health pages read these rows and nothing else."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from models.columns import table
from models.engine import Heartbeat
from services.office import Office
from store.sessions import reading, writing

_HEARTBEAT = table(Heartbeat)
FRESH = timedelta(seconds=30)
"""Three beats: a worker that missed so many is not there."""


@dataclass(frozen=True)
class Beat:
    """One worker, when it last spoke, and what it said."""

    worker: str
    at: datetime
    state: dict[str, Any]


def beat(office: Office, now: datetime, worker: str, state: dict[str, Any]) -> None:
    """Write what this worker says of itself."""
    with writing(office.engine) as session:
        connection = session.connection()
        mine = update(_HEARTBEAT).where(_HEARTBEAT.c.worker == worker)
        if not connection.execute(mine.values(at=now, state=state)).rowcount:
            connection.execute(insert(_HEARTBEAT), {"worker": worker, "at": now, "state": state})


def stop_beating(office: Office, worker: str) -> None:
    """This worker stops by its own will."""
    with writing(office.engine) as session:
        session.connection().execute(delete(_HEARTBEAT).where(_HEARTBEAT.c.worker == worker))


def forget_silent(office: Office, before: datetime) -> None:
    """Take away workers that have said nothing since `before`: they died, and others do their work."""
    with writing(office.engine) as session:
        session.connection().execute(delete(_HEARTBEAT).where(_HEARTBEAT.c.at < before))


def beats(office: Office, now: datetime) -> list[Beat]:
    """The workers that are there at `now`, the latest first."""
    fresh = select(_HEARTBEAT).where(_HEARTBEAT.c.at >= now - FRESH).order_by(_HEARTBEAT.c.at.desc())
    with reading(office.engine) as session:
        return [Beat(row.worker, row.at, row.state) for row in session.connection().execute(fresh)]

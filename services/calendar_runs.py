"""The memory of the office's rhythm: which period of which job has come. Once each, by the primary key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select

from domain.ladder import CivilFrame
from models.columns import table
from models.engine import CalendarRun, OutboxKind, Site
from services.calendars import load_calendar
from services.incidents import open_incident
from services.office import Office
from services.transaction import Answer, Request, Transaction, act
from store.sessions import reading, writing

_RUN, _SITE = table(CalendarRun), table(Site)


@dataclass(frozen=True)
class Rhythm:
    """Where the rhythm stands: since when there is a site, and the last period of each job that has run."""

    frame: CivilFrame
    since: datetime
    last: Mapping[str, datetime]


class RunJob(Request):
    """A wall-clock job's period has come; it began at `begins`."""

    job: str
    period: str
    begins: datetime


def rhythm(office: Office) -> Rhythm | None:
    """None before there is a site."""
    newest = select(_RUN.c.job, func.max(_RUN.c.at)).group_by(_RUN.c.job)
    with reading(office.engine) as session:
        connection = session.connection()
        since = connection.execute(select(_SITE.c.created_at)).scalar()
        if since is None:
            return None
        last: dict[str, datetime] = dict(connection.execute(newest).all())
        return Rhythm(CivilFrame(load_calendar(session), office.tz), since, last)


@act
def run_job(tx: Transaction, request: RunJob) -> Answer:
    """Insert the run of that period, and the outbox row of its bulletin; a second time does nothing.

    The run bears the instant at which its period began, not the one at which it was caught up, so that a
    catching-up that broke off goes on where it stopped. Two schedulers come one after the other: each locks
    the site's row first.
    """
    tx.run(select(_SITE.c.id).with_for_update())
    mine = (_RUN.c.job == request.job, _RUN.c.period == request.period)
    if tx.one(select(_RUN.c.at).where(*mine)) is not None:
        return {"ran": False}
    tx.run(insert(_RUN), {"job": request.job, "period": request.period, "at": request.begins})
    key = f"{request.job}/{request.period}"
    tx.send(OutboxKind.WRITE_BULLETIN, ("bulletin", key), f"bulletin/{key}")
    return {"ran": True}


def tell_of_gap(office: Office, now: datetime, job: str, since: datetime, days: int) -> None:
    """The office was off for so long that not every period is caught up: a person hears of it."""
    with writing(office.engine) as session:
        detail = f"{job}: off since {since.isoformat()}; only the last {days} days are caught up"
        open_incident(session, now, "calendar_gap", f"calendar_gap/{job}/{since.date()}", detail)

"""Run every period of every job that has come and was not run yet: in order, once each."""

from datetime import datetime

from sqlalchemy import func, select

from domain.ladder import CivilFrame
from models.columns import table
from models.engine import CalendarRun, Site
from scheduler.jobs import JOBS, moments
from services.bulletins import RunJob, run_job
from services.calendars import load_calendar
from services.office import Actor, Office
from store.sessions import reading

_RUN, _SITE = table(CalendarRun), table(Site)
SCHEDULER = Actor(name="engine:scheduler")


def run_due(office: Office, now: datetime) -> int:
    """Run what is due at `now`; answers how many periods. Two schedulers at once run each period once."""
    with reading(office.engine) as session:
        frame = CivilFrame(load_calendar(session), office.tz)
        site = session.connection().execute(select(_SITE.c.created_at)).scalar()
        last = dict(
            session.connection()
            .execute(select(_RUN.c.job, func.max(_RUN.c.at)).group_by(_RUN.c.job))
            .tuples().all()
        )
    if site is None:
        return 0
    ran = 0
    for job in JOBS:
        for _, period in moments(job, last.get(job.name, site), now, frame):
            ran += run_job(office, SCHEDULER, now, RunJob(job=job.name, period=period))["ran"]
    return ran

"""Run every period of every job that has come and was not run yet: in order, once each."""

from datetime import datetime, timedelta

from scheduler.jobs import JOBS, MOST_CAUGHT_UP, moments
from services.calendar_runs import RunJob, rhythm, run_job, tell_of_gap
from services.office import Actor, Office

SCHEDULER = Actor(name="engine:scheduler")


def run_due(office: Office, now: datetime) -> int:
    """Run what is due at `now`; answers how many periods. Two schedulers at once run each period once."""
    stands = rhythm(office)
    if stands is None:
        return 0
    ran = 0
    for job in JOBS:
        last = stands.last.get(job.name, stands.since)
        if now - last > timedelta(days=MOST_CAUGHT_UP):
            tell_of_gap(office, now, job.name, last, MOST_CAUGHT_UP)
        for begins, period in moments(job, last, now, stands.frame):
            ran += run_job(office, SCHEDULER, now, RunJob(job=job.name, period=period, begins=begins))["ran"]
    return ran

"""Every period of every job runs once: after weeks of silence, after a break in the middle, with many schedulers at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

from sqlalchemy import delete

from models.columns import table
from models.engine import CalendarRun, Incident, Outbox, OutboxKind, Site
from scheduler.catch_up import SCHEDULER, run_due
from scheduler.jobs import JOBS, moments
from services.calendar_runs import RunJob, rhythm, run_job
from store.sessions import writing
from tests.domain.samples import local
from tests.office import PUBLISHED, Scene, both

FORTY_DAYS = local(PUBLISHED.date() + timedelta(days=40), 10)


def expected(scene: Scene, until: datetime) -> list[tuple[str, str]]:
    """The periods that begin after the site's birth, by the table of jobs and the calendar."""
    found = [(job.name, period) for job in JOBS for _, period in moments(job, PUBLISHED, until, scene.frame)]
    return sorted(found)


def ran(scene: Scene) -> list[tuple[str, str]]:
    return sorted((row.job, row.period) for row in scene.rows(CalendarRun))


def bulletins(scene: Scene) -> list[str]:
    """The outbox rows that periods have left."""
    rows = scene.rows(Outbox, table(Outbox).c.kind == OutboxKind.WRITE_BULLETIN)
    return sorted(row.aggregate_id for row in rows)


def test_off_for_forty_days_every_missed_period_is_run_once_and_in_order(scene: Scene) -> None:
    count = run_due(scene.office, FORTY_DAYS)
    again = run_due(scene.office, FORTY_DAYS)

    digests = [period for job, period in ran(scene) if job == "morning_digest"]
    working = [
        (PUBLISHED.date() + timedelta(days=n)).isoformat()
        for n in range(1, 41)
        if scene.frame.calendar.is_working_day(PUBLISHED.date() + timedelta(days=n))
    ]
    assert digests == working
    assert len(working) == 28, "two of them holidays, by the calendar of 2026"
    assert ran(scene) == expected(scene, FORTY_DAYS)
    assert bulletins(scene) == sorted(f"{job}/{period}" for job, period in ran(scene))
    assert (count, again) == (len(ran(scene)), 0)


def test_a_catching_up_that_broke_off_goes_on_where_it_stopped(scene: Scene) -> None:
    stands = rhythm(scene.office)
    assert stands is not None
    first = list(moments(JOBS[0], PUBLISHED, FORTY_DAYS, stands.frame))[:5]
    for begins, period in first:
        run_job(scene.office, SCHEDULER, FORTY_DAYS, RunJob(job=JOBS[0].name, period=period, begins=begins))

    run_due(scene.office, FORTY_DAYS)

    assert ran(scene) == expected(scene, FORTY_DAYS)


@both
def test_four_schedulers_at_once_run_each_period_once_and_none_of_them_fails(scene: Scene) -> None:
    together = threading.Barrier(4)

    def tick(_: int) -> int:
        together.wait()
        return run_due(scene.office, FORTY_DAYS)

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(tick, range(4)))

    assert ran(scene) == expected(scene, FORTY_DAYS)
    assert bulletins(scene) == sorted(f"{job}/{period}" for job, period in ran(scene))
    assert sum(counts) == len(ran(scene))


def test_over_new_year_the_first_week_and_the_first_month_are_there(scene: Scene) -> None:
    run_due(scene.office, local(date(2026, 12, 30), 12))
    run_due(scene.office, local(date(2027, 1, 5), 12))

    new = {one for one in ran(scene) if one[1].startswith("2027")}
    assert ("monthly_circular", "2027-01") in new
    assert ("weekly_brief", "2027-W01") in new


@both
def test_before_there_is_a_site_nothing_runs(scene: Scene) -> None:
    with writing(scene.engine) as session:
        session.connection().execute(delete(table(Site)))

    assert run_due(scene.office, FORTY_DAYS) == 0
    assert ran(scene) == []


def test_an_office_off_for_longer_than_is_caught_up_says_so(scene: Scene) -> None:
    run_due(scene.office, PUBLISHED + timedelta(days=2))
    late = PUBLISHED + timedelta(days=700)
    run_due(scene.office, late)

    told = scene.rows(Incident)
    days = {row.at.astimezone(scene.office.tz).date() for row in scene.rows(CalendarRun)}
    assert {row.kind for row in told} == {"calendar_gap"}
    assert len(told) == len(JOBS)
    assert min(day for day in days if day > date(2026, 3, 10)) >= late.date() - timedelta(days=400)

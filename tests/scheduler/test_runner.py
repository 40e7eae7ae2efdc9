"""The scheduler's ticks: the first at its start, then at the jobs' own hours and once a minute."""

import asyncio
from datetime import UTC, datetime, time, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from models.engine import CalendarRun
from scheduler import runner
from scheduler.jobs import JOBS
from scheduler.runner import run_scheduler, ticking
from tests.office import PUBLISHED, Scene

LATER = PUBLISHED + timedelta(days=8)


async def nothing() -> None:
    """A tick that does nothing."""


async def test_what_was_missed_is_caught_up_at_the_start(scene: Scene) -> None:
    ticks: asyncio.Queue[datetime] = asyncio.Queue()
    running = asyncio.create_task(run_scheduler(scene.office, lambda: LATER, ticks.put_nowait))

    told = await asyncio.wait_for(ticks.get(), 10)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert told == LATER
    assert scene.count(CalendarRun) > 5


async def test_it_looks_again_by_itself(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "SWEEP", 0.1)
    now = [PUBLISHED]
    ticks: asyncio.Queue[datetime] = asyncio.Queue()
    running = asyncio.create_task(run_scheduler(scene.office, lambda: now[0], ticks.put_nowait))
    await asyncio.wait_for(ticks.get(), 10)
    before = scene.count(CalendarRun)
    now[0] = LATER
    while await asyncio.wait_for(ticks.get(), 10) != LATER:
        pass
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert before == 0
    assert scene.count(CalendarRun) > 5


async def test_every_hour_of_the_table_has_its_tick_in_the_offices_zone(scene: Scene) -> None:
    scheduler = ticking(scene.office, nothing)
    scheduler.start(paused=True)
    hours = {}
    for job in scheduler.get_jobs():
        if isinstance(job.trigger, CronTrigger):
            at = job.trigger.get_next_fire_time(None, datetime(2026, 3, 2, 20, tzinfo=UTC))
            hours[job.id] = at.astimezone(scene.office.tz).time()
    kinds = sorted(type(job.trigger).__name__ for job in scheduler.get_jobs())
    settings = {(job.coalesce, job.max_instances, job.misfire_grace_time) for job in scheduler.get_jobs()}
    scheduler.shutdown()

    assert set(hours.values()) == {job.hour for job in JOBS} == {time(8)}
    assert kinds == [CronTrigger.__name__, IntervalTrigger.__name__]
    assert settings == {(True, 1, None)}

"""Ticks by the wall clock. A tick only asks whether a period has come; `calendar_run` is the memory."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from scheduler.catch_up import run_due
from scheduler.jobs import JOBS
from services.office import Office

SWEEP = 60
"""Seconds between looks outside the jobs' own hours: for a tick that fell on a busy database, a machine that
slept over its hour, a calendar imported after it."""


async def run_scheduler(
    office: Office, clock: Callable[[], datetime], ticked: Callable[[datetime], None]
) -> None:
    """Until cancelled. First what was missed is caught up; `ticked` is told after each look."""

    async def tick() -> None:
        now = clock()
        await asyncio.to_thread(run_due, office, now)
        ticked(now)

    await tick()
    scheduler = ticking(office, tick)
    scheduler.start()
    try:
        await asyncio.Event().wait()
    finally:
        scheduler.shutdown(wait=False)


def ticking(office: Office, tick: Callable[[], object]) -> AsyncIOScheduler:
    """A scheduler, not yet started, that ticks at every hour of the jobs' table and once a minute."""
    scheduler = AsyncIOScheduler(
        jobstores={"default": MemoryJobStore()},
        executors={"default": AsyncIOExecutor()},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=office.tz,
    )
    for hour in sorted({job.hour for job in JOBS}):
        at = CronTrigger(hour=hour.hour, minute=hour.minute, timezone=office.tz)
        scheduler.add_job(tick, at, id=f"{hour:%H:%M}")
    scheduler.add_job(tick, IntervalTrigger(seconds=SWEEP, timezone=office.tz), id="sweep")
    return scheduler

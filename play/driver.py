"""The play itself: from moment to moment, each thing done by whoever's right it is.

The office clock moves to the next moment of an owner, act of a person, row of the outbox, mail or period
of a job, whichever comes first. At each step owners that are due are woken, people act, the relay and the
mailer do what is due, and everything comes to rest before the clock moves again.
"""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from dispatch.clock import DrivenClock
from dispatch.mailer import Mailer
from dispatch.relay import Relay
from domain.ladder import CivilFrame
from models.engine import OutboxKind
from play.agenda import Agenda
from play.owners import Owners, PlayError
from play.people import People
from scheduler.catch_up import run_due
from scheduler.jobs import next_moment as next_job
from services.mails import next_mail
from services.office import Office
from services.outbox import next_due
from services.owners import OwnerRow, waiting


@dataclass(frozen=True)
class Troupe:
    """Everything the driver moves. `nudged` is set by every act that left something for the relay."""

    office: Office
    frame: CivilFrame
    clock: DrivenClock
    owners: Owners
    people: People
    agenda: Agenda
    relay: Relay
    mailer: Mailer
    nudged: threading.Event


class Driver:
    """Drives one play to its end."""

    def __init__(self, troupe: Troupe, last_day: datetime, progress: Callable[[datetime], None]) -> None:
        self._t, self._last_day, self._progress = troupe, last_day, progress
        self._rows: list[OwnerRow] = []
        self._job_at = next_job(troupe.clock(), troupe.frame)
        self.steps = 0

    async def run(self, until: datetime | None = None) -> None:
        """Until nothing is left to do, or before `until`. Raises PlayError when the last day is not enough."""
        while (now := self._next()) is not None and (until is None or now < until):
            if now > self._last_day:
                raise PlayError(f"the play was not over on {self._last_day.date()}")
            self._t.clock.move_to(now)
            await self._step(now)
            self.steps += 1
            self._progress(now)

    def _next(self) -> datetime | None:
        """The next instant at which anything happens; None when only the office's rhythm would go on."""
        office, clock = self._t.office, self._t.clock
        moments = [row.next_moment for row in self._rows]
        moments += [self._t.agenda.next_at, next_due(office), next_mail(office)]
        coming = [moment for moment in moments if moment is not None]
        return max(min([*coming, self._job_at]), clock()) if coming else None

    async def _step(self, now: datetime) -> None:
        if now >= self._job_at:
            await asyncio.to_thread(run_due, self._t.office, now)
            self._job_at = next_job(now, self._t.frame)
        due = [row for row in self._rows if row.next_moment is not None and row.next_moment <= now]
        if due:
            await self._t.owners.wake(due, now)
        await self._relay(now, woken=bool(due))
        for intent in self._t.agenda.due(now):
            intent.do(now)
            if self._t.nudged.is_set():
                await self._relay(now)
        waits = next_mail(self._t.office)
        if waits is not None and waits <= now:
            await self._t.mailer.drain()

    async def _relay(self, now: datetime, *, woken: bool = False) -> None:
        """Let the relay do what is due, wait until what it poked has come to rest, and see what is new."""
        done = woken
        self._t.nudged.clear()
        while rows := await self._t.relay.drain():
            done = True
            poked = {f"{row.aggregate}/{row.aggregate_id}" for row in rows if row.kind == OutboxKind.POKE}
            await self._t.owners.settle(now, poked)
            self._t.nudged.clear()
        if done:
            self._rows = waiting(self._t.office)
            self._t.people.look()

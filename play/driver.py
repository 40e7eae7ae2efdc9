"""The play itself: from moment to moment, each thing done by whoever's right it is.

The office clock moves to the next moment of an owner, act of a person, row of the outbox, mail or period
of a job, whichever comes first. At each step owners that are due are woken, people act, the relay and the
mailer do what is due, and everything comes to rest before the clock moves again.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from dispatch.clock import DrivenClock
from dispatch.mailer import Mailer
from dispatch.relay import Relay
from domain.ladder import CivilFrame
from models.engine import OutboxKind
from play.agenda import Agenda
from play.owners import OwnerRow, Owners, PlayFault
from play.people import People
from scheduler.catch_up import run_due
from scheduler.jobs import next_moment as next_job
from services.mails import next_mail
from services.office import Office
from services.outbox import next_due


@dataclass(frozen=True)
class Troupe:
    """Everything the driver moves."""

    office: Office
    frame: CivilFrame
    clock: DrivenClock
    owners: Owners
    people: People
    agenda: Agenda
    relay: Relay
    mailer: Mailer


class Driver:
    """Drives one play to its end."""

    def __init__(self, troupe: Troupe, last_day: datetime, progress: Callable[[datetime], None]) -> None:
        self._t, self._last_day, self._progress = troupe, last_day, progress
        self.steps = 0

    async def run(self) -> None:
        """Until the directive is closed and nothing is left to do. Raises PlayFault at the last day."""
        while True:
            rows = self._t.owners.rows()
            now = self._next(rows)
            if now is None:
                return
            if now > self._last_day:
                raise PlayFault(f"the play was not over on {self._last_day.date()}")
            self._t.clock.move_to(now)
            await self._step(now, [r for r in rows if r.next_moment is not None and r.next_moment <= now])
            self.steps += 1
            self._progress(now)

    def _next(self, rows: list[OwnerRow]) -> datetime | None:
        """The next instant at which anything happens; None when the play is over."""
        office, clock = self._t.office, self._t.clock
        moments = [r.next_moment for r in rows] + [
            self._t.agenda.next_at,
            next_due(office),
            next_mail(office),
        ]
        coming = [m for m in moments if m is not None]
        if not coming:
            return None
        coming.append(next_job(clock(), self._t.frame))
        return max(min(coming), clock())

    async def _step(self, now: datetime, due: list[OwnerRow]) -> None:
        await asyncio.to_thread(run_due, self._t.office, now)
        if due:
            await self._t.owners.wake(due, now)
        await self._drain(now)
        self._t.people.look()
        for intent in self._t.agenda.due(now):
            intent.do(now)
            await self._drain(now)
        self._t.people.look()
        await self._t.mailer.drain()

    async def _drain(self, now: datetime) -> None:
        """Let the relay do what is due, and wait until what it woke has come to rest."""
        while done := await self._t.relay.drain():
            poked = {
                f"{row.aggregate}/{row.aggregate_id}" for row in done if row.kind != OutboxKind.ISSUE_LETTER
            }
            await self._t.owners.settle(now, poked)

"""Every ten seconds a worker writes what it knows of itself, for the health pages to read."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from temporalio.client import Client

from dispatch.clock import OfficeClock
from dispatch.connect import is_reachable
from dispatch.mailer import Mailer
from services.heartbeats import beat, stop_beating
from services.office import Office
from services.outbox import lag

EVERY = 10.0


@dataclass
class Signs:
    """What the parts of this worker say of themselves."""

    mailer: Mailer | None = None
    faults: Mapping[str, str] = field(default_factory=dict)
    scheduler_tick: datetime | None = None

    def ticked(self, now: datetime) -> None:
        """The scheduler has looked whether a period has come."""
        self.scheduler_tick = now

    @property
    def mail(self) -> bool | None:
        """Whether the mail server answered last; None where no mail leaves."""
        return self.mailer.reachable if self.mailer else None


class Heart:
    """Beats for one worker."""

    def __init__(self, office: Office, client: Client, clock: OfficeClock, worker: str, signs: Signs) -> None:
        self._office, self._client, self._clock = office, client, clock
        self._worker, self._signs = worker, signs

    async def run(self) -> None:
        """Until cancelled; a worker that stops by its own will takes its row with it."""
        try:
            while True:
                await self.beat()
                await asyncio.sleep(EVERY)
        finally:
            await asyncio.to_thread(stop_beating, self._office, self._worker)

    async def beat(self) -> None:
        """Look once and write the row."""
        now = self._clock()
        state: dict[str, Any] = {
            "temporal": await is_reachable(self._client),
            "mail": self._signs.mail,
            "relay_lag": round(await asyncio.to_thread(lag, self._office, now), 1),
            "scheduler_tick": self._signs.scheduler_tick.isoformat() if self._signs.scheduler_tick else None,
            "faults": dict(self._signs.faults),
        }
        await asyncio.to_thread(beat, self._office, now, self._worker, state)

"""The reconciler: what the rows say should be under way and is not, it sets going again; what it cannot mend
becomes an incident, which closes by itself when the fault is gone.

The server's list of workflows may be some seconds old, so each suspect is looked at by itself before
anything is done; one that is at work is left alone.
"""

import asyncio
from datetime import datetime, timedelta

from temporalio.client import Client

from contracts.names import WORKFLOWS, Aggregate
from dispatch.clock import OfficeClock, wall_clock
from dispatch.connect import is_reachable
from dispatch.relay import poke_owners
from dispatch.role import Role
from dispatch.workflows import Found, describe_all, running_workflows
from services.heartbeats import forget_silent
from services.incidents import keep_incidents
from services.lapses import closed_owners, expired_leases, lost_pokes, open_owners, settle_parked_pokes
from services.office import Office
from services.owners import OwnerRow

EVERY = 60.0
MISSED_BY = timedelta(seconds=120)
LEASE_OUT_BY = timedelta(seconds=120)
SILENT_FOR = timedelta(hours=1)
"""So long a worker that died is remembered."""


class Reconciler:
    """Looks once a minute and at its start. Of all workers one does, the one that has the role."""

    def __init__(
        self, office: Office, client: Client, clock: OfficeClock, role: Role, every: float = EVERY
    ) -> None:
        self._office, self._client, self._clock = office, client, clock
        self._role, self._every = role, every
        self._late_before: set[str] = set()

    async def run(self) -> None:
        """Until cancelled."""
        async with self._role.given_back():
            while True:
                if await self._role.is_mine():
                    await self.look()
                await asyncio.sleep(self._every)

    async def look(self) -> set[str]:
        """Look once and mend; answers the ids of the workflows that were started or poked."""
        now = self._clock()
        down = {} if await is_reachable(self._client) else {"temporal": "the Temporal server does not answer"}
        await asyncio.to_thread(keep_incidents, self._office, now, "temporal_unreachable", down)
        await asyncio.to_thread(self._look_at_rows, now)
        return set() if down else await self._look_at_owners(now)

    def _look_at_rows(self, now: datetime) -> None:
        wall = wall_clock()
        settle_parked_pokes(self._office, now)
        left = expired_leases(self._office, wall, LEASE_OUT_BY)
        keep_incidents(self._office, now, "lease_expired", left)
        forget_silent(self._office, now - SILENT_FOR)

    async def _look_at_owners(self, now: datetime) -> set[str]:
        must_run = await asyncio.to_thread(open_owners, self._office, now)
        lost = await asyncio.to_thread(lost_pokes, self._office, now)
        running = await running_workflows(self._client)
        late = [row for row in must_run if row.next_moment and row.next_moment < now - MISSED_BY]
        missing = [row for row in must_run if row.workflow_id not in running]
        over = await asyncio.to_thread(closed_owners, self._office, _owners_in(running))
        suspects = {row.workflow_id: row for row in (*missing, *lost, *late, *over)}
        found = await describe_all(self._client, suspects)
        idle = _to_poke(suspects, found, {row.workflow_id for row in must_run})
        await poke_owners(self._client, idle)
        await asyncio.to_thread(self._raise_incidents, now, found, {row.workflow_id for row in late})
        return {row.workflow_id for row in idle}

    def _raise_incidents(self, now: datetime, found: dict[str, Found], late: set[str]) -> None:
        """A fault that a poke did not mend until the second look is for a person."""
        again, self._late_before = late & self._late_before, late
        missed = {f"moment/{name}": f"{name} has not done what was due" for name in again}
        broken = {
            f"broken/{name}": f"{name}: its last run ended as {one.broken}"
            for name, one in found.items()
            if one.broken
        }
        failing = {f"failing/{name}": f"{name}: {one.failing}" for name, one in found.items() if one.failing}
        keep_incidents(self._office, now, "moment_missed", missed)
        keep_incidents(self._office, now, "workflow_broken", broken)
        keep_incidents(self._office, now, "activity_failing", failing)


def _to_poke(suspects: dict[str, OwnerRow], found: dict[str, Found], must_run: set[str]) -> list[OwnerRow]:
    """Who waits in vain, and who should run and does not. One that is closed, has seen it and has ended is at peace."""
    at_peace = {
        name
        for name, row in suspects.items()
        if name not in must_run and row.seen_clock_version >= row.clock_version
    }
    return [
        row
        for name, row in suspects.items()
        if (not found[name].busy if found[name].running else name not in at_peace)
    ]


def _owners_in(ids: set[str]) -> list[tuple[Aggregate, int]]:
    """The rows that these workflows keep time for; a workflow of somebody else's is none of ours."""
    split = (name.split("/") for name in ids)
    return [
        (Aggregate(parts[0]), int(parts[1]))
        for parts in split
        if len(parts) == 2 and parts[0] in WORKFLOWS and parts[1].isdigit()
    ]

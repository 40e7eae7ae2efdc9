"""The relay: outbox rows become signals that start or poke an owner, letters that are issued, bulletins begun.

Every row is done at least once and every doing is harmless twice. Pokes of one owner coalesce.
"""

import asyncio

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from contracts import names
from contracts.payloads import BulletinOf, Owner, Poke
from dispatch.clock import OfficeClock, wall_clock
from domain.errors import DubanError
from models.engine import OutboxKind
from services.failpoints import failpoint
from services.letters import IssueLetter, issue_letter
from services.office import Actor, Office
from services.outbox import Claimed, claim, finish, postpone

IDLE_POLL = 1.0
UNREACHABLE = frozenset(
    {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.RESOURCE_EXHAUSTED}
)
RELAY = Actor(name="engine:relay")
SIGNALS_AT_ONCE = 16


class Relay:
    """Drains the outbox. One loop in each worker; leases keep two of them apart."""

    def __init__(self, office: Office, client: Client, clock: OfficeClock) -> None:
        self._office, self._client, self._clock = office, client, clock
        self._work = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.reachable = True

    def nudge(self) -> None:
        """There may be work: called after a commit, from any thread."""
        self._loop.call_soon_threadsafe(self._work.set)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._work.clear()
            done = await self.drain()
            if not done:
                try:
                    await asyncio.wait_for(self._work.wait(), IDLE_POLL)
                except TimeoutError:
                    continue

    async def drain(self) -> list[Claimed]:
        """Do everything that is due now; answers the rows that were done."""
        total: list[Claimed] = []
        while rows := await asyncio.to_thread(claim, self._office, self._clock(), wall_clock()):
            done = await self._do(rows)
            if done:
                failpoint("relay.before_mark")
                await asyncio.to_thread(finish, self._office, self._clock(), done)
            total += done
            if len(done) < len(rows):
                break  # what failed was postponed; the next poll tries again
        return total

    async def _do(self, rows: list[Claimed]) -> list[Claimed]:
        """Pokes side by side, the newest of each owner; the rest one after the other, in order."""
        done: list[Claimed] = []
        newest: dict[tuple[str, str], Claimed] = {}
        for row in rows:
            if row.kind == OutboxKind.POKE:
                owner = (row.aggregate, row.aggregate_id)
                if owner not in newest or newest[owner].clock_version < row.clock_version:
                    newest[owner] = row
        limit = asyncio.Semaphore(SIGNALS_AT_ONCE)

        async def poke(row: Claimed) -> bool:
            async with limit:
                return await self._try(row)

        answers = await asyncio.gather(*(poke(row) for row in newest.values()))
        reached = {owner for owner, ok in zip(newest, answers, strict=True) if ok}
        done += [r for r in rows if r.kind == OutboxKind.POKE and (r.aggregate, r.aggregate_id) in reached]
        for row in rows:
            if row.kind != OutboxKind.POKE and await self._try(row):
                done.append(row)
        return done

    async def _try(self, row: Claimed) -> bool:
        try:
            await self._one(row)
        except RPCError as error:
            self.reachable = error.status not in UNREACHABLE
            await self._postpone(row, str(error), counts=self.reachable)
        except DubanError as error:
            await self._postpone(row, str(error), counts=True)
        else:
            self.reachable = True
            return True
        return False

    async def _postpone(self, row: Claimed, error: str, *, counts: bool) -> None:
        await asyncio.to_thread(postpone, self._office, self._clock(), row, error, counts=counts)

    async def _one(self, row: Claimed) -> None:
        if row.kind == OutboxKind.POKE:
            await poke_owner(
                self._client, names.Aggregate(row.aggregate), int(row.aggregate_id), row.clock_version
            )
        elif row.kind == OutboxKind.START_BULLETIN:
            await self._start_bulletin(row)
        else:
            request = IssueLetter(letter_id=int(row.aggregate_id))
            await asyncio.to_thread(issue_letter, self._office, RELAY, self._clock(), request)

    async def _start_bulletin(self, row: Claimed) -> None:
        kind, _, period = row.aggregate_id.partition("/")
        try:
            await self._client.start_workflow(
                names.WORKFLOWS[names.Aggregate.BULLETIN],
                BulletinOf(kind, period),
                id=names.workflow_id(names.Aggregate.BULLETIN, row.aggregate_id),
                task_queue=names.TASK_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )
        except WorkflowAlreadyStartedError:
            return  # a crash came between the start and the mark


async def poke_owner(client: Client, aggregate: names.Aggregate, owner_id: int, clock_version: int) -> None:
    """Start the owner of a row, or poke the one that runs. A closed run may start again: the rows decide what is left."""
    await client.start_workflow(
        names.WORKFLOWS[aggregate],
        Owner(owner_id),
        id=names.workflow_id(aggregate, owner_id),
        task_queue=names.TASK_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        start_signal=names.POKE,
        start_signal_args=[Poke(clock_version)],
    )

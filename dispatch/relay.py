"""The relay: outbox rows become signals that start or poke an owner, letters that are issued, bulletins.

Every row is done at least once and every doing is harmless twice. Pokes of one owner coalesce.
"""

import asyncio
from collections.abc import Iterable
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from contracts import names
from contracts.payloads import Owner, Poke
from dispatch.clock import OfficeClock, wall_clock
from dispatch.connect import is_reachable
from domain.errors import DubanError
from models.engine import OutboxKind
from services.bulletins import WriteBulletin, write_bulletin
from services.failpoints import failpoint
from services.letters import IssueLetter, issue_letter
from services.office import Actor, Office
from services.outbox import Claimed, claim, finish, give_back, postpone
from services.owners import OwnerRow

IDLE_POLL = 1.0
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
RPC_TIMEOUT, TRY_TIMEOUT = timedelta(seconds=10), 15.0
NOT_THE_ROWS_FAULT = frozenset(
    {
        RPCStatusCode.CANCELLED,
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.NOT_FOUND,  # the namespace, while a new server is still making it
        RPCStatusCode.PERMISSION_DENIED,
        RPCStatusCode.UNAUTHENTICATED,
    }
)
WITHOUT_TEMPORAL = tuple(kind for kind in OutboxKind if kind is not OutboxKind.POKE)
RELAY = Actor(name="engine:relay")
SIGNALS_AT_ONCE = 16


class Relay:
    """Drains the outbox. One loop in each worker; leases keep two of them apart.

    While Temporal cannot be reached pokes wait, untried and uncounted; letters and bulletins go on.
    """

    def __init__(self, office: Office, client: Client, clock: OfficeClock) -> None:
        self._office, self._client, self._clock = office, client, clock
        self._work = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._pause, self._look_again_at = FIRST_PAUSE, 0.0
        self.reachable = True

    def nudge(self) -> None:
        """There may be work: called after a commit, from any thread."""
        self._loop.call_soon_threadsafe(self._work.set)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._work.clear()
            if not await self.drain():
                try:
                    await asyncio.wait_for(self._work.wait(), IDLE_POLL)
                except TimeoutError:
                    continue

    async def drain(self) -> list[Claimed]:
        """Do everything that is due now; answers the rows that were done."""
        total: list[Claimed] = []
        await self._look_for_server()
        while rows := await self._claim():
            try:
                done = await self._do(rows)
            except asyncio.CancelledError:  # whoever comes next need not wait until the leases have run out
                await asyncio.to_thread(give_back, self._office, rows)
                raise
            if done:
                failpoint("relay.before_mark")
                await asyncio.to_thread(finish, self._office, self._clock(), done)
            total += done
            if len(done) < len(rows):
                break  # what failed was postponed; the next poll tries again
        return total

    async def _claim(self) -> list[Claimed]:
        kinds = tuple(OutboxKind) if self.reachable else WITHOUT_TEMPORAL
        return await asyncio.to_thread(claim, self._office, self._clock(), wall_clock(), kinds)

    async def _look_for_server(self) -> None:
        """After a failure: ask whether the server is back, at growing intervals up to five seconds."""
        if self.reachable or self._loop.time() < self._look_again_at:
            return
        self.reachable = await is_reachable(self._client)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self._look_again_at = self._loop.time() + self._pause

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
                return self.reachable and await self._try(row)

        answers = await asyncio.gather(*(poke(row) for row in newest.values()))
        reached = {owner for owner, ok in zip(newest, answers, strict=True) if ok}
        done += [r for r in rows if r.kind == OutboxKind.POKE and (r.aggregate, r.aggregate_id) in reached]
        for row in rows:
            if row.kind != OutboxKind.POKE and await self._try(row):
                done.append(row)
        left = {row.id for row in rows} - {row.id for row in done}
        if left and not self.reachable:
            await asyncio.to_thread(give_back, self._office, [row for row in rows if row.id in left])
        return done

    async def _try(self, row: Claimed) -> bool:
        try:
            await self._one(row)
        except RPCError as error:
            if error.status in NOT_THE_ROWS_FAULT:
                self.reachable = False
            else:
                await self._postpone(row, str(error))
        except (
            RuntimeError,
            TimeoutError,
        ):  # a lazy client that could not connect, or a server that says nothing
            self.reachable = False
        except DubanError as error:
            await self._postpone(row, str(error))
        else:
            if row.kind == OutboxKind.POKE:
                self._pause = FIRST_PAUSE
            return True
        return False

    async def _postpone(self, row: Claimed, error: str) -> None:
        await asyncio.to_thread(postpone, self._office, self._clock(), row, error)

    async def _one(self, row: Claimed) -> None:
        if row.kind == OutboxKind.POKE:
            failpoint("relay.before_signal")
            aggregate, owner_id = names.Aggregate(row.aggregate), int(row.aggregate_id)
            async with asyncio.timeout(TRY_TIMEOUT):
                await poke_owner(self._client, aggregate, owner_id, row.clock_version)
        elif row.kind == OutboxKind.WRITE_BULLETIN:
            kind, _, period = row.aggregate_id.partition("/")
            bulletin = WriteBulletin(kind=kind, period=period)
            await asyncio.to_thread(write_bulletin, self._office, RELAY, self._clock(), bulletin)
        else:
            request = IssueLetter(letter_id=int(row.aggregate_id))
            await asyncio.to_thread(issue_letter, self._office, RELAY, self._clock(), request)
            failpoint("letter.after_commit")


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
        rpc_timeout=RPC_TIMEOUT,
    )


async def poke_owners(client: Client, owners: Iterable[OwnerRow]) -> None:
    """Start or poke the owners of all these rows, some at a time."""
    limit = asyncio.Semaphore(SIGNALS_AT_ONCE)

    async def poke(owner: OwnerRow) -> None:
        async with limit:
            await poke_owner(client, owner.aggregate, owner.id, owner.clock_version)

    await asyncio.gather(*(poke(owner) for owner in owners))

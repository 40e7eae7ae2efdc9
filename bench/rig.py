"""The product's own parts in this process: embedded Temporal server, worker, relay, on a made-up office."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import func, select
from temporalio.client import Client

from bench.site import OPENS, Place
from contracts.names import Aggregate, workflow_id
from dispatch.clock import DrivenClock
from dispatch.embedded import EmbeddedServer
from dispatch.relay import Relay
from dispatch.temporal_worker import temporal_worker
from models.columns import table
from models.directive import Item
from models.paper import Notice
from services.directives import OnDirective, publish
from services.office import Office
from store.sessions import reading

NOTICE, ITEM = table(Notice), table(Item)
THREADS = 8
PAUSE = 0.002


@dataclass(frozen=True)
class Rig:
    """What runs: the office with its relay wide awake, the client of the server, the office's clock."""

    office: Office
    client: Client
    clock: DrivenClock


@asynccontextmanager
async def running(place: Place, server: EmbeddedServer) -> AsyncIterator[Rig]:
    """The worker and the relay for that place, until the block ends."""
    client, clock = await server.connect(), DrivenClock(OPENS)
    relay = Relay(place.office, client, clock)
    async with temporal_worker(client, place.office, clock, THREADS):
        loop = asyncio.create_task(relay.run())
        try:
            yield Rig(replace(place.office, nudge=relay.nudge), client, clock)
        finally:
            loop.cancel()
            with suppress(asyncio.CancelledError):
                await loop


def server_in(folder: Path, *, played: bool = False) -> EmbeddedServer:
    """The embedded server as `duban up` starts it, or as a played year does."""
    return EmbeddedServer(folder / ("played.db" if played else "temporal.db"), played=played)


async def timed_publish(rig: Rig, place: Place, directive: int, notices: int) -> float:
    """Seconds from `publish` until every notice row is committed and every item's workflow waits."""
    before = count_notices(rig.office)
    started = time.perf_counter()
    await asyncio.to_thread(publish, rig.office, place.leader, OPENS, OnDirective(directive_id=directive))
    await until(lambda: _is_told(rig.office, directive, before + notices))
    await asyncio.gather(
        *(wait_for_timer(rig.client, name) for name in _item_workflows(rig.office, directive))
    )
    return time.perf_counter() - started


async def until(is_so: Callable[[], bool]) -> None:
    """Look, in a thread, until it is so."""
    while True:
        if await asyncio.to_thread(is_so):
            return
        await asyncio.sleep(PAUSE)


def count_notices(office: Office) -> int:
    """All notice rows."""
    with reading(office.engine) as session:
        return int(session.connection().execute(select(func.count()).select_from(NOTICE)).scalar_one())


def _is_told(office: Office, directive: int, notices: int) -> bool:
    """Whether every item of the directive knows its next moment (written with its last notice), and all rows are there."""
    waiting = select(func.count()).where(ITEM.c.directive_id == directive, ITEM.c.next_moment.is_(None))
    with reading(office.engine) as session:
        if session.connection().execute(waiting).scalar_one():
            return False
    found = count_notices(office)
    assert found <= notices, f"{found} notices, {notices} were to be written"
    return found == notices


def _item_workflows(office: Office, directive: int) -> list[str]:
    with reading(office.engine) as session:
        ids: Iterable[int] = (
            session.connection().execute(select(ITEM.c.id).where(ITEM.c.directive_id == directive)).scalars()
        )
        return [workflow_id(Aggregate.ITEM, one) for one in ids]


async def wait_for_timer(client: Client, name: str) -> None:
    """Until the server has nothing pending for a workflow that began: it waits for its timer."""
    while True:
        raw = (await client.get_workflow_handle(name).describe()).raw_description
        begun = raw.workflow_execution_info.history_length > 4
        if begun and not raw.pending_activities and not raw.HasField("pending_workflow_task"):
            return
        await asyncio.sleep(PAUSE)

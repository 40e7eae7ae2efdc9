"""A Temporal server that a test may kill, and the parts of a worker on it, each moved by hand."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from dispatch.clock import DrivenClock
from dispatch.connect import SOON_SAID
from dispatch.embedded import EmbeddedServer
from dispatch.ports import HOST, free_port
from dispatch.reconciler import Reconciler
from dispatch.relay import Relay
from dispatch.role import Role
from dispatch.temporal_worker import temporal_worker
from dispatch.workflows import describe, describe_all
from domain.unit_task import Role as Part
from models.columns import table
from models.engine import Incident
from models.unit_task import UnitTask
from services.lapses import open_owners
from services.owners import OwnerRow
from tests.dispatch.hooks import hooks, other, receiver
from tests.office import BEGINS, Published, Scene
from tests.temporal import PATIENCE, own_namespace

__all__ = ["hooks", "other", "receiver"]
THREADS = 4


@dataclass
class House:
    """One office with its engine. Nothing moves by itself but the Temporal worker."""

    scene: Scene
    client: Client
    clock: DrivenClock
    relay: Relay
    reconciler: Reconciler

    def pass_time(self, seconds: float) -> datetime:
        """Let the office's clock go on."""
        self.clock.move_to(self.clock() + timedelta(seconds=seconds))
        return self.clock()

    def owners(self) -> list[OwnerRow]:
        return open_owners(self.scene.office, self.clock())

    async def settled(self, patience: float = PATIENCE) -> None:
        """Wait until every open owner has seen its newest version and is not late."""
        end = time.monotonic() + patience
        while waiting := [row.workflow_id for row in self.owners() if self._waits(row)]:
            assert time.monotonic() < end, f"not settled within {patience:.0f} s: {waiting[:5]}"
            await asyncio.sleep(0.02)
        await self.at_peace({row.workflow_id for row in self.owners()}, patience)

    async def at_peace(self, ids: set[str], patience: float = PATIENCE) -> None:
        """Wait until these workflows have nothing pending: their row is written a moment before they wait."""
        end = time.monotonic() + patience
        while any(one.busy for one in (await describe_all(self.client, ids)).values()):
            assert time.monotonic() < end, f"no peace within {patience:.0f} s: {sorted(ids)[:5]}"
            await asyncio.sleep(0.02)

    def _waits(self, row: OwnerRow) -> bool:
        now = self.clock()
        return row.seen_clock_version != row.clock_version or (row.next_moment or now) < now

    async def begin(self, *units: str, items: int = 1, patience: float = PATIENCE) -> Published:
        """Publish items for these units, wait out the hold, and let the tasks be handed out."""
        parts = [(unit, Part.HANDLING) for unit in units]
        drafts = [self.scene.item(*parts, number=str(n + 1)) for n in range(items)]
        published = self.scene.publish(*drafts)
        self.clock.move_to(max(self.clock(), BEGINS))
        await self.relay.drain()
        await self.settled(patience)
        return published

    async def running(self) -> set[str]:
        """The ids of our workflows that run, each asked for by itself."""
        found = set()
        for row in self.owners():
            if (await describe(self.client, row.workflow_id)).running:
                found.add(row.workflow_id)
        return found

    def tasks(self) -> int:
        return self.scene.count(UnitTask)

    def incidents(self) -> list[str]:
        """The kinds of the incidents that are open."""
        t = table(Incident)
        return sorted(row.kind for row in self.scene.rows(Incident, t.c.closed_at.is_(None)))


@dataclass
class Breakable(House):
    """A house with a Temporal server of its own."""

    server: EmbeddedServer

    def kill(self) -> None:
        """The server dies at once."""
        assert self.server.pid is not None
        os.kill(self.server.pid, signal.SIGKILL)

    async def lose(self) -> None:
        """The server dies, and its file is gone."""
        self.kill()
        await asyncio.to_thread(self.server.stop)
        for file in self.server.file.parent.glob(f"{self.server.file.name}*"):
            file.unlink()


def parts(scene: Scene, client: Client) -> tuple[Scene, Client, DrivenClock, Relay, Reconciler]:
    """What a house is made of, ten minutes before its first directive begins."""
    clock, office = DrivenClock(BEGINS - timedelta(minutes=10)), scene.office
    relay = Relay(office, client, clock)
    return (
        scene,
        client,
        clock,
        relay,
        Reconciler(office, client, clock, Role(office, "reconciler", "test:0")),
    )


@pytest.fixture
async def still_house(scene: Scene, temporal_server: EmbeddedServer) -> House:
    """The small office without a Temporal worker: workflows are begun and nobody takes them up."""
    return House(*parts(scene, await own_namespace(temporal_server)))


@pytest.fixture
async def house(still_house: House) -> AsyncIterator[House]:
    """The small office with a Temporal worker, on a server shared with other tests."""
    async with temporal_worker(still_house.client, still_house.scene.office, still_house.clock, THREADS):
        yield still_house


@pytest.fixture
async def breakable(scene: Scene, tmp_path: Path) -> AsyncIterator[Breakable]:
    """The small office with a Temporal worker, on a server that the test may kill."""
    async with EmbeddedServer(tmp_path / "temporal" / "t.db", port=free_port()) as server:
        client = await Client.connect(server.address, retry_config=SOON_SAID)
        one = Breakable(*parts(scene, client), server)
        async with temporal_worker(client, one.scene.office, one.clock, THREADS):
            yield one


@pytest.fixture
async def nowhere() -> Client:
    """A client of a server that is not there."""
    return await Client.connect(f"{HOST}:{free_port()}", lazy=True)

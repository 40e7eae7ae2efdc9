"""A Temporal server that a test may kill, and the parts of a worker on it, each moved by hand."""

import asyncio
import contextlib
import os
import signal
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
from domain.unit_task import Role as Part
from models.columns import table
from models.engine import Incident
from models.unit_task import UnitTask
from services.lapses import open_owners
from services.owners import OwnerRow
from tests.office import BEGINS, Published, Scene
from tests.temporal import eventually

THREADS = 4


@dataclass
class House:
    """One office with its engine. Nothing moves by itself but the Temporal worker."""

    scene: Scene
    server: EmbeddedServer
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

    async def settled(self) -> None:
        """Wait until every open owner has seen its newest version and is not late."""

        async def holds() -> bool:
            now = self.clock()
            return all(
                row.seen_clock_version == row.clock_version and (row.next_moment or now) >= now
                for row in self.owners()
            )

        await eventually(holds, "every owner has seen its newest version")

    async def begin(self, *units: str, items: int = 1) -> Published:
        """Publish items for these units, wait out the hold, and let the tasks be handed out."""
        parts = [(unit, Part.HANDLING) for unit in units]
        drafts = [self.scene.item(*parts, number=str(n + 1)) for n in range(items)]
        published = self.scene.publish(*drafts)
        self.clock.move_to(max(self.clock(), BEGINS))
        await self.relay.drain()
        await self.settled()
        return published

    async def running(self) -> set[str]:
        """The ids of our workflows that run, each asked for by itself."""
        found = set()
        for row in self.owners():
            with contextlib.suppress(Exception):
                description = await self.client.get_workflow_handle(row.workflow_id).describe()
                if description.status is not None and description.status.name == "RUNNING":
                    found.add(row.workflow_id)
        return found

    def tasks(self) -> int:
        return self.scene.count(UnitTask)

    def incidents(self) -> list[str]:
        """The kinds of the incidents that are open."""
        t = table(Incident)
        return sorted(row.kind for row in self.scene.rows(Incident, t.c.closed_at.is_(None)))

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


@pytest.fixture
async def house(sqlite_scene: Scene, tmp_path: Path) -> AsyncIterator[House]:
    """The small office on a Temporal server of its own."""
    clock, office = DrivenClock(BEGINS - timedelta(minutes=10)), sqlite_scene.office
    async with EmbeddedServer(tmp_path / "temporal" / "t.db", port=free_port()) as server:
        client = await Client.connect(server.address, retry_config=SOON_SAID)
        relay = Relay(office, client, clock)
        reconciler = Reconciler(office, client, clock, Role(office, "reconciler", "test:0"))
        async with temporal_worker(client, office, clock, THREADS):
            yield House(sqlite_scene, server, client, clock, relay, reconciler)


@pytest.fixture
async def nowhere() -> Client:
    """A client of a server that is not there."""
    return await Client.connect(f"{HOST}:{free_port()}", lazy=True)

"""The engine for tests: a real Temporal server whose time is skipped, our worker, our relay, a driven office clock.

`temporal_server` is one server for all tests; `live` is a namespace of its own in it, with a worker over
the database of `scene`. Moments are walked one by one, as a played year does it (play.owners). `told` plays a story
once for several tests of a module that only look at what came of it.
"""

import asyncio
import itertools
import json
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHistory
from temporalio.service import RPCError
from temporalio.testing import TimeSkipper

from dispatch.clock import DrivenClock
from dispatch.embedded import EmbeddedServer
from dispatch.relay import Relay
from dispatch.temporal_worker import temporal_worker
from models.engine import OutboxKind
from play.owners import SPARE, Owners
from services.owners import waiting
from store.sessions import open_engine
from tests.office import PUBLISHED, Scene

PATIENCE = 20.0
THREADS = 4
SKIPPING = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
}
_numbers = itertools.count(1)


async def eventually(holds: Callable[[], Awaitable[Any]], what: str) -> Any:
    """Ask again and again until the answer is true, and give it back. Fails naming `what` when it never is."""
    end = time.monotonic() + PATIENCE
    while not (answer := await holds()):
        assert time.monotonic() < end, f"not within {PATIENCE:.0f} s: {what}"
        await asyncio.sleep(0.02)
    return answer


@dataclass(frozen=True)
class Run:
    """One run of a workflow as the server has it, oldest first in `Live.runs`."""

    run_id: str
    status: WorkflowExecutionStatus
    history: WorkflowHistory

    @property
    def events(self) -> Sequence[HistoryEvent]:
        return self.history.events

    @property
    def usual(self) -> list[HistoryEvent]:
        """The events that a run has in production too: skipping time writes some of its own."""
        return [event for event in self.events if event.event_type not in SKIPPING]

    @property
    def wake_ups(self) -> int:
        """How often it woke up to do what was due."""
        return len(self.of("ACTIVITY_TASK_SCHEDULED"))

    @property
    def answers(self) -> list[dict[str, Any]]:
        """What each of its activities answered, in order."""
        done = (e.activity_task_completed_event_attributes for e in self.of("ACTIVITY_TASK_COMPLETED"))
        return [json.loads(one.result.payloads[0].data) for one in done]

    def of(self, kind: str) -> list[HistoryEvent]:
        """Its events of a kind, named as the Temporal UI names them without the prefix: `TIMER_STARTED`."""
        wanted = EventType.Value(f"EVENT_TYPE_{kind}")
        return [event for event in self.events if event.event_type == wanted]


@dataclass(frozen=True)
class Live:
    """An office that runs: its people act through `scene`, time passes by `until`."""

    scene: Scene
    clock: DrivenClock
    client: Client
    relay: Relay
    owners: Owners

    async def until(self, instant: datetime) -> None:
        """Let time pass up to and including `instant`, stopping at each moment of an owner or the relay."""
        while (moment := self.scene.next_moment()) is not None and moment <= instant:
            await self._step(max(moment, self.clock()))
        self.clock.move_to(max(instant, self.clock()))
        await self.settle()

    async def _step(self, now: datetime) -> None:
        self.clock.move_to(now)
        due = [row for row in waiting(self.scene.office) if row.next_moment and row.next_moment <= now]
        if due:
            await self.owners.wake(due, now)
        await self.settle()

    async def settle(self) -> None:
        """Let the relay do what is due, until every owner it poked is at rest."""
        while rows := await self.relay.drain():
            poked = {f"{row.aggregate}/{row.aggregate_id}" for row in rows if row.kind == OutboxKind.POKE}
            await self.owners.settle(self.clock(), poked)

    async def skip(self, workflow_id: str, wait: timedelta, spare: timedelta = SPARE) -> None:
        """Skip the time of one owner by `wait`, and a little more, whatever the office clock shows.

        `spare` must end before what the owner waits for next; answers when the owner is at rest.
        """
        handle = self.client.get_workflow_handle(workflow_id)
        await TimeSkipper(self.client).fast_forward(handle, wait + spare)
        await self.owners.quiet(workflow_id)

    async def status(self, workflow_id: str) -> WorkflowExecutionStatus | None:
        """How the newest run of that workflow stands."""
        return (await self.client.get_workflow_handle(workflow_id).describe()).status

    async def ended(self, workflow_id: str) -> WorkflowExecutionStatus:
        """How the newest run of that workflow ended; waits until it has."""

        async def status() -> WorkflowExecutionStatus | None:
            found = await self.status(workflow_id)
            return None if found is WorkflowExecutionStatus.RUNNING else found

        found = await eventually(status, f"{workflow_id} ends")
        assert isinstance(found, WorkflowExecutionStatus)
        return found

    async def runs(self, workflow_id: str) -> list[Run]:
        """Every run of that workflow with its history, by following each back to the one it continues."""
        found: list[Run] = []
        run_id: str | None = None
        while run_id != "":
            handle = self.client.get_workflow_handle(workflow_id, run_id=run_id)
            description = await handle.describe()
            assert description.status is not None
            history = await handle.fetch_history()
            found.insert(0, Run(description.run_id, description.status, history))
            begun = history.events[0].workflow_execution_started_event_attributes
            run_id = begun.continued_execution_run_id
        return found

    async def counted(self, query: str, wanted: int) -> None:
        """Wait until the server's list, which may be a moment old, counts that many workflows."""

        async def holds() -> bool:
            return (await self.client.count_workflows(query)).count == wanted

        await eventually(holds, f"{wanted} workflows with {query}")


@pytest.fixture(scope="session")
def temporal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """A server whose time can be skipped, as a played year uses it."""
    server = EmbeddedServer(tmp_path_factory.mktemp("temporal") / "temporal.db", played=True)
    asyncio.run(server.start())
    yield server
    server.stop()


async def own_namespace(server: EmbeddedServer) -> Client:
    """A client in a new namespace of that server."""
    name = f"test-{next(_numbers)}"
    outside = await server.connect()
    wanted = RegisterNamespaceRequest(
        namespace=name, workflow_execution_retention_period=Duration(seconds=86400)
    )
    await outside.workflow_service.register_namespace(wanted)
    inside = await Client.connect(server.address, namespace=name)

    async def is_known() -> bool:
        try:
            await inside.count_workflows()
        except RPCError:
            return False
        return True

    await eventually(is_known, f"namespace {name}")
    return inside


@asynccontextmanager
async def running(client: Client, scene: Scene) -> AsyncIterator[Live]:
    """The office of `scene` with its engine running, at the instant of publication."""
    clock = DrivenClock(PUBLISHED)
    office = scene.office
    async with temporal_worker(client, office, clock, THREADS):
        yield Live(scene, clock, client, Relay(office, client, clock), Owners(client, office))


@pytest.fixture
async def live(temporal_server: EmbeddedServer, scene: Scene) -> AsyncIterator[Live]:
    """The small office with its engine running, in a namespace of its own."""
    async with running(await own_namespace(temporal_server), scene) as engine:
        yield engine


Told = TypeVar("Told")


@dataclass(frozen=True)
class Teller:
    """Plays stories, each in an office and a namespace of its own, outside the loop of any test."""

    server: EmbeddedServer
    folder: Path
    prepared: tuple[Path, Scene]

    def __call__(self, story: Callable[[Live], Awaitable[Told]]) -> Told:
        return asyncio.run(self._tell(story))

    async def _tell(self, story: Callable[[Live], Awaitable[Told]]) -> Told:
        file, known = self.prepared
        engine = open_engine(f"sqlite:///{shutil.copyfile(file, self.folder / f'{next(_numbers)}.db')}")
        scene = replace(known, office=replace(known.office, engine=engine))
        try:
            async with running(await own_namespace(self.server), scene) as live:
                return await story(live)
        finally:
            engine.dispose()


@pytest.fixture(scope="module")
def told(
    temporal_server: EmbeddedServer,
    small_office: tuple[Path, Scene],
    tmp_path_factory: pytest.TempPathFactory,
) -> Teller:
    """Plays a story and answers what it answers."""
    return Teller(temporal_server, tmp_path_factory.mktemp("told"), small_office)

"""One run of the scene: office, Temporal server, mail server, one or more workers, and who kills them when."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from temporalio.client import Client
from temporalio.service import RPCError

from dispatch.embedded import EmbeddedServer
from dispatch.ports import free_port
from dispatch.workflows import describe_all
from models.columns import table
from models.engine import Incident
from models.paper import Mail, MailState
from scheduler.catch_up import run_due
from services.lapses import open_owners
from services.outbox import next_due
from services.owners import unsettled, waiting
from store.sessions import reading
from tests.prove.letter_box import in_the_air
from tests.prove.place import OPENS, Place
from tests.prove.timers import Timers
from tests.prove.victim import Death, Victim
from tests.prove.worker_process import LOOK_EVERY, Part
from tests.smtp_server import ScriptedSmtp

PATIENCE = 60.0
POLL = 0.03
GRACE = 2.0
PORTS = (12000, 30000)
MAIL = table(Mail)


@dataclass(frozen=True)
class Plan:
    """Which failpoints strike in which phase of the scene, `point:n` one after the other; how many workers share them.

    `servers_killed` says how often the Temporal server is killed in which phase, at moments drawn from `seed`.
    """

    strikes: dict[str, list[str]] = field(default_factory=dict)
    workers: int = 1
    bug: str = ""
    until: str = ""
    servers_killed: dict[str, int] = field(default_factory=dict)
    seed: int = 1


@dataclass
class Stage:
    """Everything of one run while it runs."""

    place: Place
    server: EmbeddedServer
    client: Client
    smtp: ScriptedSmtp
    victims: list[Victim]
    plan: Plan
    timers: Timers
    may_repeat: Counter[str]
    """The mails that were in the air when a worker died, and how often."""
    now: datetime = OPENS
    servers_killed: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.plan.seed)

    @property
    def deaths(self) -> list[Death]:
        """Of all workers."""
        return [death for victim in self.victims for death in victim.deaths]

    async def rhythm(self, now: datetime) -> None:
        """Half an hour before: the bulletins of all days since, so that their figures are those of a quiet office."""
        self._move(now - timedelta(minutes=30))
        run_due(self.place.office, self.now)
        await self.come_to_rest()

    async def phase(self, name: str, now: datetime, act: Callable[["Stage"], None] | None = None) -> None:
        """Move the clock to `now`, let people act and the engine do what is due, killed as planned, until all rest."""
        started = time.monotonic()
        if strikes := self.plan.strikes.get(name):
            await asyncio.gather(
                *(v.arm(strikes[n :: len(self.victims)]) for n, v in enumerate(self.victims))
            )
        self._move(now)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._kill_servers(self.plan.servers_killed.get(name, 0)))
            if act:
                group.create_task(asyncio.to_thread(act, self))
        await self.come_to_rest()
        if strikes:
            await self._let_strikes_fall()
        self.seconds[name] = round(time.monotonic() - started, 2)

    async def _let_strikes_fall(self) -> None:
        """What looks like rest may be the last instant before a death; wait for it a little, and for what follows."""
        end = time.monotonic() + GRACE
        while any(victim.armed for victim in self.victims) and time.monotonic() < end:
            for victim in self.victims:
                victim.look()
            await asyncio.sleep(POLL)
        await self.come_to_rest()

    def _move(self, now: datetime) -> None:
        self.now = now
        self.place.set_clock(now)

    async def _kill_servers(self, times: int) -> None:
        """Kill the Temporal server with SIGKILL, and start it again on its file, so many times."""
        for _ in range(times):
            await asyncio.sleep(self._chance.uniform(0.02, 0.5))
            assert self.server.pid is not None
            os.kill(self.server.pid, signal.SIGKILL)
            self.servers_killed += 1
            await asyncio.sleep(self._chance.uniform(0, 0.3))
            await self.server.start()

    async def come_to_rest(self) -> None:
        """Wake the owners whose moment has come, and wait until nothing is left to do at this instant."""
        end = time.monotonic() + PATIENCE
        while not await self._at_rest():
            if time.monotonic() > end:
                raise AssertionError(f"not at rest after {PATIENCE:.0f} s: {self._what_is_left()}")
            await asyncio.sleep(POLL)

    async def close_incidents(self) -> None:
        """Give the reconciler the time of a few looks to close what is no fault any more."""
        for _ in range(5):
            if all(row.closed_at for row in self.place.scene.rows(Incident)):
                return
            await asyncio.sleep(LOOK_EVERY)

    async def _at_rest(self) -> bool:
        for victim in self.victims:
            victim.look()
        firing = self.timers.still_firing()
        left = self._what_is_left()
        try:
            if left:
                rows = waiting(self.place.office)
                due = [row.workflow_id for row in rows if row.next_moment and row.next_moment <= self.now]
                await self.timers.fire(due)
                return False
            running = open_owners(self.place.office, self.now)
            found = await describe_all(self.client, (row.workflow_id for row in running))
        except RPCError:  # the server was killed and is not quite back
            return False
        return not firing and not any(one.busy for one in found.values()) and not self._what_is_left()

    def _what_is_left(self) -> list[str]:
        """What is due at this instant and not done."""
        office = self.place.office
        left = [f"owner {row.workflow_id}" for row in unsettled(office, self.now)]
        due = next_due(office)
        left += [f"outbox since {due}"] if due and due <= self.now else []
        waits = MAIL.c.state.in_((MailState.PENDING, MailState.UNKNOWN)) & (MAIL.c.next_at <= self.now)
        counting = select(func.count()).where(or_(waits, MAIL.c.state == MailState.SENDING))
        with reading(office.engine) as session:
            mails = session.connection().execute(counting).scalar_one()
        return [*left, f"{mails} mails"] if mails else left


def _server(place: Place) -> EmbeddedServer:
    """On a port that nobody else takes while it is dead: neither another test's server nor an outgoing connection."""
    port = free_port(random.randrange(*PORTS))
    return EmbeddedServer(place.folder / "temporal.db", port=port, played=True)


@asynccontextmanager
async def on_stage(place: Place, plan: Plan) -> AsyncIterator[Stage]:
    """Set the servers and the workers up for one run, and take everything down after it."""
    async with AsyncExitStack() as stack:
        stack.callback(place.office.engine.dispose)
        smtp = stack.enter_context(ScriptedSmtp())
        server = await stack.enter_async_context(_server(place))
        client = await server.connect()
        environment = place.environment(server.address, smtp.url)
        may_repeat: Counter[str] = Counter()
        victims = []
        for number in range(plan.workers):
            log = place.folder / f"worker-{number}.log"
            victims.append(
                Victim(
                    Part(environment, place.clock, log, bug=plan.bug),
                    lambda: may_repeat.update(in_the_air(place)),
                )
            )
            stack.callback(victims[-1].end)
        timers = Timers(client, place.office)
        stack.push_async_callback(timers.stop)
        for victim in victims:
            await victim.arm([])
        yield Stage(place, server, client, smtp, victims, plan, timers, may_repeat)
        for victim in victims:
            await victim.stop()

"""A whole year, played on the real engine: embedded server, worker, relay, mailer and real mail."""

import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client

from dispatch.clock import DrivenClock
from dispatch.embedded import EmbeddedServer
from dispatch.mailer import Mailer
from dispatch.relay import Relay
from dispatch.temporal_worker import temporal_worker
from mail.settings import SmtpSettings
from mail.sink import MailSink
from mail.transport import Carrier
from play.agenda import Agenda
from play.cast import Cast, Stage
from play.chance import Chance
from play.driver import Driver, Troupe
from play.expected import ladder_differences
from play.owners import Owners
from play.people import People
from play.stage import Script, Set, set_stage
from play.traces import untraced
from services import directives
from services.check import check
from services.directives import OnDirective
from services.office import Office
from services.tally import tally
from services.trail import verify_trail
from store.evidence import EvidenceStore, FolderStore
from store.keys import make_key_file
from store.schema import migrate
from store.sessions import open_engine

SENDER = "duban@yunxi.example"
SITE = "督办"

Progress = Callable[[datetime, datetime, datetime], None]
"""Told where the play is: from, now, until."""


@dataclass(frozen=True)
class Played:
    """The result of a play: its counts, what was refused on the way, and what is not as it should be."""

    figures: dict[str, Any]
    refused: tuple[str, ...]
    faults: tuple[str, ...]
    office: Office
    ended: datetime
    """Where the office clock stood when it was over."""


@dataclass(frozen=True)
class Run:
    """What a play is run with. `threads` are the worker's for activities."""

    script: Script
    folder: Path
    threads: int = 8
    progress: Progress | None = None
    until: datetime | None = None
    """Stop at this instant, in the middle of things; None plays to the end."""


@dataclass(frozen=True)
class Engine:
    """The running engine of a play."""

    client: Client
    relay: Relay
    mailer: Mailer
    sink: MailSink
    server_version: str


def key_file(folder: Path) -> Path:
    """Where the audit key of a play lies: its own, worth no more than the play."""
    return folder / "keys" / "audit.key"


async def play(run: Run) -> Played:
    """Play a script in a folder that is new or empty. Its mail goes to a local sink, never further."""
    nudged = threading.Event()
    database = open_engine(f"sqlite:///{run.folder / 'duban.sqlite'}")
    migrate(database)
    office = Office(
        database,
        make_key_file(key_file(run.folder)),
        ZoneInfo("Asia/Shanghai"),
        mail_host="yunxi.example",
        nudge=nudged.set,
    )
    evidence = FolderStore(run.folder / "evidence")
    scene = set_stage(office, run.script)
    clock = DrivenClock(scene.opens_at)
    cast = Cast(
        Stage(
            office,
            scene.frame,
            evidence,
            Agenda(scene.frame, Chance(run.script.seed)),
            Chance(run.script.seed),
        )
    )
    async with _engine(run, office, clock) as engine:
        started = time.perf_counter()
        directives.publish(office, scene.leader, scene.opens_at, OnDirective(directive_id=scene.directive_id))
        troupe = _troupe(scene, cast, clock, engine, nudged)
        await Driver(troupe, scene.last_day, _teller(run, scene)).run(run.until)
        seconds = round(time.perf_counter() - started, 2)
        missing = await untraced(engine.client, office)
        workflows = await _workflow_counts(engine.client)
        caught = engine.sink.count
    figures: dict[str, Any] = {
        "seed": run.script.seed,
        "year": run.script.year,
        "server_version": engine.server_version,
    }
    figures |= {
        "units": scene.units,
        "items": scene.items,
        **tally(office),
        **workflows,
        "mails_caught": caught,
    }
    figures |= {
        "unmatched_units": scene.assumed.unmatched_units,
        "deadlines_assumed": list(scene.assumed.deadlines_assumed),
    }
    verdict, faults = _verdict(office, evidence, figures, clock())
    verdict["traces_ok"] = not missing
    return Played(
        figures | verdict | {"seconds": seconds}, tuple(cast.refused), (*faults, *missing), office, clock()
    )


@asynccontextmanager
async def _engine(run: Run, office: Office, clock: DrivenClock) -> AsyncIterator[Engine]:
    async with AsyncExitStack() as stack:
        sink = stack.enter_context(MailSink(run.folder / "mail.mbox"))
        server = await stack.enter_async_context(EmbeddedServer(run.folder / "temporal.db", played=True))
        client = await server.connect()
        carrier = await stack.enter_async_context(
            Carrier(SmtpSettings.from_url(f"{sink.url}?from={SENDER}&starttls=never"))
        )
        mailer = Mailer(office, carrier, SENDER, SITE, clock)
        await stack.enter_async_context(temporal_worker(client, office, clock, run.threads))
        version = (await client.workflow_service.get_system_info(GetSystemInfoRequest())).server_version
        yield Engine(client, Relay(office, client, clock), mailer, sink, version)


def _troupe(scene: Set, cast: Cast, clock: DrivenClock, engine: Engine, nudged: threading.Event) -> Troupe:
    office = cast.stage.office
    owners = Owners(engine.client, office)
    return Troupe(
        office,
        scene.frame,
        clock,
        owners,
        People(cast),
        cast.stage.agenda,
        engine.relay,
        engine.mailer,
        nudged,
    )


def _teller(run: Run, scene: Set) -> Callable[[datetime], None]:
    """Passes the play's time on to whoever watches."""

    def tell(now: datetime) -> None:
        if run.progress:
            run.progress(scene.opens_at, now, scene.last_day)

    return tell


async def _workflow_counts(client: Client) -> dict[str, int]:
    """How the workflows ended, as the server says."""
    queries = {
        "workflows_completed": "ExecutionStatus = 'Completed'",
        "workflows_failed": "ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated', 'Canceled')",
        "workflows_running": "ExecutionStatus = 'Running'",
    }
    return {name: (await client.count_workflows(query)).count for name, query in queries.items()}


def _verdict(
    office: Office, evidence: EvidenceStore, figures: dict[str, Any], ended: datetime
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Whether the year came out as it must: everything ended, the trail whole, every rung the ladder's own."""
    faults = [f"{figures[name]} {name}" for name in MUST_BE_ZERO if figures[name]]
    report = check(office, evidence)
    faults += [f"{finding.invariant} {finding.subject}: {finding.text}" for finding in report.findings]
    trail = verify_trail(office)
    faults += [] if trail.ok else [f"audit row {trail.bad_seq}: {trail.reason}"]
    rungs = ladder_differences(office, ended)
    return {"audit_ok": trail.ok, "invariants_ok": report.ok, "ladder_ok": not rungs}, tuple(faults + rungs)


MUST_BE_ZERO = ("workflows_failed", "workflows_running", "open_unit_tasks", "mails_failed", "incidents")

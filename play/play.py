"""A whole year, played on the real engine: embedded server, worker, relay, mailer and real mail."""

import secrets
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dispatch.clock import DrivenClock
from dispatch.embedded import EmbeddedServer
from dispatch.mailer import Mailer
from dispatch.relay import Relay
from dispatch.temporal_worker import temporal_worker
from domain.audit import KeyRing
from domain.instants import at
from mail.settings import SmtpSettings
from mail.sink import MailSink
from mail.transport import Carrier
from play.agenda import Agenda
from play.chance import Chance
from play.driver import Driver, Troupe
from play.owners import Owners
from play.people import People, Stage
from play.result import counts, workflow_counts
from play.stage import Script, Set, set_stage
from services import directives
from services.directives import OnDirective
from services.office import Office
from store.evidence import FolderStore
from store.schema import migrate
from store.sessions import open_engine

SENDER = "duban@yunxi.example"


@dataclass(frozen=True)
class Played:
    """The result of a play: its counts, and where its rows lie."""

    figures: dict[str, Any]
    refused: tuple[str, ...]
    office: Office


Progress = Callable[[datetime, datetime, datetime], None]
"""Told where the play is: from, now, until."""


async def play(script: Script, folder: Path, *, threads: int = 8, progress: Progress | None = None) -> Played:
    """Play the script in `folder` (which is new or empty). The play's mail goes to a local sink, never further."""
    engine = open_engine(f"sqlite:///{folder / 'duban.sqlite'}")
    migrate(engine)
    keys = KeyRing("play", {"play": secrets.token_bytes(32)})
    office = Office(engine, keys, ZoneInfo("Asia/Shanghai"), mail_host="yunxi.example")
    scene = set_stage(office, script)
    clock = DrivenClock(scene.opens_at)
    async with AsyncExitStack() as stack:
        sink = stack.enter_context(MailSink(folder / "mail.mbox"))
        server = await stack.enter_async_context(EmbeddedServer(folder / "temporal.db", played=True))
        client = await server.connect()
        relay = Relay(office, client, clock)
        carrier = await stack.enter_async_context(
            Carrier(SmtpSettings.from_url(f"{sink.url}?from={SENDER}&starttls=never"))
        )
        mailer = Mailer(office, carrier, SENDER, "督办", clock)
        await stack.enter_async_context(temporal_worker(client, office, clock, threads))
        started = time.perf_counter()
        directives.publish(office, scene.leader, scene.opens_at, OnDirective(directive_id=scene.directive_id))
        people = await _drive(
            office, scene, script, folder, clock, Owners(client, office), relay, mailer, progress
        )
        seconds = time.perf_counter() - started
        figures = _figures(script, scene, office, seconds) | await workflow_counts(client)
        figures["mails_caught"] = sink.count
    return Played(figures, tuple(people.refused), office)


async def _drive(
    office: Office,
    scene: Set,
    script: Script,
    folder: Path,
    clock: DrivenClock,
    owners: Owners,
    relay: Relay,
    mailer: Mailer,
    progress: Progress | None,
) -> People:
    chance = Chance(script.seed)
    agenda = Agenda(scene.frame, chance)
    people = People(Stage(office, scene.frame, FolderStore(folder / "evidence"), agenda, chance))
    troupe = Troupe(office, scene.frame, clock, owners, people, agenda, relay, mailer)

    def tell(now: datetime) -> None:
        if progress:
            progress(scene.opens_at, now, scene.last_day)

    await Driver(troupe, scene.last_day, tell).run()
    return people


def _figures(script: Script, scene: Set, office: Office, seconds: float) -> dict[str, Any]:
    return {
        "seed": script.seed,
        "year": script.year,
        "units": scene.units,
        "items": scene.items,
        **counts(office),
        "unmatched_units": scene.assumed.unmatched_units,
        "deadlines_assumed": list(scene.assumed.deadlines_assumed),
        "seconds": round(seconds, 2),
    }

"""The worker process that the proofs kill: `worker.run_worker` as it is, on an office clock kept in a file.

Only waiting is made shorter here (leases, polls, time-outs), pages smaller, and, to prove that the proofs can
fail, a bug may be planted. Nothing else differs from a worker in production.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import temporalio.worker

from config.load import load_settings
from dispatch import mailer, relay, temporal_worker
from dispatch.stopping import until_stopped
from services import fan_out, ladder_walk, mails, outbox
from tests.prove.planted import PATCH, PLANTED
from worker import run_worker, warn
from workflows import policies

SHORT = timedelta(seconds=2)
LOOK_EVERY = 2.0


@dataclass(frozen=True)
class Part:
    """What one worker process is given: its settings, clock, page sizes, failpoint and planted bug."""

    environment: Mapping[str, str]
    clock: Path
    log: Path
    failpoint: str = ""
    bug: str = ""
    fan_out_page: int = 15
    ladder_page: int = 5


def read_clock(file: Path) -> datetime:
    """The office's now."""
    return datetime.fromisoformat(file.read_text(encoding="ascii"))


def hasten(part: Part) -> None:
    """Wait less after a death, look more often, and take smaller pages."""
    for module, name in ((outbox, "LEASE"), (mails, "LEASE"), (policies, "HEARTBEAT_TIMEOUT")):
        PATCH.setattr(module, name, SHORT)
    for module in (relay, mailer):
        PATCH.setattr(module, "IDLE_POLL", 0.1)
    quick = partial(temporalio.worker.Worker, sticky_queue_schedule_to_start_timeout=SHORT)
    PATCH.setattr(temporal_worker, "Worker", quick)
    PATCH.setattr(fan_out, "PAGE", part.fan_out_page)
    PATCH.setattr(ladder_walk, "PAGE", part.ladder_page)


def main(part: Part) -> None:
    """Be a worker until stopped or killed."""
    handle = os.open(part.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.environ.update(part.environment, DUBAN_FAILPOINT=part.failpoint)
    logging.basicConfig(stream=sys.stderr, force=True)
    hasten(part)
    if part.bug:
        PLANTED[part.bug]()
    clock = partial(read_clock, part.clock)
    asyncio.run(until_stopped(run_worker(load_settings(warn), clock, look_every=LOOK_EVERY)))

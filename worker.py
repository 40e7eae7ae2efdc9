"""The worker: Temporal worker, relay, reconciler, mailer, scheduler and heartbeat, put together from the settings.

Any number of workers may run; `python worker.py` is one, `duban worker` is the same.
"""

import logging
import os
import sys
from dataclasses import replace
from functools import partial

from config.load import load_settings
from config.settings import Settings
from dispatch.clock import OfficeClock, wall_clock
from dispatch.connect import connect
from dispatch.heartbeat import Heart, Signs
from dispatch.keeping import Parts
from dispatch.logs import log_to
from dispatch.mailer import mailer_of
from dispatch.office import open_office
from dispatch.reconciler import EVERY, Reconciler
from dispatch.relay import Relay
from dispatch.role import Role, worker_name
from dispatch.stopping import exit_code
from dispatch.temporal_worker import run_temporal_worker
from dispatch.webhooks import teller_of
from domain.errors import DubanError
from scheduler.runner import run_scheduler
from services.failpoints import arm
from services.sites import require_site


async def run_worker(
    settings: Settings, clock: OfficeClock = wall_clock, *, look_every: float = EVERY
) -> None:
    """All parts, until cancelled. `clock` is the office's; `look_every` the seconds between the reconciler's looks.

    Raises NotFoundError where there is no site yet. A Temporal server, a mail server or a database that goes
    away is waited for.
    """
    arm(os.environ.get("DUBAN_FAILPOINT", ""))
    name = worker_name()
    still = open_office(settings)
    require_site(still)
    client = await connect(settings, lazy=True)
    relay = Relay(still, client, clock)
    office = replace(still, nudge=relay.nudge)
    parts = Parts()
    async with mailer_of(settings, office, clock) as mailer, teller_of(settings, office, clock) as teller:
        signs = Signs(mailer, parts.faults)
        mailing = {"mailer": partial(mailer.run, Role(office, "mailer", name))} if mailer else {}
        telling = {"webhooks": partial(teller.run, Role(office, "webhooks", name))} if teller else {}
        await parts.run(
            relay=relay.run,
            temporal=partial(run_temporal_worker, settings, office, clock),
            reconciler=Reconciler(office, client, clock, Role(office, "reconciler", name), look_every).run,
            scheduler=partial(run_scheduler, office, clock, signs.ticked),
            heartbeat=Heart(office, client, clock, name, signs).run,
            **mailing,
            **telling,
        )


def warn(problem: DubanError) -> None:
    """A setting that means nothing is said once, at the start."""
    logging.getLogger(__name__).warning("%s", problem)


if __name__ == "__main__":
    log_to(logging.StreamHandler())
    sys.exit(exit_code(lambda: run_worker(load_settings(warn))))

"""Deaths of workers and of the Temporal server in any order, one worker or two: the rows are always the same."""

import asyncio
import random

import pytest

from tests.prove.conftest import MakePlace
from tests.prove.ledger import Ledger
from tests.prove.points import anywhere, hits
from tests.prove.rehearsal import Plan
from tests.prove.rows import differences
from tests.prove.scene import ACTIONS, Outcome, play_scene

SEEDS = range(1, 13)
LEAST_KILLS = 60


def drawn(seed: int) -> Plan:
    """What happens in the run of a seed."""
    chance = random.Random(f"plan {seed}")
    servers = dict.fromkeys(chance.sample(sorted(ACTIONS), 2), 1)
    return Plan(anywhere(seed), workers=chance.choice((1, 2)), servers_killed=servers, seed=seed)


@pytest.mark.prove
async def test_deaths_in_any_order_leave_the_same_rows(
    make_place: MakePlace, undisturbed: Outcome, ledger: Ledger
) -> None:
    lanes = asyncio.Semaphore(2)

    async def one(seed: int) -> None:
        async with lanes:
            ledger.say(f"any order, seed {seed}: {drawn(seed)}")
            outcome = await play_scene(make_place(), drawn(seed))
            assert differences(undisturbed.rows, outcome.rows) == []
            assert (list(outcome.mail_faults), list(outcome.open_incidents)) == ([], [])
            ledger.write("any order", seed, dict(hits(outcome.deaths)))

    async with asyncio.TaskGroup() as group:
        for seed in ledger.left("any order", SEEDS):
            group.create_task(one(seed))

    killed = sum(sum(result.values()) for result in ledger.results("any order"))
    ledger.say(f"any order: {killed} workers killed in {len(SEEDS)} runs")
    assert killed >= LEAST_KILLS, "INVALID: too few deaths came about"

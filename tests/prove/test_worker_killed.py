"""A worker killed with SIGKILL at any named point, and started again, leaves the rows of one that was not killed."""

import asyncio
from collections import Counter
from collections.abc import Callable

import pytest

from tests.prove.conftest import MakePlace
from tests.prove.ledger import Ledger
from tests.prove.place import Place
from tests.prove.points import POINTS, planned, strikes
from tests.prove.rehearsal import Plan
from tests.prove.rows import differences
from tests.prove.scene import Outcome, play_scene

SEEDS = range(1, 7)
LEAST_HITS, LEAST_KILLS = 5, 50
TRIES = 3
FAN_OUT_AND_MAIL = ("fan_out", "first_mails")
LADDER_AND_LETTERS = ("reminders", "letters_out")


def check(outcome: Outcome, plan: dict[str, list[str]], undisturbed: Outcome) -> None:
    """A run counts only if every death that was planned came about; then nothing may differ."""
    assert [death.failpoint for death in outcome.deaths] == planned(plan), "INVALID: a failpoint was not hit"
    assert differences(undisturbed.rows, outcome.rows) == []
    assert list(outcome.mail_faults) == []
    assert list(outcome.open_incidents) == []


async def valid(make: Callable[[], Place], plan: dict[str, list[str]]) -> Outcome:
    """A run in which every planned death came about; one in which a point was not reached does not count."""
    outcome = await play_scene(make(), Plan(strikes=plan))
    for _ in range(TRIES - 1):
        if [death.failpoint for death in outcome.deaths] == planned(plan):
            break
        outcome = await play_scene(make(), Plan(strikes=plan))
    return outcome


@pytest.mark.parametrize(
    "phases",
    [
        pytest.param(FAN_OUT_AND_MAIL, id="fan_out_mail"),
        pytest.param(LADDER_AND_LETTERS, id="ladder_letters"),
    ],
)
async def test_a_worker_killed_at_every_point_leaves_the_rows_of_one_that_was_not(
    phases: tuple[str, ...], make_place: MakePlace, undisturbed: Outcome
) -> None:
    plan = strikes(1, phases)

    outcome = await valid(make_place, plan)

    check(outcome, plan, undisturbed)


@pytest.mark.prove
async def test_every_point_kills_many_times_and_nothing_is_lost_or_doubled(
    make_place: MakePlace, undisturbed: Outcome, ledger: Ledger
) -> None:
    await kill_at_every_point("worker killed", SEEDS, make_place, undisturbed, ledger)

    killed = Counter(
        strike.partition(":")[0]
        for result in ledger.results("worker killed")
        for strike in result["killed at"]
    )
    ledger.say(f"worker killed: {killed.total()} times, by point: {dict(killed)}")
    assert killed.total() >= LEAST_KILLS
    assert {point: killed[point] for point in POINTS if killed[point] < LEAST_HITS} == {}


@pytest.mark.prove
async def test_on_postgresql_too(
    make_postgres_place: Callable[[], Place], undisturbed: Outcome, ledger: Ledger
) -> None:
    await kill_at_every_point(
        "worker killed, PostgreSQL", range(1, 3), make_postgres_place, undisturbed, ledger
    )


async def kill_at_every_point(
    proof: str, seeds: range, make: Callable[[], Place], undisturbed: Outcome, ledger: Ledger
) -> None:
    """Each seed is a run of the scene with a death at every point; two runs at a time."""
    lanes = asyncio.Semaphore(2)

    async def one(seed: int) -> None:
        async with lanes:
            plan = strikes(seed)
            outcome = await valid(make, plan)
            check(outcome, plan, undisturbed)
            result = {"killed at": planned(plan), "mails": outcome.mails, "copies": outcome.copies}
            ledger.write(proof, seed, result)

    async with asyncio.TaskGroup() as group:
        for seed in ledger.left(proof, seeds):
            group.create_task(one(seed))

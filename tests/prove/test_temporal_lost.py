"""The Temporal server killed under running acts, and its file deleted: the rows are those of an undisturbed run."""

import pytest

from dispatch.rebuild import rebuild
from tests.prove.conftest import MakePlace
from tests.prove.ledger import Ledger
from tests.prove.rehearsal import Plan, Stage
from tests.prove.rows import differences
from tests.prove.scene import Outcome, play_scene

ONCE_EACH = {"fan_out": 1, "work": 1}
OFTEN = {
    "fan_out": 4,
    "work": 4,
    "reminders": 2,
    "overdue": 3,
    "letters": 2,
    "supervision": 2,
    "circular_out": 3,
}


def check(outcome: Outcome, undisturbed: Outcome) -> None:
    """Every act is there, every poke was followed, nothing was told twice."""
    assert differences(undisturbed.rows, outcome.rows) == []
    assert (list(outcome.mail_faults), list(outcome.open_incidents), outcome.copies) == ([], [], 0)


async def test_a_temporal_server_killed_under_running_acts_loses_no_act_and_no_poke(
    make_place: MakePlace, undisturbed: Outcome
) -> None:
    check(await play_scene(make_place(), Plan(servers_killed=ONCE_EACH)), undisturbed)


@pytest.mark.prove
async def test_twenty_deaths_of_the_temporal_server_lose_nothing(
    make_place: MakePlace, undisturbed: Outcome, ledger: Ledger
) -> None:
    for seed in ledger.left("temporal killed", (1,)):
        check(await play_scene(make_place(), Plan(servers_killed=OFTEN, seed=seed)), undisturbed)
        ledger.write("temporal killed", seed, {"killed": sum(OFTEN.values()), "in": OFTEN})
    assert sum(result["killed"] for result in ledger.results("temporal killed")) >= 20


async def lose_everything(stage: Stage) -> None:
    """Stop the server, delete its file, start an empty one, and rebuild it from the rows as an operator does."""
    await stage.timers.stop()
    stage.server.stop()
    for file in stage.server.file.parent.glob(f"{stage.server.file.name}*"):
        file.unlink()
    await stage.server.start()
    started = await rebuild(stage.place.office, stage.client, stage.now)
    assert started["item"] + started["running"] > 0
    await stage.come_to_rest()


@pytest.mark.parametrize("phase", ["reminders", pytest.param("rectifications", marks=pytest.mark.prove)])
async def test_an_office_whose_temporal_file_was_deleted_goes_on_and_tells_nobody_twice(
    phase: str, make_place: MakePlace, undisturbed: Outcome
) -> None:
    outcome = await play_scene(make_place(), Plan(), before={phase: lose_everything})

    check(outcome, undisturbed)

"""The workflows of today give the commands of every recorded run, and an edit that would not is refused."""

import json
from pathlib import Path

import pytest
from temporalio.workflow import NondeterminismError

from dispatch.temporal_worker import WORKFLOWS
from tests.histories.edited import (
    AsksAnother,
    AsksTwice,
    AsksTwiceGated,
    NeverContinues,
    Unedited,
    WaitsFirst,
    WaitsWithoutTimer,
)
from tests.histories.replay import replay
from tests.workflows.stories import STORIES

FILES = sorted(Path(__file__).parent.glob("*.json"))
ITEMS = [file for file in FILES if file.name.startswith("item-")]
GROWN_RUN = Path(__file__).parent / "item-monthly.1.json"


def by_name(file: Path) -> str:
    return file.stem


def history(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def kinds(file: Path) -> list[str]:
    events = json.loads(history(file))["events"]
    found = [event["eventType"].removeprefix("EVENT_TYPE_") for event in events]
    return [kind for kind in found if "TIME_SKIPPING" not in kind]


def test_every_path_is_recorded_to_its_end() -> None:
    assert {file.stem.partition(".")[0] for file in FILES} == set(STORIES)
    ends = {file.stem: kinds(file)[-1] for file in FILES}
    assert ends.pop(GROWN_RUN.stem) == "WORKFLOW_EXECUTION_CONTINUED_AS_NEW"
    assert set(ends.values()) == {"WORKFLOW_EXECUTION_COMPLETED"}


@pytest.mark.parametrize("file", FILES, ids=by_name)
async def test_the_workflows_of_today_replay(file: Path) -> None:
    await replay(history(file), WORKFLOWS)


@pytest.mark.parametrize("file", ITEMS, ids=by_name)
async def test_the_loop_written_once_more_replays(file: Path) -> None:
    await replay(history(file), [Unedited])


@pytest.mark.parametrize("edited", [WaitsFirst, AsksTwice, AsksAnother, WaitsWithoutTimer])
@pytest.mark.parametrize("file", ITEMS, ids=by_name)
async def test_an_edit_that_changes_the_commands_is_refused(file: Path, edited: type) -> None:
    with pytest.raises(NondeterminismError):
        await replay(history(file), [edited])


async def test_a_loop_that_never_continues_is_refused() -> None:
    with pytest.raises(NondeterminismError):
        await replay(history(GROWN_RUN), [NeverContinues])


@pytest.mark.parametrize("file", ITEMS, ids=by_name)
async def test_the_same_edit_behind_a_gate_replays(file: Path) -> None:
    await replay(history(file), [AsksTwiceGated])

"""The sandbox watches our workflows: what a replay could not repeat is refused, a module loaded by mistake told of.

Each edit is planted into a copy of `workflows/` that comes first on the path: a sandbox loads it from there,
unless the workflows are passed through from outside, and then nothing would be watched.
"""

import shutil
from pathlib import Path

import pytest

from dispatch.temporal_worker import WORKFLOWS
from tests.conftest import ROOT
from tests.histories.replay import replay

HISTORY = (ROOT / "tests" / "histories" / "item-withdrawn.json").read_text(encoding="utf-8")
LOOP = "        while True:\n"


def plant(folder: Path, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a sandbox find workflows whose loop begins with `line`."""
    shutil.copytree(ROOT / "workflows", folder / "workflows", ignore=shutil.ignore_patterns("__pycache__"))
    loop = folder / "workflows" / "owner.py"
    text = loop.read_text(encoding="utf-8")
    assert text.count(LOOP) == 1
    loop.write_text(text.replace(LOOP, f"        {line}\n{LOOP}"), encoding="utf-8")
    monkeypatch.syspath_prepend(folder)


async def test_a_copy_with_nothing_planted_replays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, "assert self._owner", monkeypatch)

    await replay(HISTORY, WORKFLOWS)


@pytest.mark.parametrize("name", ["datetime.datetime.now", "random.random", "time.time", "uuid.uuid4"])
async def test_what_a_replay_could_not_repeat_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, f"import {name.partition('.')[0]}; {name}()", monkeypatch)

    with pytest.raises(RuntimeError, match=f"Cannot access {name}"):
        await replay(HISTORY, WORKFLOWS)


async def test_a_module_that_would_be_loaded_anew_for_each_run_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, "import domain.errors", monkeypatch)

    with pytest.raises(RuntimeError, match=r"domain\.errors was"):  # a warning, and warnings are errors here
        await replay(HISTORY, WORKFLOWS)

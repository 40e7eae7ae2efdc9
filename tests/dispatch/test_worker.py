"""The worker as a process of its own: it says that it is there, does its work, and goes when it is asked to."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from dispatch.embedded import EmbeddedServer
from models.engine import Heartbeat
from models.paper import Notice
from store.keys import make_key_file
from tests.conftest import ROOT
from tests.dispatch.hooks import Hooks
from tests.dispatch.receiver import Receiver
from tests.domain.samples import local
from tests.office import BEGINS, DUE, HANDLING, Scene
from tests.temporal import PATIENCE, own_namespace

DRIVEN = """
import asyncio
import sys
from datetime import datetime
from pathlib import Path
from config.settings import Settings
from dispatch.stopping import until_stopped
from worker import run_worker
if __name__ == "__main__":
    clock = lambda: datetime.fromisoformat(Path(sys.argv[1]).read_text())
    asyncio.run(until_stopped(run_worker(Settings(), clock, look_every=1.0)))
"""


@pytest.fixture
def environment(scene: Scene, tmp_path: Path, temporal_server: EmbeddedServer) -> dict[str, str]:
    """What a worker of this office is started with."""
    key = tmp_path / "keys" / "audit.key"
    make_key_file(key)
    return {name: value for name, value in os.environ.items() if not name.startswith("DUBAN_")} | {
        "DUBAN_DATABASE_URL": str(scene.engine.url),
        "DUBAN_AUDIT_KEY_FILE": str(key),
        "DUBAN_DATA_DIR": str(tmp_path / "data"),
        "DUBAN_TEMPORAL_ADDRESS": temporal_server.address,
        "DUBAN_TEMPORAL_NAMESPACE": asyncio.run(own_namespace(temporal_server)).namespace,
        "PYTHONPATH": str(ROOT),
    }


@contextmanager
def started(arguments: list[str], environment: dict[str, str]) -> "Iterator[subprocess.Popen[str]]":
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(holds: Callable[[], object], process: "subprocess.Popen[str]") -> None:
    end = time.monotonic() + PATIENCE * 2
    while not holds():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < end, "not in time"
        time.sleep(0.05)


def test_it_beats_while_it_runs_and_takes_its_row_with_it(scene: Scene, environment: dict[str, str]) -> None:
    with started(["worker.py"], environment) as process:
        wait_for(lambda: scene.count(Heartbeat), process)
        (row,) = scene.rows(Heartbeat)
        process.send_signal(signal.SIGTERM)
        code = process.wait(PATIENCE)
        said = process.communicate()[1]

    assert row.worker.endswith(f":{process.pid}")
    assert row.state["temporal"] is True
    assert row.state["mail"] is None
    assert (code, said) == (0, "")
    assert scene.count(Heartbeat) == 0


def set_clock(file: Path, instant: datetime) -> None:
    """Set the office clock of another process: it sees the old instant or the new one, never half of one."""
    new = file.with_suffix(".new")
    new.write_text(instant.isoformat(), encoding="ascii")
    new.replace(file)


@pytest.fixture
def driven(tmp_path: Path) -> tuple[list[str], Path]:
    """The command line of a worker whose office clock a file says, and that file, at the first beginning."""
    clock, script = tmp_path / "clock", tmp_path / "driven.py"
    script.write_text(DRIVEN, encoding="utf-8")
    set_clock(clock, BEGINS)
    return [str(script), str(clock)], clock


def test_driven_by_another_clock_it_does_what_is_due_by_that_clock(
    scene: Scene, environment: dict[str, str], driven: tuple[list[str], Path]
) -> None:
    command, clock = driven
    published = scene.publish(scene.item(("A", HANDLING), ("B", HANDLING)))
    with started(command, environment) as process:
        wait_for(lambda: len(scene.tasks(published.items[0])) == 2, process)
        before = scene.count(Notice)
        set_clock(clock, local(DUE, 23))
        wait_for(lambda: scene.count(Notice) > before, process)
        process.send_signal(signal.SIGINT)
        code = process.wait(PATIENCE)

    assert before == 2
    assert code == 0


def test_an_armed_point_kills_it_and_the_next_one_finishes_the_work_once(
    scene: Scene, environment: dict[str, str], driven: tuple[list[str], Path]
) -> None:
    command, _ = driven
    published = scene.publish(scene.item(("A", HANDLING)))
    armed = environment | {"DUBAN_FAILPOINT": "relay.before_mark:1"}
    with started(command, armed) as process:
        died = process.wait(PATIENCE * 2)
    with started(command, environment) as process:
        wait_for(lambda: scene.tasks(published.items[0]), process)
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)

    assert died == -signal.SIGKILL
    assert len(scene.tasks(published.items[0])) == 1


def test_where_a_host_is_listed_it_tells_webhooks(
    scene: Scene,
    environment: dict[str, str],
    driven: tuple[list[str], Path],
    hooks: Hooks,
    receiver: Receiver,
) -> None:
    secret = hooks.make(receiver.url)
    published = scene.publish(scene.item(("A", HANDLING)))
    with started(driven[0], environment | {"DUBAN_WEBHOOK_HOSTS": receiver.host}) as process:
        wait_for(lambda: receiver.got, process)
        process.send_signal(signal.SIGTERM)
        code = process.wait(PATIENCE)

    assert receiver.events() == [("published", f"directive/{published.id}")]
    assert receiver.got[0].is_signed_with(secret)
    assert code == 0


def test_without_a_site_it_says_what_to_do(tmp_path: Path, environment: dict[str, str]) -> None:
    bare = environment | {"DUBAN_DATABASE_URL": f"sqlite:///{tmp_path / 'none.db'}"}
    with started(["worker.py"], bare) as process:
        said = process.communicate(timeout=PATIENCE)[1]

    assert process.returncode == 2
    assert said.splitlines() == ["There is no site here yet: run `duban init` first."]

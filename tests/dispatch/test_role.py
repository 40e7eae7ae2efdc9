"""Roles that one process plays at a time."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from dispatch.role import TERM, Role, is_gone, worker_name
from models.engine import Lease
from services.leases import holder_of, let_go, take
from tests.office import Scene, both

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@both
def test_who_holds_a_role_keeps_it_and_another_gets_it_when_the_lease_has_run_out(scene: Scene) -> None:
    office = scene.office

    assert take(office, NOON, "mailer", "a:1", MINUTE) == 1
    assert take(office, NOON, "mailer", "b:2", MINUTE) is None
    assert take(office, NOON + MINUTE / 2, "mailer", "a:1", MINUTE) == 1
    assert take(office, NOON + MINUTE, "mailer", "b:2", MINUTE) is None
    assert take(office, NOON + MINUTE * 2, "mailer", "b:2", MINUTE) == 2
    assert take(office, NOON + MINUTE * 2, "mailer", "a:1", MINUTE) is None
    assert holder_of(office, "mailer") == "b:2"


@both
def test_a_role_that_is_given_up_is_free_at_once_and_its_fence_goes_on(scene: Scene) -> None:
    take(scene.office, NOON, "mailer", "a:1", MINUTE)
    let_go(scene.office, NOON, "mailer", "b:2")
    assert take(scene.office, NOON, "mailer", "c:3", MINUTE) is None
    let_go(scene.office, NOON, "mailer", "a:1")

    assert take(scene.office, NOON, "mailer", "c:3", MINUTE) == 2


@both
def test_of_eight_that_reach_for_a_new_role_at_once_one_gets_it(scene: Scene) -> None:
    together = threading.Barrier(8)

    def reach(number: int) -> int | None:
        together.wait()
        return take(scene.office, NOON, "reconciler", f"a:{number}", MINUTE)

    with ThreadPoolExecutor(8) as pool:
        fences = list(pool.map(reach, range(8)))

    assert sorted(fence for fence in fences if fence) == [1]
    assert scene.count(Lease) == 1


def ended() -> str:
    """The name of a worker of this machine that is no more."""
    child = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    host = worker_name().rpartition(":")[0]
    return f"{host}:{int(child.stdout)}"


async def test_the_role_of_a_dead_process_of_this_machine_is_taken_over_at_once(scene: Scene) -> None:
    mine = Role(scene.office, "mailer", worker_name())
    await_nobody = take(scene.office, datetime.now(UTC), "mailer", ended(), TERM)

    assert await_nobody == 1
    assert await mine.is_mine()


@pytest.mark.parametrize(
    "holder",
    ["elsewhere:1", worker_name(), "nonsense", f"{worker_name()}x"],
    ids=["another machine", "this process", "no name", "no process id"],
)
def test_of_other_machines_and_living_processes_only_the_lease_tells(holder: str) -> None:
    assert not is_gone(holder)


def test_a_worker_is_named_by_its_machine_and_process() -> None:
    assert worker_name().endswith(f":{os.getpid()}")
    assert is_gone(ended())

"""Parts that fail begin again; the others do not notice."""

import asyncio
import contextlib
import itertools

import pytest

from dispatch import keeping
from dispatch.keeping import Parts


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(keeping, "LONGEST_PAUSE", 0.04)
    monkeypatch.setattr(keeping, "WELL_AFTER", 0.1)


async def stopped(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_a_part_that_fails_begins_again_with_growing_pauses_and_its_fault_is_known() -> None:
    parts, begun = Parts(), []
    steady = 0

    async def fails() -> None:
        begun.append(asyncio.get_running_loop().time())
        raise OSError("the disk is full")

    async def goes_on() -> None:
        nonlocal steady
        steady += 1
        await asyncio.Event().wait()

    running = asyncio.create_task(parts.run(fails=fails, goes_on=goes_on))
    await asyncio.sleep(0.4)
    faults = dict(parts.faults)
    await stopped(running)

    pauses = [later - earlier for earlier, later in itertools.pairwise(begun)]
    assert steady == 1
    assert faults == {"fails": "OSError: the disk is full"}
    assert pauses[0] < pauses[2]
    assert 5 < len(begun) < 20


async def test_a_part_that_is_well_again_has_no_fault_any_more() -> None:
    parts, times = Parts(), 0

    async def fails_once() -> None:
        nonlocal times
        times += 1
        if times == 1:
            raise OSError("busy")
        await asyncio.Event().wait()

    running = asyncio.create_task(parts.run(part=fails_once))
    await asyncio.sleep(0.05)
    at_first = dict(parts.faults)
    await asyncio.sleep(0.3)
    later = dict(parts.faults)
    await stopped(running)

    assert (at_first, later) == ({"part": "OSError: busy"}, {})


async def test_a_part_that_ends_is_begun_again() -> None:
    parts, times = Parts(), 0

    async def ends() -> None:
        nonlocal times
        times += 1

    running = asyncio.create_task(parts.run(part=ends))
    await asyncio.sleep(0.2)
    await stopped(running)

    assert times > 2


async def test_stopping_waits_until_each_part_has_let_go() -> None:
    parts, let_go = Parts(), []

    async def holds(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            let_go.append(name)

    running = asyncio.create_task(parts.run(a=lambda: holds("a"), b=lambda: holds("b")))
    await asyncio.sleep(0.02)
    await stopped(running)

    assert sorted(let_go) == ["a", "b"]

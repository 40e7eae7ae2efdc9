"""Pokes at awkward moments, on the real engine: none is lost and none does harm."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.client import WorkflowExecutionStatus

from contracts.names import Aggregate
from dispatch.relay import poke_owner
from models.paper import Notice
from services import directives
from services.directives import WithReason
from store.sessions import writing_connection
from tests.office import BEGINS, HANDLING, Scene, snapshot
from tests.temporal import Live, Run, eventually
from tests.workflows.stories import item_with_letters, on


async def item(live: Live) -> int:
    """An item that was handed out and waits for its next moment."""
    published = live.scene.publish(live.scene.item(("A", HANDLING)))
    await live.until(BEGINS)
    return published.items[0]


@asynccontextmanager
async def database_busy(scene: Scene) -> AsyncIterator[None]:
    """Somebody is writing, so whatever else would write waits."""
    begun, over = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold() -> None:
        with writing_connection(scene.engine):
            loop.call_soon_threadsafe(begun.set)
            asyncio.run_coroutine_threadsafe(over.wait(), loop).result()

    holding = loop.run_in_executor(None, hold)
    await begun.wait()
    try:
        yield
    finally:
        over.set()
        await holding


async def poke(live: Live, item_id: int, version: int = 1) -> None:
    await poke_owner(live.client, Aggregate.ITEM, item_id, version)


async def activity_started(live: Live, workflow_id: str) -> None:
    async def holds() -> bool:
        raw = (await live.client.get_workflow_handle(workflow_id).describe()).raw_description
        return any(one.HasField("last_started_time") for one in raw.pending_activities)

    await eventually(holds, f"an activity of {workflow_id} runs")


async def only_run(live: Live, item_id: int) -> Run:
    await live.owners.quiet(f"item/{item_id}")
    (run,) = await live.runs(f"item/{item_id}")
    return run


async def test_a_poke_that_comes_while_the_activity_runs_wakes_again(live: Live) -> None:
    item_id = await item(live)
    before = (await only_run(live, item_id)).wake_ups
    async with database_busy(live.scene):
        await poke(live, item_id)
        await activity_started(live, f"item/{item_id}")
        await poke(live, item_id)

    run = await only_run(live, item_id)
    assert run.wake_ups == before + 2
    second = run.of("WORKFLOW_EXECUTION_SIGNALED")[-1].event_id
    last_but_one, last = (e.event_id for e in run.of("ACTIVITY_TASK_COMPLETED")[-2:])
    assert second < last_but_one < last


async def test_many_pokes_while_the_activity_runs_are_one_wake_up(live: Live) -> None:
    item_id = await item(live)
    before = (await only_run(live, item_id)).wake_ups
    async with database_busy(live.scene):
        await poke(live, item_id)
        await activity_started(live, f"item/{item_id}")
        for version in range(9):
            await poke(live, item_id, version)

    assert (await only_run(live, item_id)).wake_ups == before + 2


async def test_a_poke_that_comes_while_the_last_activity_runs_is_looked_at_before_the_end(live: Live) -> None:
    scene = live.scene
    published = scene.publish(scene.item(("A", HANDLING)))
    await live.until(BEGINS)
    directives.withdraw(
        scene.office, scene.leader, BEGINS, WithReason(directive_id=published.id, reason="合并。")
    )
    item_id = published.items[0]
    async with database_busy(scene):
        await poke(live, item_id)
        await activity_started(live, f"item/{item_id}")
        await poke(live, item_id)
    await live.ended(f"item/{item_id}")

    (run,) = await live.runs(f"item/{item_id}")
    assert [answer["closed"] for answer in run.answers] == [False, True, True]


async def test_a_poke_for_nothing_changes_no_row_and_the_next_moment_is_kept(live: Live) -> None:
    item_id = await item(live)
    before = snapshot(live.scene.engine)
    await poke(live, item_id)
    run = await only_run(live, item_id)

    assert run.wake_ups == 2
    assert snapshot(live.scene.engine) == before
    await live.until(on(3, 6, 9))
    assert [row.rung for row in live.scene.rows(Notice)] == ["assignment", "acknowledge_overdue"]


async def test_a_poke_after_the_end_starts_a_run_that_ends_at_once(live: Live) -> None:
    workflow_id = await item_with_letters(live)
    await live.ended(workflow_id)
    first = (await live.runs(workflow_id))[-1]
    before = snapshot(live.scene.engine)
    await poke(live, 1)

    async def anew() -> bool:
        (run,) = await live.runs(workflow_id)
        return run.run_id != first.run_id and run.status is WorkflowExecutionStatus.COMPLETED

    await eventually(anew, "a second run ends")
    (second,) = await live.runs(workflow_id)
    assert second.wake_ups == 1
    assert second.answers[0]["closed"] is True
    assert snapshot(live.scene.engine) == before


async def test_a_poke_of_an_item_that_has_no_row_starts_a_run_that_ends_at_once(live: Live) -> None:
    await poke(live, 4711)

    assert await live.ended("item/4711") is WorkflowExecutionStatus.COMPLETED
    (run,) = await live.runs("item/4711")
    assert run.answers == [
        {"closed": True, "wait_seconds": None, "period_ended": False, "note": "There is no item 4711."}
    ]

"""A directive that is suspended, resumed or withdrawn, on the real engine."""

from temporalio.client import WorkflowExecutionStatus

from models.directive import Directive, Item
from models.paper import Notice
from tests.office import HANDLING
from tests.temporal import Live
from tests.workflows.stories import item_suspended, item_withdrawn, on, resume, suspend

RUNNING, COMPLETED = WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED


def rungs(live: Live) -> list[str]:
    return [row.rung for row in live.scene.rows(Notice)]


async def test_while_suspended_nothing_happens_and_no_timer_runs(live: Live) -> None:
    scene = live.scene
    published = scene.publish(scene.item(("A", HANDLING)))
    await live.until(on(3, 9))
    before = rungs(live)
    await suspend(live, published)
    await live.until(on(12, 31))

    assert rungs(live) == before
    (run,) = await live.runs(f"item/{published.items[0]}")
    assert run.status is RUNNING
    assert len(run.of("TIMER_STARTED")) == len(run.of("TIMER_FIRED")) + len(run.of("TIMER_CANCELED"))


async def test_after_resuming_the_ladder_goes_on_at_the_moved_moments(live: Live) -> None:
    scene = live.scene
    published = scene.publish(scene.item(("A", HANDLING)))
    await live.until(on(3, 9))
    scene.acknowledge(scene.task(published.items[0], "A").id, live.clock())
    await suspend(live, published)
    await live.until(on(3, 23))
    await resume(live, published)
    await live.until(on(5, 1))

    moments = {row.rung: row.at for row in scene.rows(Notice)}
    # ten working days after 31 March is Wednesday 15 April; a moved deadline is watched by the week
    assert scene.task(published.items[0], "A").deadline == on(4, 16, 0)
    assert moments["due_in_three"] == on(4, 13, 9)
    assert moments["overdue"] == on(4, 20, 9)


async def test_a_suspended_item_that_was_resumed_ends_when_it_is_handed_in(live: Live) -> None:
    item = await item_suspended(live)

    assert await live.ended(item) is COMPLETED
    assert rungs(live) == ["assignment", "due_in_three"]


async def test_withdrawing_ends_the_runs_of_item_and_directive(live: Live) -> None:
    item = await item_withdrawn(live)

    assert await live.ended(item) is COMPLETED
    assert await live.ended("directive/1") is COMPLETED
    before = rungs(live)
    await live.until(on(12, 31))
    assert rungs(live) == before
    assert (live.scene.row(Item, 1).state, live.scene.row(Directive, 1).state) == ("withdrawn", "withdrawn")

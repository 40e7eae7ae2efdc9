"""What goes wrong in a wake-up, on the real engine: tried again, or an incident; a run never fails."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text, update
from temporalio.client import WorkflowExecutionStatus

from contracts.names import Aggregate
from dispatch.relay import poke_owner
from models.columns import table
from models.directive import Directive, Item
from models.engine import Incident
from models.paper import Notice
from store.sessions import writing
from tests.office import BEGINS, HANDLING, Scene
from tests.temporal import Live, eventually
from tests.workflows.stories import on

NO_RUN = "ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated', 'Canceled')"


@contextmanager
def database_broken(scene: Scene) -> Iterator[None]:
    """Every change of an item fails in the database."""
    with writing(scene.engine) as session:
        session.connection().execute(
            text(
                "CREATE TRIGGER broken BEFORE UPDATE ON item BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END"
            )
        )
    try:
        yield
    finally:
        with writing(scene.engine) as session:
            session.connection().execute(text("DROP TRIGGER broken"))


def set_policy(scene: Scene, policy: dict[str, object]) -> None:
    with writing(scene.engine) as session:
        session.connection().execute(update(table(Directive)).values(policy=policy))


async def tried(live: Live, workflow_id: str, times: int) -> None:
    async def holds() -> bool:
        raw = (await live.client.get_workflow_handle(workflow_id).describe()).raw_description
        return any(one.attempt >= times for one in raw.pending_activities)

    await eventually(holds, f"an activity of {workflow_id} is tried {times} times")


async def test_an_activity_that_the_database_fails_is_tried_until_it_succeeds(live: Live) -> None:
    scene = live.scene
    item = scene.publish(scene.item(("A", HANDLING))).items[0]
    live.clock.move_to(BEGINS)
    with database_broken(scene):
        await live.relay.drain()
        await tried(live, f"item/{item}", 2)
        assert scene.count(Notice) == 0, "what fails leaves nothing behind"
        assert await live.status(f"item/{item}") is WorkflowExecutionStatus.RUNNING
    await live.owners.settle(BEGINS, {f"item/{item}"})

    assert [row.rung for row in scene.rows(Notice)] == ["assignment"]
    assert scene.count(Incident) == 0, "a hiccup is no incident"
    (run,) = await live.runs(f"item/{item}")
    assert run.wake_ups == 1


async def test_a_refusal_becomes_an_incident_and_the_run_waits_to_be_poked(live: Live) -> None:
    item = await refused(live)

    (incident,) = live.scene.rows(Incident)
    assert (incident.kind, incident.key) == ("wake_up_refused", f"wake_up/item/{item}")
    assert incident.detail.startswith(f"item/{item}: This is no policy")
    assert (incident.opened_at, incident.closed_at) == (on(3, 6, 9), None)
    (run,) = await live.runs(f"item/{item}")
    assert run.status is WorkflowExecutionStatus.RUNNING
    assert run.answers[-1]["wait_seconds"] is None
    assert run.answers[-1]["note"].startswith("refused: This is no policy")
    assert len(run.of("TIMER_STARTED")) == len(run.of("TIMER_FIRED"))
    await live.counted(NO_RUN, 0)


async def test_when_it_is_mended_and_poked_the_incident_closes_and_what_was_due_is_done(live: Live) -> None:
    item = await refused(live)
    set_policy(live.scene, {})
    await poke_owner(live.client, Aggregate.ITEM, item, 1)
    await live.owners.settle(live.clock(), {f"item/{item}"})

    assert [row.rung for row in live.scene.rows(Notice)] == ["assignment", "acknowledge_overdue"]
    (incident,) = live.scene.rows(Incident)
    assert incident.closed_at == on(3, 6, 9)


async def test_a_refusal_that_goes_on_is_one_incident(live: Live) -> None:
    item = await refused(live)
    for _ in range(3):
        await poke_owner(live.client, Aggregate.ITEM, item, 1)
        await live.owners.quiet(f"item/{item}")

    assert live.scene.count(Incident) == 1
    assert live.scene.rows(Incident)[0].closed_at is None


async def refused(live: Live) -> int:
    """An item whose policy cannot be read any more when its first reminder is due."""
    scene = live.scene
    item = scene.publish(scene.item(("A", HANDLING))).items[0]
    await live.until(BEGINS)
    set_policy(scene, {"mid_term_month": 13})
    moment = scene.row(Item, item).next_moment
    live.clock.move_to(moment)
    await live.skip(f"item/{item}", moment - BEGINS)
    return item

"""A directive as a whole on the real engine: mid-term, and the closing report when its last item is closed."""

from datetime import date

from temporalio.client import WorkflowExecutionStatus

from models.directive import Directive
from models.paper import Letter
from tests.office import HANDLING
from tests.temporal import Live
from tests.workflows.stories import directive_to_closing_report, on


async def test_mid_term_and_closing_report_are_drafted_each_at_its_moment(live: Live) -> None:
    directive = await directive_to_closing_report(live)

    drafted = [(letter.kind, letter.drafted_at) for letter in live.scene.rows(Letter)]
    assert drafted == [("progress_circular", on(7, 1, 9)), ("closing_report", on(9, 1, 10))]
    (run,) = await live.runs(directive)
    assert run.status is WorkflowExecutionStatus.COMPLETED
    assert live.scene.row(Directive, 1).state == "closed"


async def test_its_letters_name_the_activities_of_its_run(live: Live) -> None:
    directive = await directive_to_closing_report(live)

    (run,) = await live.runs(directive)
    ids = {e.activity_task_scheduled_event_attributes.activity_id for e in run.of("ACTIVITY_TASK_SCHEDULED")}
    for letter in live.scene.rows(Letter):
        assert (letter.workflow_id, letter.run_id) == (directive, run.run_id)
        assert letter.activity_id in ids


async def test_a_directive_waits_for_its_last_item(live: Live) -> None:
    scene = live.scene
    due = date(2026, 11, 30)
    published = scene.publish(scene.item(("A", HANDLING), due=due), scene.item(("B", HANDLING), due=due))
    await live.until(on(9, 1))
    scene.close(scene.task(published.items[0], "A").id, live.clock())
    await live.settle()

    assert await live.ended(f"item/{published.items[0]}") is WorkflowExecutionStatus.COMPLETED
    assert await live.status(f"directive/{published.id}") is WorkflowExecutionStatus.RUNNING
    scene.close(scene.task(published.items[1], "B").id, live.clock())
    await live.settle()
    assert await live.ended(f"directive/{published.id}") is WorkflowExecutionStatus.COMPLETED

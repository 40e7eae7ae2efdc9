"""A rectification on the real engine, from the circular to its verification."""

from temporalio.client import WorkflowExecutionStatus

from models.columns import table
from models.paper import Notice
from models.rectification import Rectification, RectificationVerification
from tests.office import HANDLING
from tests.temporal import Live
from tests.workflows.stories import on, rectification_failed_once

LADDER = [
    ("reply_due_in_two", on(5, 8, 9)),
    ("reply_overdue", on(5, 12, 9)),
    ("reply_superior", on(5, 12, 9)),
    ("rectification_due_in_three", on(5, 27, 9)),
    ("rectification_overdue", on(6, 2, 9)),
    ("rectification_superior", on(6, 2, 9)),
    ("rectification_supervision_letter", on(6, 15, 9)),
]
"""By hand: the circular is issued on 30 April; five working days to reply (Saturday 9 May is
one), twenty to mend."""


async def test_a_unit_that_does_nothing_meets_every_rung_at_its_moment(live: Live) -> None:
    scene = live.scene
    scene.publish(scene.item(("A", HANDLING)))
    await live.until(on(4, 30))
    scene.sign_all(live.clock())
    await live.until(on(8, 1))

    (row,) = scene.rows(Rectification)
    notices = scene.rows(Notice, table(Notice).c.rectification_id == row.id, table(Notice).c.clock != "")
    assert [(n.rung, n.at) for n in notices] == LADDER
    (run,) = await live.runs(f"rectification/{row.id}")
    assert {(n.workflow_id, n.run_id) for n in notices} == {(f"rectification/{row.id}", run.run_id)}


async def test_it_ends_when_it_is_verified_not_when_it_is_sent_back(live: Live) -> None:
    rectification = await rectification_failed_once(live)

    assert await live.ended(rectification) is WorkflowExecutionStatus.COMPLETED
    (row,) = live.scene.rows(Rectification)
    assert (row.state, row.failed_times) == ("verified", 1)
    assert [one.accepted for one in live.scene.rows(RectificationVerification)] == [False, True]


async def test_the_item_goes_on_without_it(live: Live) -> None:
    await rectification_failed_once(live)

    assert await live.status("item/1") is WorkflowExecutionStatus.RUNNING
    assert await live.status("directive/1") is WorkflowExecutionStatus.RUNNING

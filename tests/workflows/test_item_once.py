"""One item, due once, a year ahead, on the real engine: its unit says nothing the whole time."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import Row
from temporalio.client import WorkflowExecutionStatus

from models.columns import table
from models.directive import Item
from models.paper import Letter, Notice
from tests.office import HANDLING
from tests.temporal import Live, Run, Teller
from tests.workflows.stories import item_with_letters, on

DUE = date(2027, 2, 26)
MOST_EVENTS = 12
LADDER: list[tuple[str, datetime]] = [
    ("assignment", on(3, 2, 10).replace(minute=10)),
    ("acknowledge_overdue", on(3, 6, 9)),
    ("acknowledge_superior", on(3, 10, 9)),
    ("acknowledge_reminder_letter", on(3, 12, 9)),
    ("due_in_ten", on(2, 12, 9, year=2027)),
    ("due_in_three", on(2, 23, 9, year=2027)),
    ("overdue", on(3, 1, 9, year=2027)),
    ("overdue_superior", on(3, 1, 9, year=2027)),
    ("reminder_letter", on(3, 5, 9, year=2027)),
    ("supervision_letter", on(3, 12, 9, year=2027)),
    ("rectification_circular", on(3, 26, 9, year=2027)),
]
"""By hand from the calendar: three working days to acknowledge, then working days around the due date."""


@dataclass(frozen=True)
class Year:
    """What came of it."""

    run: Run
    item: Row[Any]
    notices: list[Row[Any]]
    letters: list[Row[Any]]


async def silent_year(live: Live) -> Year:
    scene = live.scene
    published = scene.publish(scene.item(("A", HANDLING), due=DUE), horizon=date(2027, 12, 31))
    await live.until(on(4, 30, year=2027))
    (run,) = await live.runs(f"item/{published.items[0]}")
    letters = scene.rows(Letter, table(Letter).c.item_id.is_not(None))
    return Year(run, scene.row(Item, published.items[0]), scene.rows(Notice), letters)


@pytest.fixture(scope="module")
def year(told: Teller) -> Year:
    """Fourteen months of silence."""
    return told(silent_year)


def test_every_rung_is_done_at_its_moment(year: Year) -> None:
    assert [(row.rung, row.at) for row in year.notices] == LADDER


def test_every_notice_names_the_activity_that_the_server_ran_for_it(year: Year) -> None:
    scheduled = [e.activity_task_scheduled_event_attributes for e in year.run.of("ACTIVITY_TASK_SCHEDULED")]
    ran = {one.activity_id: one.activity_type.name for one in scheduled}

    assert {(n.workflow_id, n.run_id) for n in year.notices} == {(f"item/{year.item.id}", year.run.run_id)}
    assert {ran.get(n.activity_id) for n in year.notices} == {"advance_item"}
    moments = {(n.activity_id, n.at) for n in year.notices}
    assert len(moments) == len({activity for activity, _ in moments}) == len({at for _, at in LADDER})


def test_each_letter_names_the_activity_of_its_notice(year: Year) -> None:
    notices = {n.letter_id: (n.workflow_id, n.run_id, n.activity_id) for n in year.notices if n.letter_id}

    assert {x.id: (x.workflow_id, x.run_id, x.activity_id) for x in year.letters} == notices
    kinds = ["reminder_letter", "reminder_letter", "supervision_letter", "rectification_circular"]
    assert [x.kind for x in year.letters] == kinds


def test_there_is_one_wake_up_a_moment_and_it_costs_at_most_twelve_events(year: Year) -> None:
    assert year.run.wake_ups == len({at for _, at in LADDER})
    assert len(year.run.usual) <= MOST_EVENTS * year.run.wake_ups


def test_after_the_last_rung_the_run_waits_for_a_person_alone(year: Year) -> None:
    assert year.run.status is WorkflowExecutionStatus.RUNNING
    assert len(year.run.of("TIMER_STARTED")) == len(year.run.of("TIMER_FIRED"))
    assert year.item.next_moment is None


def test_the_history_reads_like_a_diary(year: Year) -> None:
    activities, timers = (
        {bytes(event.user_metadata.summary.data).decode() for event in year.run.of(kind)}
        for kind in ("ACTIVITY_TASK_SCHEDULED", "TIMER_STARTED")
    )

    assert activities == {f'"advance item {year.item.id}"'}
    assert timers == {'"next moment"'}


async def test_an_item_whose_unit_hands_in_ends_and_its_directive_with_it(live: Live) -> None:
    item = await item_with_letters(live)

    assert await live.ended(item) is WorkflowExecutionStatus.COMPLETED
    assert await live.ended("directive/1") is WorkflowExecutionStatus.COMPLETED
    assert live.scene.row(Item, 1).state == "closed"

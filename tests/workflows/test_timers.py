"""Timers and the office clock, which need not agree to the second, on the real engine."""

from datetime import timedelta

from models.directive import Item
from models.paper import Notice
from tests.office import BEGINS, HANDLING
from tests.temporal import Live
from tests.workflows.stories import on

FIRST = on(3, 6, 9)
"""The first moment after the assignment."""


async def waiting_item(live: Live) -> int:
    published = live.scene.publish(live.scene.item(("A", HANDLING)))
    await live.until(BEGINS)
    return published.items[0]


async def test_a_timer_that_fires_before_the_office_is_there_waits_for_the_rest(live: Live) -> None:
    item = await waiting_item(live)
    early = timedelta(seconds=90)
    live.clock.move_to(FIRST - early)
    await live.skip(f"item/{item}", FIRST - BEGINS, spare=early / 2)

    assert [row.rung for row in live.scene.rows(Notice)] == ["assignment"]
    assert live.scene.row(Item, item).next_moment == FIRST
    (run,) = await live.runs(f"item/{item}")
    assert run.answers[-1]["wait_seconds"] == early.total_seconds()
    rest = run.of("TIMER_STARTED")[-1].timer_started_event_attributes
    assert rest.start_to_fire_timeout.ToTimedelta() == early


async def test_however_often_a_timer_is_early_the_rung_is_done_once_at_its_moment(live: Live) -> None:
    item = await waiting_item(live)
    left = FIRST - BEGINS
    for early in (timedelta(hours=5), timedelta(minutes=7), timedelta(seconds=40)):
        live.clock.move_to(FIRST - early)
        await live.skip(f"item/{item}", left, spare=early / 2)
        left = early
    assert live.scene.count(Notice) == 1
    live.clock.move_to(FIRST)
    await live.skip(f"item/{item}", left)

    assert [(row.rung, row.at) for row in live.scene.rows(Notice)][1:] == [("acknowledge_overdue", FIRST)]


async def test_a_late_timer_moves_no_later_moment(live: Live) -> None:
    item = await waiting_item(live)
    late = timedelta(hours=3)
    live.clock.move_to(FIRST + late)
    await live.skip(f"item/{item}", FIRST - BEGINS)

    assert live.scene.rows(Notice)[-1].at == FIRST + late
    assert live.scene.row(Item, item).next_moment == on(3, 10, 9)
    (run,) = await live.runs(f"item/{item}")
    assert run.answers[-1]["wait_seconds"] == (on(3, 10, 9) - (FIRST + late)).total_seconds()

"""An item that comes round every month, twelve times, on the real engine."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Row
from temporalio.client import WorkflowExecutionStatus

from models.directive import Item, ItemPeriod
from models.paper import Notice
from models.unit_task import UnitTask
from tests.temporal import Live, Run, Teller
from tests.workflows.stories import OPENINGS, item_monthly, on, publish_monthly
from workflows.owner import GROWN

MOST_EVENTS, MOST_WAKE_UPS = 12, 40


@dataclass(frozen=True)
class Year:
    """What came of it."""

    runs: list[Run]
    item: Row[Any]
    periods: list[Row[Any]]
    notices: list[Row[Any]]
    tasks: list[Row[Any]]

    @property
    def wake_ups(self) -> int:
        return sum(run.wake_ups for run in self.runs)


async def punctual_year(live: Live) -> Year:
    return await seen(live, await item_monthly(live))


async def silent_year(live: Live) -> Year:
    item = await publish_monthly(live)
    await live.until(on(4, 1, year=2027))
    return await seen(live, f"item/{item}")


async def seen(live: Live, item: str) -> Year:
    scene = live.scene
    rows = (scene.rows(model) for model in (ItemPeriod, Notice, UnitTask))
    return Year(await live.runs(item), scene.row(Item, 1), *rows)


@pytest.fixture(scope="module")
def punctual(told: Teller) -> Year:
    return told(punctual_year)


@pytest.fixture(scope="module")
def silent(told: Teller) -> Year:
    return told(silent_year)


def moments(year: Year, rung: str) -> list[datetime]:
    return [row.at for row in year.notices if row.rung == rung]


def test_twelve_rounds_are_opened_each_at_its_moment(punctual: Year) -> None:
    assert [row.opened_at for row in punctual.periods] == OPENINGS
    assert moments(punctual, "assignment") == OPENINGS


def test_one_round_is_open_at_a_time(punctual: Year) -> None:
    ends = [task.closed_at for task in punctual.tasks]

    assert len(ends) == len(OPENINGS)
    assert all(end < opens for end, opens in zip(ends, OPENINGS[1:], strict=False))


@pytest.mark.parametrize("name", ["punctual", "silent"])
def test_a_run_that_has_grown_is_left_behind_when_a_round_has_ended(
    name: str, request: pytest.FixtureRequest
) -> None:
    year: Year = request.getfixturevalue(name)

    *left, last = year.runs
    assert left, "a year of rounds is more than one run"
    assert {run.status for run in left} == {WorkflowExecutionStatus.CONTINUED_AS_NEW}
    assert [run.answers[-1]["period_ended"] for run in left] == [True] * len(left)
    assert all(GROWN <= len(run.events) < 2 * GROWN for run in left)
    assert last.run_id == year.notices[-1].run_id


def test_when_the_last_round_is_handed_in_the_item_ends(punctual: Year) -> None:
    assert punctual.runs[-1].status is WorkflowExecutionStatus.COMPLETED
    assert punctual.item.state == "closed"


def test_a_silent_unit_is_reminded_of_every_round(silent: Year) -> None:
    assert moments(silent, "overdue") == [*OPENINGS[1:], on(3, 1, 9, year=2027)]
    for rung in ("due_in_three", "reminder_letter"):
        assert len(moments(silent, rung)) == len(OPENINGS), rung


def test_a_year_of_reminders_takes_at_most_forty_wake_ups(silent: Year) -> None:
    assert silent.wake_ups <= MOST_WAKE_UPS


@pytest.mark.parametrize("name", ["punctual", "silent"])
def test_a_wake_up_costs_at_most_twelve_events(name: str, request: pytest.FixtureRequest) -> None:
    year: Year = request.getfixturevalue(name)

    assert sum(len(run.usual) for run in year.runs) <= MOST_EVENTS * year.wake_ups

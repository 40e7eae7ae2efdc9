"""Counters and the clock a task can become overdue by are exact after every kind of act, on both databases."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, update

from domain.ladder import is_overdue as purely_overdue
from models.columns import table
from models.counters import ItemCount, UnitCount
from models.unit_task import Extension, UnitTask
from services.rows import clocks_of
from store.sessions import writing
from tests.domain.samples import local
from tests.office import BEGINS, COOPERATING, HANDLING, LEAD, Scene, both

DAY = timedelta(days=1)


def holds(scene: Scene) -> tuple[int, ...]:
    """Every counter is its recount, and none counts no task; answers the sums of all."""
    tasks = scene.rows(UnitTask)
    by_unit: dict[tuple[int, ...], list[Any]] = {(t.directive_id, t.unit_id): [] for t in tasks}
    by_item: dict[tuple[int, ...], list[Any]] = {(t.item_id,): [] for t in tasks}
    for t in tasks:
        by_unit[t.directive_id, t.unit_id].append(t)
        by_item[t.item_id,].append(t)
    assert {tuple(r)[:2]: tuple(r)[2:] for r in scene.rows(UnitCount)} == {
        k: count(v) for k, v in by_unit.items()
    }
    assert {tuple(r)[:1]: tuple(r)[1:] for r in scene.rows(ItemCount)} == {
        k: count(v) for k, v in by_item.items()
    }
    return count(tasks)


def count(tasks: list[Any]) -> tuple[int, ...]:
    """What a counter should say of these tasks."""
    states = Counter(t.state for t in tasks)
    running = sum(t.late_from is not None for t in tasks)
    return (len(tasks), states["accepted"], states["withdrawn"], states["submitted"], running)


@both
def test_every_act_moves_the_counters(scene: Scene) -> None:
    together, each, monthly = scene.begin(
        scene.item(("A", LEAD), ("B", COOPERATING)),
        scene.item(*((code, HANDLING) for code in ("YX", "A", "B", "C", "D"))),
        scene.monthly(("A", HANDLING), ("D", HANDLING)),
    ).items
    seen = [holds(scene)]
    at = BEGINS
    tasks = {code: row.id for code, row in scene.tasks(each).items()}
    lead = scene.task(together, "A").id
    steps = (
        lambda: scene.acknowledge(tasks["A"], at),
        lambda: scene.ask_extension(tasks["A"], at, date(2026, 4, 15)),
        lambda: scene.decide_extension(scene.rows(Extension)[0].id, at, date(2026, 4, 15)),
        lambda: scene.submit(tasks["B"], at),
        lambda: scene.review(tasks["B"], at, accept=False),
        lambda: scene.decide_dispute(scene.decline(tasks["C"], at), at, upheld=True, to="YX"),
        lambda: scene.decide_dispute(scene.decline(tasks["D"], at), at, upheld=False),
        lambda: scene.close(lead, at),  # its cooperating unit's task closes with it
        lambda: scene.live_until(local(date(2026, 4, 3), 9)),
        lambda: scene.suspend(1, local(date(2026, 4, 3), 10)),
        lambda: scene.resume(1, local(date(2026, 4, 7), 10)),
        lambda: scene.withdraw(1, local(date(2026, 4, 8), 10)),
    )
    for step in steps:
        step()
        seen.append(holds(scene))

    assert len(scene.tasks(monthly)) == 2
    assert len(set(seen)) >= 8, "the acts change what is counted"


@both
def test_a_task_that_is_gone_is_counted_no_more(scene: Scene) -> None:
    item = scene.begin(scene.item(("A", HANDLING), ("B", HANDLING))).items[0]
    with writing(scene.engine) as session:
        session.connection().exec_driver_sql("DELETE FROM notice")
        session.connection().execute(delete(table(UnitTask)).where(table(UnitTask).c.item_id == item))

    assert holds(scene) == (0, 0, 0, 0, 0)


@both
def test_a_task_that_moves_is_counted_where_it_went(scene: Scene) -> None:
    scene.begin(scene.item(("A", HANDLING), ("B", HANDLING)), scene.item(("C", HANDLING)))
    task = table(UnitTask)
    with writing(scene.engine) as session:
        session.connection().execute(
            update(task).where(task.c.item_id == 2).values(item_id=1, state="accepted")
        )

    assert holds(scene) == (3, 1, 0, 0, 2)
    assert scene.count(ItemCount) == 1


@both
@pytest.mark.parametrize("day", [3, 6, 31, 32])
def test_a_task_is_late_from_the_instant_at_which_the_rule_calls_it_overdue(scene: Scene, day: int) -> None:
    scene.begin(
        scene.item(("A", LEAD), ("B", COOPERATING), due=date(2026, 3, 4)),
        scene.item(("A", HANDLING), ("C", HANDLING)),
    )
    scene.acknowledge(scene.task(1, "A").id, BEGINS)
    scene.ask_extension(scene.task(1, "A").id, BEGINS, date(2026, 3, 9))
    scene.acknowledge(scene.task(2, "C").id, BEGINS)
    now = local(date(2026, 3, 1), 0) + (day - 1) * DAY
    rows = scene.rows(UnitTask)
    late = {row.id for row in rows if row.late_from is not None and row.late_from <= now}

    assert late == {row.id for row in rows if purely_overdue(clocks_of(row), now)}
    before = [row for row in rows if row.late_from is not None]
    assert len(before) == 3
    for row in before:
        assert purely_overdue(clocks_of(row), row.late_from)
        assert not purely_overdue(clocks_of(row), row.late_from - timedelta(microseconds=1))

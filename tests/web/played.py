"""An office in which unit tasks stand in every light, and the lights counted slowly, by the rule, row by row."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row

from domain.instants import end_of
from domain.ladder import is_overdue
from models.unit_task import UnitTask
from services.rows import clocks_of
from tests.domain.samples import SHANGHAI, local
from tests.office import BEGINS, COOPERATING, HANDLING, LEAD, Scene

TODAY = date(2026, 3, 25)
NOW = local(TODAY, 11)
FAR = local(date(2030, 1, 1), 0)
BELOW = {"YX": {"YX", "A", "B", "C", "D"}, "C": {"C", "D"}, "A": {"A"}}
"""The units each reader sees."""


def play(scene: Scene) -> None:
    """Three directives under way, of them one suspended; one withdrawn; one draft. It is NOW afterwards."""
    led, each, late, monthly = scene.begin(
        scene.item(("A", LEAD), ("B", COOPERATING), number="一"),
        scene.item(
            *((code, HANDLING) for code in ("YX", "A", "B", "C", "D")), number="二", due=date(2026, 3, 27)
        ),
        scene.item(("C", HANDLING), ("D", HANDLING), number="三", due=date(2026, 3, 13)),
        scene.monthly(("A", HANDLING), ("D", HANDLING), number="四"),
    ).items
    other = scene.begin(
        scene.item(("B", HANDLING), ("YX", HANDLING), due=date(2026, 4, 30)),
        title="第二件",
        policy={"needs_signature": ["reminder_letter"]},
    )
    scene.acknowledge(scene.task(other.items[0], "B").id, BEGINS)
    paused = scene.begin(scene.item(("C", HANDLING), ("A", HANDLING)), title="第三件")
    dropped = scene.begin(scene.item(("D", HANDLING)), title="第四件")
    scene.draft(scene.item(("A", HANDLING)), title="第五件")
    task = {code: row.id for code, row in scene.tasks(each).items()}
    scene.acknowledge(task["A"], BEGINS)
    scene.submit(task["B"], BEGINS)
    scene.decline(task["C"], BEGINS)
    scene.submit(task["D"], BEGINS)
    scene.acknowledge(scene.task(late, "C").id, BEGINS)
    scene.suspend(paused.id, BEGINS)
    scene.withdraw(dropped.id, BEGINS)
    scene.live_until(NOW - timedelta(days=9))
    scene.review(task["D"], NOW - timedelta(days=9), accept=False)
    scene.close(scene.task(monthly, "A").id, NOW - timedelta(days=8))
    scene.live_until(NOW - timedelta(days=2))
    scene.submit(task["A"], NOW - timedelta(days=2))
    scene.live_until(NOW)
    lead = scene.task(led, "A").id
    scene.acknowledge(lead, NOW - timedelta(hours=1))
    scene.ask_extension(lead, NOW - timedelta(hours=1), date(2026, 4, 15))


def soon_until(scene: Scene, today: date) -> datetime:
    """The end of the last day before the sixth working day to come, day by day."""
    passed, day = 0, today
    while passed < 6:
        day += timedelta(days=1)
        passed += scene.frame.calendar.is_working_day(day)
    return end_of(day - timedelta(days=1), SHANGHAI)


def light_of(scene: Scene, row: Row[Any], now: datetime = NOW) -> str:
    """A task's light by the rule of overdue alone: when it would be overdue if nothing happened."""
    if row.state in ("accepted", "withdrawn"):
        return {"accepted": "done", "withdrawn": "none"}[row.state]
    clocks = clocks_of(row)
    for light, instant in (
        ("overdue", now),
        ("soon", soon_until(scene, now.astimezone(SHANGHAI).date())),
        ("on_time", FAR),
    ):
        if is_overdue(clocks, instant):
            return light
    return "waiting"


def seen_by(scene: Scene, code: str) -> list[Row[Any]]:
    """The unit tasks of the part of the tree below that unit."""
    units = {scene.units[below] for below in BELOW[code]}
    return [row for row in scene.rows(UnitTask) if row.unit_id in units]


def lights(scene: Scene, rows: Iterable[Row[Any]], now: datetime = NOW) -> Counter[str]:
    """How many there are of each light."""
    return Counter(light_of(scene, row, now) for row in rows)

"""Wake-ups of an item: its fan-out, its ladder through a year, outages, pages, periods, its end."""

import itertools
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from domain.errors import NotFoundError
from domain.ladder import RECURRING, STANDARD, Clock, Ladder, moment
from domain.periods import Frequency
from models.columns import table
from models.directive import Directive, Item, ItemPeriod, ItemState, ItemUnit
from models.organisation import Account, Unit
from models.paper import Letter, LetterUnit, Mail, Notice, NoticeKind
from models.unit_task import UnitTask
from services import fan_out
from services.items import AdvanceItem, advance_item
from store.sessions import writing
from tests.domain.samples import local
from tests.office import BEGINS, COOPERATING, DUE, ENGINE, HANDLING, LEAD, Scene, both, refused

NOW = BEGINS + timedelta(hours=1)
YEAR_END = local(date(2026, 12, 31), 20)


def rungs(scene: Scene, task: int, ladder: Ladder, clock: Clock) -> list[tuple[str, Any]]:
    """Every rung of one clock with its moment, as the pure ladder has it."""
    row = scene.row(UnitTask, task)
    deadline = row.acknowledge_by if clock is Clock.ACKNOWLEDGE else row.deadline
    return [
        (rung.name, moment(rung, deadline, ladder, scene.frame))
        for level in ladder.levels(clock)
        for rung in level
    ]


def told(scene: Scene, task: int, clock: Clock) -> list[tuple[str, Any]]:
    where = (table(Notice).c.unit_task_id == task, table(Notice).c.clock == clock)
    return [(row.rung, row.at) for row in scene.rows(Notice, *where)]


@both
def test_everybody_gets_a_task_a_notice_and_a_mail(scene: Scene) -> None:
    published = scene.begin(scene.item(("A", LEAD), ("B", COOPERATING), ("D", HANDLING)))
    item = published.items[0]

    tasks = scene.tasks(item)
    assert {code: (row.role, row.state) for code, row in tasks.items()} == {
        "A": (LEAD, "assigned"), "B": (COOPERATING, "assigned"), "D": (HANDLING, "assigned"),
    }  # fmt: skip
    for row in tasks.values():
        assert (row.deadline, row.acknowledge_by) == (local(date(2026, 4, 1), 0), local(date(2026, 3, 6), 0))
    assert [(n.kind, n.unit_id) for n in scene.rows(Notice)] == [
        (NoticeKind.ASSIGNMENT, scene.units[code]) for code in "ABD"
    ]
    assert {(m.recipient, m.next_at) for m in scene.rows(Mail)} == {
        (f"{code}@yunxi.example", BEGINS + timedelta(minutes=10)) for code in "abd"
    }
    assert {(n.workflow_id, n.run_id, n.activity_id) for n in scene.rows(Notice)} == {
        (f"item/{item}", "run", "activity")
    }


@both
def test_a_silent_unit_meets_every_rung_at_its_moment(scene: Scene) -> None:
    task = scene.one()
    scene.live_until(YEAR_END)

    for clock in (Clock.ACKNOWLEDGE, Clock.COMPLETE):
        assert told(scene, task, clock) == rungs(scene, task, STANDARD, clock)


def test_told_is_the_superior_of_the_unit_or_the_root_itself(scene: Scene) -> None:
    item = scene.begin(scene.item(("D", HANDLING), ("YX", HANDLING))).items[0]
    scene.live_until(local(date(2026, 4, 2), 12))

    where = table(Notice).c.rung == "overdue_superior"
    assert [row.unit_id for row in scene.rows(Notice, where)] == [scene.units["C"], scene.units["YX"]]
    assert scene.count(UnitTask, table(UnitTask).c.item_id == item) == 2


def test_an_acknowledged_task_meets_the_clock_of_completion_alone(scene: Scene) -> None:
    task = scene.one()
    scene.acknowledge(task, NOW)
    scene.live_until(YEAR_END)

    assert told(scene, task, Clock.ACKNOWLEDGE) == []
    assert told(scene, task, Clock.COMPLETE) == rungs(scene, task, STANDARD, Clock.COMPLETE)


def test_the_clock_of_a_cooperating_unit_ends_with_its_receipt(scene: Scene) -> None:
    item = scene.begin(scene.item(("A", LEAD), ("B", COOPERATING))).items[0]
    scene.acknowledge(scene.task(item, "B").id, NOW)
    scene.live_until(YEAR_END)

    assert told(scene, scene.task(item, "B").id, Clock.COMPLETE) == []


def test_a_second_wake_up_at_the_same_moment_tells_nobody_again(scene: Scene) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    when = local(date(2026, 4, 1), 9)
    scene.advance(published.items[0], when)
    rows = scene.count(Notice), scene.count(Mail), scene.count(Letter)

    for _ in range(3):
        scene.advance(published.items[0], when)

    assert (scene.count(Notice), scene.count(Mail), scene.count(Letter)) == rows


@both
def test_after_an_outage_the_highest_rung_is_done_and_the_lower_are_recorded(scene: Scene) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    task = scene.task(published.items[0], "A").id
    scene.acknowledge(task, NOW)
    scene.live_until(local(date(2026, 3, 26), 8))
    back = local(date(2026, 4, 3), 12)
    scene.live(back)

    where = (table(Notice).c.clock == "complete", table(Notice).c.at == back)
    assert [(row.kind, row.rung) for row in scene.rows(Notice, *where)] == [
        (NoticeKind.SUPERSEDED, "due_in_three"),
        (NoticeKind.REMIND, "overdue"),
        (NoticeKind.TELL_SUPERIOR, "overdue_superior"),
    ]
    superseded = [row.id for row in scene.rows(Notice, table(Notice).c.kind == NoticeKind.SUPERSEDED)]
    assert not scene.rows(Mail, table(Mail).c.about == "notice", table(Mail).c.about_id.in_(superseded))


def test_the_answer_says_how_long_to_wait_and_the_row_what_for(scene: Scene) -> None:
    published = scene.publish(scene.item(("A", HANDLING)))
    answer = scene.advance(published.items[0], BEGINS)

    first = local(date(2026, 3, 6), 9)
    assert answer["wait_seconds"] == (first - BEGINS).total_seconds()
    assert not answer["closed"]
    row = scene.row(Item, published.items[0])
    assert (row.next_moment, row.seen_clock_version) == (first, row.clock_version)


def test_an_item_that_is_not_there_is_refused(scene: Scene) -> None:
    with refused(scene, NotFoundError, "no item 999"):
        advance_item(scene.office, ENGINE, NOW, AdvanceItem(item_id=999))


@both
def test_one_circular_names_all_units_that_are_late_however_they_stand(scene: Scene) -> None:
    item = scene.begin(scene.item(*((code, HANDLING) for code in "ABCD"))).items[0]
    scene.acknowledge(scene.task(item, "B").id, NOW)
    scene.submit(scene.task(item, "C").id, NOW)
    scene.review(scene.task(item, "C").id, NOW, accept=False)
    scene.close(scene.task(item, "D").id, NOW)
    scene.live_until(local(date(2026, 5, 6), 9))

    (circular,) = scene.rows(Letter, table(Letter).c.kind == "rectification_circular")
    named = scene.rows(LetterUnit, table(LetterUnit).c.letter_id == circular.id)
    assert [row.unit_id for row in named] == [scene.units[code] for code in "ABC"]
    paragraphs = " ".join(circular.content["paragraphs"])
    for name in ("市教育局", "市财政局", "云东区"):
        assert name in paragraphs
    reminders = scene.rows(
        Letter, table(Letter).c.item_id == item, table(Letter).c.kind == "supervision_letter"
    )
    assert len(reminders) == 3


def many_units(scene: Scene, count: int) -> list[int]:
    """So many further units of the root, with an officer and a letter box each."""
    units = [
        {
            "code": f"M{n}",
            "name": f"第{n}村",
            "kind": "village",
            "grouping": "",
            "parent_id": scene.units["YX"],
        }
        | {"level": 2, "path": f"/1/{n}/", "position": n, "email": ""}
        for n in range(count)
    ]
    with writing(scene.engine) as session:
        connection = session.connection()
        connection.execute(insert(table(Unit)), units)
    ids = [row.id for row in scene.rows(Unit, table(Unit).c.kind == "village")]
    accounts = [
        {
            "login": f"o{unit}",
            "name": "o",
            "unit_id": unit,
            "role": "unit_officer",
            "email": f"o{unit}@yunxi.example",
        }
        | {"telephone": "", "language": "", "wants_mail": True, "active": True}
        for unit in ids
    ]
    with writing(scene.engine) as session:
        session.connection().execute(insert(table(Account)), accounts)
    return ids


def test_an_item_of_more_units_than_a_page_is_walked_page_by_page(scene: Scene) -> None:
    """Five thousand and one units, at the real size of a page: tasks, reminders and letters, each once."""
    published = scene.publish(scene.item(("A", HANDLING)))
    item = published.items[0]
    units = many_units(scene, fan_out.PAGE)
    with writing(scene.engine) as session:
        rows = [{"item_id": item, "unit_id": unit, "role": HANDLING, "named_as": ""} for unit in units]
        session.connection().execute(insert(table(ItemUnit)), rows)

    steps = [scene.step(item, BEGINS)]
    while steps[-1]["more"]:
        steps.append(scene.step(item, BEGINS))
    assert [step["more"] for step in steps] == [True, False]
    assert scene.count(UnitTask) == scene.count(Notice) == scene.count(Mail) == fan_out.PAGE + 1
    assert [row.detail["unit_tasks"] for row in scene.audit("assign")] == [fan_out.PAGE + 1]

    reminder = local(date(2026, 3, 6), 9)
    assert scene.step(item, reminder)["more"]
    assert not scene.step(item, reminder)["more"]
    climbed = scene.rows(Notice, table(Notice).c.rung == "acknowledge_overdue")
    assert len(climbed) == len({row.unit_task_id for row in climbed}) == fan_out.PAGE + 1
    assert [row.detail["unit_tasks"] for row in scene.audit("climb")] == [fan_out.PAGE, 1]
    assert {row.acknowledge_level for row in scene.rows(UnitTask)} == {0}


def test_a_page_that_was_committed_before_a_crash_is_not_done_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fan_out, "PAGE", 2)
    published = scene.publish(scene.item(*((code, HANDLING) for code in "ABCD")))
    scene.step(published.items[0], BEGINS)  # and then the worker died
    scene.advance(published.items[0], NOW)

    assert {row.assigned_at for row in scene.rows(UnitTask)} == {BEGINS, NOW}
    assert scene.count(UnitTask) == scene.count(Notice) == 4
    (period,) = scene.rows(ItemPeriod)
    assert (period.opened_at, period.assigned_at) == (BEGINS, NOW)


@both
def test_a_monthly_item_opens_a_round_after_each_deadline_to_the_end_of_the_year(scene: Scene) -> None:
    item = scene.begin(scene.monthly(("A", HANDLING))).items[0]
    scene.acknowledge(scene.task(item, "A").id, NOW)
    scene.live_until(YEAR_END)

    rounds = scene.rows(ItemPeriod)
    assert [row.period for row in rounds] == [f"2026-{month:02d}" for month in range(3, 13)]
    for row, following in itertools.pairwise(rounds):
        after = scene.frame.calendar.add_working_days((row.deadline - timedelta(hours=1)).date(), 1)
        assert following.opened_at == local(after, 9)
    later = scene.rows(UnitTask, table(UnitTask).c.period != "2026-03")
    assert {(row.state, row.acknowledge_by) for row in later} == {("acknowledged", None)}


def test_a_round_has_its_own_ladder_and_the_wake_up_that_opens_the_next_says_so(scene: Scene) -> None:
    item = scene.begin(scene.monthly(("A", HANDLING))).items[0]
    task = scene.task(item, "A").id
    scene.acknowledge(task, NOW)
    scene.live_until(local(date(2026, 3, 31), 12))
    answer = scene.advance(item, local(date(2026, 4, 1), 9))

    assert answer["period_ended"]
    scene.live_until(local(date(2026, 4, 20), 12))
    assert told(scene, task, Clock.COMPLETE) == rungs(scene, task, RECURRING, Clock.COMPLETE)


def test_an_item_closes_when_no_round_is_to_come_and_none_is_open(scene: Scene) -> None:
    item = scene.begin(
        scene.item(("A", HANDLING), due=None, frequency=Frequency.QUARTERLY), horizon=date(2026, 6, 30)
    ).items[0]
    first = scene.task(item, "A").id
    scene.close(first, NOW)
    scene.live(NOW)
    assert scene.row(Item, item).state == ItemState.OPEN
    assert scene.row(Item, item).next_moment == local(date(2026, 4, 1), 9)

    scene.live(local(date(2026, 4, 1), 9))
    scene.close(scene.tasks(item)["A"].id, local(date(2026, 4, 2), 10))
    scene.live(local(date(2026, 4, 2), 10))

    assert scene.row(Item, item).state == ItemState.CLOSED
    assert all(row.closed_at for row in scene.rows(ItemPeriod))
    assert scene.row(Directive, 1).state == "closed"
    assert scene.advance(item, YEAR_END)["closed"]


def test_a_deadline_closer_than_its_first_reminder_has_no_reminder_of_the_past(scene: Scene) -> None:
    task = scene.one(due=date(2026, 3, 4))
    scene.acknowledge(task, NOW)
    scene.live_until(local(date(2026, 3, 5), 12))

    assert [name for name, _ in told(scene, task, Clock.COMPLETE)] == ["overdue", "overdue_superior"]
    assert date(2026, 3, 4) < DUE

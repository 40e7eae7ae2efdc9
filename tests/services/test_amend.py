"""Changing an item after it was published: whom it concerns acknowledges anew, and nobody else hears of it."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.errors import ConflictError, InvalidInputError, NotAllowedError, WrongStateError
from models.columns import table
from models.directive import Amendment, Item
from models.paper import Letter, Mail, Notice, NoticeKind
from models.unit_task import Acknowledgement, DeadlineChange, Extension, UnitTask
from services.amendment_plan import AmendItem
from services.amendments import amend_item
from services.check import Outside, check
from store.evidence import FolderStore
from tests.domain.samples import local
from tests.office import BEGINS, COOPERATING, HANDLING, LEAD, PUBLISHED, Published, Scene, both

LATER = BEGINS + timedelta(days=1)
NEW_DUE = date(2026, 4, 30)


def amend(
    scene: Scene, published: Published, now: Any = LATER, at: int = 0, **changes: Any
) -> dict[str, Any]:
    item = scene.row(Item, published.items[at])
    fields = {
        "directive_id": published.id,
        "item_id": item.id,
        "version": item.version,
        "reason": "据会议纪要。",
    }
    fields |= {"text": item.text, "due_on": item.due_on}
    return amend_item(scene.office, scene.leader, now, AmendItem(**(fields | changes)))


def last_day(scene: Scene, instant: Any) -> date:
    found: date = (instant - timedelta(seconds=1)).astimezone(scene.office.tz).date()
    return found


def sound(scene: Scene, now: Any) -> None:
    """Nothing of the office contradicts itself."""
    report = check(scene.office, FolderStore(Path("none")), Outside(now=now))
    faults = [f"{one.invariant} {one.subject} {one.text}" for one in report.findings]
    assert [fault for fault in faults if not fault.startswith("I9")] == [], "the scene keeps no files"


@both
def test_a_new_text_is_acknowledged_anew_by_every_unit_of_the_item_and_nobody_else(scene: Scene) -> None:
    published = scene.begin(
        scene.item(("A", LEAD), ("B", COOPERATING)), scene.item(("C", HANDLING), number="2")
    )
    first, other = published.items
    for code in "AB":
        scene.acknowledge(scene.task(first, code).id, BEGINS)
    scene.acknowledge(scene.task(other, "C").id, BEGINS)

    answer = amend(scene, published, text="建成五所公办幼儿园")

    assert answer == {"again": 2, "added": 0, "withdrawn": 0}
    for code in "AB":
        task = scene.task(first, code)
        assert (task.state, task.acknowledged_at, task.acknowledge_level) == ("assigned", None, -1)
        assert last_day(scene, task.acknowledge_by) == scene.frame.calendar.add_working_days(LATER.date(), 3)
        assert task.deadline == task.original_deadline, "only the text changed"
    assert scene.task(other, "C").state == "acknowledged"
    told = scene.rows(Notice, table(Notice).c.kind == NoticeKind.AMENDED)
    assert {row.unit_id for row in told} == {scene.units["A"], scene.units["B"]}
    scene.live(LATER)
    sound(scene, LATER)


def test_the_first_receipt_is_kept_and_the_second_names_the_new_text(scene: Scene) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    task = scene.task(published.items[0], "A").id
    scene.acknowledge(task, BEGINS)
    amend(scene, published, text="建成五所公办幼儿园")
    scene.acknowledge(task, LATER)

    first, second = scene.rows(Acknowledgement)
    assert first.text_sha256 != second.text_sha256
    assert second.text_sha256 == scene.row(Item, published.items[0]).text_sha256
    sound(scene, LATER)


def test_a_new_date_moves_every_open_deadline_with_its_history_and_the_round(scene: Scene) -> None:
    published = scene.begin(scene.item(("A", LEAD), ("B", COOPERATING)))
    task = scene.task(published.items[0], "A").id
    scene.acknowledge(task, BEGINS)

    amend(scene, published, due_on=NEW_DUE)

    for code in "AB":
        moved = scene.task(published.items[0], code)
        assert last_day(scene, moved.deadline) == NEW_DUE
        assert (moved.deadline_version, moved.complete_level) == (2, -1)
        assert last_day(scene, moved.original_deadline) == date(2026, 3, 31)
    change = scene.rows(DeadlineChange, table(DeadlineChange).c.unit_task_id == task)[0]
    assert (change.reason, change.deadline_version, change.since) == ("amended", 2, LATER)
    assert scene.row(Item, published.items[0]).due_on == NEW_DUE


@both
def test_who_does_not_acknowledge_anew_meets_the_ladder_a_second_time(scene: Scene) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    scene.live_until(local(date(2026, 3, 6), 9))
    first = scene.rows(Notice, table(Notice).c.rung == "acknowledge_overdue")
    assert len(first) == 1, "the first acknowledging was overdue already"

    amend(scene, published, now=local(date(2026, 3, 6), 10), text="新的要求。")
    scene.live_until(local(date(2026, 3, 20), 12))

    again = scene.rows(Notice, table(Notice).c.rung == "acknowledge_overdue")
    assert [row.deadline_version for row in again] == [1, 2]
    assert len(scene.rows(Letter)) == 1, "the reminder letter of the second acknowledging"
    sound(scene, local(date(2026, 3, 20), 12))


def test_a_unit_that_comes_gets_its_task_and_one_that_goes_loses_it(scene: Scene) -> None:
    published = scene.begin(scene.item(("A", HANDLING), ("B", HANDLING)))
    item = published.items[0]
    for code in "AB":
        scene.acknowledge(scene.task(item, code).id, BEGINS)

    answer = amend(scene, published, add="云东区", remove=(scene.units["B"],))

    assert answer == {"again": 0, "added": 1, "withdrawn": 1}
    assert scene.task(item, "A").state == "acknowledged", "it concerns the others only"
    assert (scene.task(item, "B").state, scene.task(item, "B").closed_at) == ("withdrawn", LATER)
    new = scene.task(item, "C")
    assert (new.state, new.role, new.assigned_at, new.deadline_version) == ("assigned", "handling", LATER, 1)
    assert last_day(scene, new.deadline) == date(2026, 3, 31)
    scene.live(LATER)
    sound(scene, LATER)
    assert {row.kind for row in scene.rows(Mail)} >= {"amended", "assignment"}


def test_what_a_unit_has_submitted_stays_with_the_office(scene: Scene) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    task = scene.task(published.items[0], "A").id
    scene.submit(task, BEGINS)

    answer = amend(scene, published, due_on=NEW_DUE)

    assert answer["again"] == 0
    fresh = scene.row(UnitTask, task)
    assert (fresh.state, last_day(scene, fresh.deadline)) == ("submitted", NEW_DUE)


def test_a_request_for_more_time_is_dropped_by_a_new_date(scene: Scene) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    task = scene.task(published.items[0], "A").id
    scene.acknowledge(task, BEGINS)
    asked = scene.ask_extension(task, BEGINS, date(2026, 4, 10))

    amend(scene, published, due_on=NEW_DUE)

    assert scene.row(Extension, asked).decided_at == LATER
    assert not scene.row(UnitTask, task).held


def test_the_last_open_task_that_goes_closes_the_item(scene: Scene) -> None:
    published = scene.begin(scene.item(("A", HANDLING), ("B", HANDLING)))
    scene.close(scene.task(published.items[0], "A").id, BEGINS)

    amend(scene, published, remove=(scene.units["B"],))
    scene.live(LATER)

    assert scene.row(Item, published.items[0]).state == "closed"
    sound(scene, LATER)


def test_an_amendment_is_kept_with_what_stood_before_and_why(scene: Scene) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))

    amend(scene, published, text="新的要求。", due_on=NEW_DUE)

    (kept,) = scene.rows(Amendment)
    assert (kept.before["text"], kept.after["text"]) == ("建成三所公办幼儿园", "新的要求。")
    assert (kept.before["due_on"], kept.after["due_on"]) == ("2026-03-31", "2026-04-30")
    assert (kept.reason, kept.account_id) == ("据会议纪要。", scene.leader.account_id)


def test_a_recurring_item_keeps_its_rounds_and_gets_its_new_text(scene: Scene) -> None:
    published = scene.begin(scene.monthly(("A", HANDLING)))

    amend(scene, published, text="每月报送新口径。", due_on=NEW_DUE)

    assert scene.row(Item, published.items[0]).due_on is None
    assert last_day(scene, scene.task(published.items[0], "A").deadline) == date(2026, 3, 31)


def test_of_two_people_the_first_counts(scene: Scene) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    old = scene.row(Item, published.items[0]).version
    amend(scene, published, text="第一个。")

    with pytest.raises(ConflictError, match="leader@YX was first"):
        amend(scene, published, text="第二个。", version=old)


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({}, InvalidInputError, "Say what is to be changed"),
        ({"due_on": date(2026, 3, 1)}, InvalidInputError, "already past"),
        ({"due_on": None}, InvalidInputError, "Fill in"),
        ({"add": "市水务局"}, InvalidInputError, "no unit's"),
        ({"add": "A"}, InvalidInputError, "takes part already"),
        ({"remove": (4,)}, InvalidInputError, "takes no part"),
        ({"remove": (2,)}, InvalidInputError, "No unit would be left"),
        ({"remove": (2,), "add": "C"}, InvalidInputError, "Name the unit that leads"),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_changes_nothing(
    scene: Scene, changes: dict[str, Any], error: type[Exception], said: str
) -> None:
    published = scene.begin(scene.item(("A", LEAD), ("B", COOPERATING)))

    with pytest.raises(error, match=said):
        amend(scene, published, **changes)

    assert scene.rows(Amendment) == []


def test_only_a_running_directive_is_amended_and_only_by_a_leader(scene: Scene) -> None:
    published = scene.publish(scene.item(("A", HANDLING)))
    with pytest.raises(WrongStateError, match="in the hold"):
        amend(scene, published, now=PUBLISHED, text="新。")
    scene.live(BEGINS)
    item = scene.row(Item, published.items[0])
    request = AmendItem(
        directive_id=published.id,
        item_id=item.id,
        version=item.version,
        text="新。",
        due_on=NEW_DUE,
        reason="因。",
    )
    with pytest.raises(NotAllowedError):
        amend_item(scene.office, scene.supervision, LATER, request)
    scene.suspend(published.id, LATER)
    with pytest.raises(WrongStateError, match="suspended"):
        amend(scene, published, text="新。")


def test_a_unit_that_has_closed_its_part_does_not_come_back(scene: Scene) -> None:
    published = scene.begin(scene.item(("A", HANDLING), ("B", HANDLING)))
    amend(scene, published, remove=(scene.units["B"],))

    with pytest.raises(WrongStateError, match="already closed its part"):
        amend(scene, published, add="B")

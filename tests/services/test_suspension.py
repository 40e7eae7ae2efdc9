"""A directive that stands still, and a calendar that changes: what moves, and that nothing moves twice."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models.columns import table
from models.directive import Item
from models.engine import CalendarYear
from models.paper import Letter, LetterState, Notice
from models.unit_task import DeadlineChange, UnitTask
from services.setup import ImportCalendar, import_calendar
from store.sessions import reading
from tests.domain.samples import local
from tests.office import BEGINS, DIRECTOR, HANDLING, Scene

NOW = BEGINS + timedelta(hours=1)


def test_while_it_stands_still_nothing_happens_and_afterwards_every_deadline_is_later(scene: Scene) -> None:
    task = scene.one()
    scene.acknowledge(task, BEGINS)
    thursday, tuesday = local(date(2026, 3, 12), 15), local(date(2026, 3, 24), 9)
    scene.suspend(1, thursday)
    assert scene.row(UnitTask, task).state == "suspended"
    scene.live_until(tuesday)
    assert scene.count(Notice) == 1

    answer = scene.resume(1, tuesday)

    assert answer["working_days"] == 8
    row = scene.row(UnitTask, task)
    assert (row.state, row.suspended_in) == ("acknowledged", None)
    assert row.deadline == local(date(2026, 4, 14), 0)  # eight working days after 31 March, Qingming between
    assert row.original_deadline == local(date(2026, 4, 1), 0)
    assert [change.reason for change in scene.rows(DeadlineChange)] == ["resumed"]


def test_suspended_over_a_weekend_no_working_day_is_lost(scene: Scene) -> None:
    task = scene.one()
    before = scene.row(UnitTask, task).deadline
    scene.suspend(1, local(date(2026, 3, 13), 18))
    scene.resume(1, local(date(2026, 3, 15), 8))

    assert scene.row(UnitTask, task).deadline == before
    assert scene.count(DeadlineChange) == 0


def test_no_receipt_deadline_is_moved_twice(scene: Scene) -> None:
    """Moved by one day the first becomes the second; it must not be met again and moved once more."""
    item = scene.begin(scene.item(("A", HANDLING), ("B", HANDLING))).items[0]
    dispute = scene.decline(scene.task(item, "A").id, NOW)
    scene.decide_dispute(dispute, local(date(2026, 3, 3), 10), upheld=True, to="C")
    first, second = scene.task(item, "B").acknowledge_by, scene.task(item, "C").acknowledge_by
    assert second - first == timedelta(days=1)
    scene.suspend(1, local(date(2026, 3, 3), 11))
    scene.resume(1, local(date(2026, 3, 4), 11))

    assert scene.task(item, "B").acknowledge_by == second
    assert scene.task(item, "C").acknowledge_by == local(date(2026, 3, 10), 0)


def test_a_fan_out_that_stood_still_gives_every_unit_the_same_deadline(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.fan_out.PAGE", 2)
    published = scene.publish(scene.item(*((code, HANDLING) for code in "ABC")))
    scene.step(published.items[0], BEGINS)
    scene.suspend(published.id, BEGINS)
    later = local(date(2026, 3, 9), 10)
    scene.resume(published.id, later)
    scene.advance(published.items[0], later)

    assert len({row.deadline for row in scene.rows(UnitTask)}) == 1
    assert scene.count(UnitTask) == 3


def test_a_letter_signed_before_the_suspension_goes_out_after_it(scene: Scene) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    scene.acknowledge(scene.task(published.items[0], "A").id, NOW)
    moment = local(date(2026, 4, 8), 9)
    scene.live_until(moment)
    (letter,) = scene.rows(Letter)
    assert letter.state == LetterState.SIGNED
    scene.suspend(published.id, moment + timedelta(minutes=5))
    scene.live_until(moment + timedelta(hours=1))
    assert scene.row(Letter, letter.id).state == LetterState.SIGNED

    again = moment + timedelta(hours=2)
    scene.resume(published.id, again)
    scene.live(again)

    assert scene.row(Letter, letter.id).issued_at == again


def test_a_new_calendar_has_every_open_owner_look_again(scene: Scene) -> None:
    scene.begin(scene.item(("A", HANDLING)))
    pokes = scene.pokes()
    import_calendar(
        scene.office, DIRECTOR, NOW, ImportCalendar(days={date(2026, 3, 17): True}, certain_years=(2026,))
    )

    assert scene.pokes()[len(pokes) :] == [("directive/1", 2), ("item/1", 2)]
    scene.live(NOW)
    (item,) = scene.rows(Item)
    assert item.next_moment is not None
    with reading(scene.engine) as session:
        years = session.connection().execute(select(table(CalendarYear).c.year)).scalars().all()
    assert years == [2025, 2026]

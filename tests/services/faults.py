"""Faults planted into the rows, the files and the trail of the story, each with all that a check must find of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, text, update
from sqlmodel import SQLModel

from models.columns import table
from models.counters import ItemCount
from models.directive import Item
from models.engine import Incident, Outbox
from models.paper import Letter, Mail, Notice
from models.rectification import Rectification
from models.unit_task import (
    DeadlineChange,
    Dispute,
    Extension,
    Review,
    UnitTask,
)
from store.sessions import writing
from tests.domain.samples import local
from tests.services.story import Story

Expected = list[tuple[str, str]]
FAULTS: dict[str, Callable[[Story], Expected]] = {}
LED, MONTHLY, IGNORED, REWORKED, DISPUTED, SUSPENDED, WITHDRAWN = range(1, 8)
"""The story's items."""
DAY = timedelta(days=1)


def fault(plant: Callable[[Story], Expected]) -> Callable[[Story], Expected]:
    FAULTS[plant.__name__] = plant
    return plant


@dataclass(frozen=True)
class Hand:
    """Writes rows as nobody should, past every act."""

    story: Story

    def run(self, statement: Any) -> None:
        with writing(self.story.scene.engine) as session:
            session.connection().execute(text(statement) if isinstance(statement, str) else statement)

    def set(self, model: type[SQLModel], row_id: int, **values: Any) -> None:
        t = table(model)
        self.run(update(t).where(t.c.id == row_id).values(**values))

    def drop(self, model: type[SQLModel], row_id: int) -> None:
        t = table(model)
        self.run(delete(t).where(t.c.id == row_id))


def task_of(story: Story, item_id: int, code: str, period: str | None = None) -> Row[Any]:
    t = table(UnitTask)
    where = [t.c.item_id == item_id, t.c.unit_id == story.scene.units[code]]
    return story.scene.rows(UnitTask, *where, *([t.c.period == period] if period else []))[-1]


def notice_of(story: Story, task: Row[Any], rung: str, version: int | None = None) -> Row[Any]:
    t = table(Notice)
    where = [t.c.unit_task_id == task.id, t.c.rung == rung]
    (found,) = story.scene.rows(Notice, *where, *([t.c.deadline_version == version] if version else []))
    return found


# I4, I5, I13: owners


@fault
def a_poke_was_lost(story: Story) -> Expected:
    t = table(Item)
    Hand(story).run(update(t).where(t.c.id == DISPUTED).values(clock_version=t.c.clock_version + 1))
    return [("I4", f"item/{DISPUTED}")]


@fault
def an_item_sleeps_past_its_next_rung(story: Story) -> Expected:
    moment = story.scene.row(Item, DISPUTED).next_moment
    Hand(story).set(Item, DISPUTED, next_moment=moment + timedelta(seconds=1))
    return [("I4", f"item/{DISPUTED}")]


@fault
def an_item_waits_for_nothing(story: Story) -> Expected:
    Hand(story).set(Item, DISPUTED, next_moment=None)
    return [("I4", f"item/{DISPUTED}")]


@fault
def a_closed_item_has_an_open_task(story: Story) -> Expected:
    Hand(story).set(UnitTask, task_of(story, REWORKED, "D").id, state="submitted", closed_at=None)
    return [("I5", f"item/{REWORKED}")]


@fault
def a_closed_directive_has_an_open_item(story: Story) -> Expected:
    Hand(story).set(Item, SUSPENDED, state="open")
    return [("I10", f"item/{SUSPENDED}"), ("I5", "directive/2")]


@fault
def a_closed_task_says_not_when(story: Story) -> Expected:
    task = task_of(story, REWORKED, "D")
    Hand(story).set(UnitTask, task.id, closed_at=None)
    return [("I5", f"unit_task/{task.id}")]


@fault
def a_task_is_suspended_alone(story: Story) -> Expected:
    task = task_of(story, DISPUTED, "C")
    Hand(story).set(UnitTask, task.id, state="suspended", suspended_in="acknowledged")
    return [("I5", f"unit_task/{task.id}")]


@fault
def a_parked_row_is_told_to_nobody(story: Story) -> Expected:
    row = story.scene.rows(Outbox)[0]
    Hand(story).set(Outbox, row.id, parked_at=row.created_at, done_at=None)
    return [("I13", f"outbox/{row.id}")]


@fault
def a_refused_mail_is_told_to_nobody(story: Story) -> Expected:
    (incident,) = story.scene.rows(Incident)
    Hand(story).drop(Incident, incident.id)
    return [("I13", incident.key)]


# I6, I7: notices


@fault
def a_rung_is_told_twice(story: Story) -> Expected:
    """As when the unique key is gone."""
    notice = notice_of(story, task_of(story, DISPUTED, "C"), "due_in_ten")
    if story.scene.engine.dialect.name == "sqlite":
        Hand(story).run("ALTER TABLE notice RENAME TO notice_with_key")
        Hand(story).run("CREATE TABLE notice AS SELECT * FROM notice_with_key")
    else:
        name = "notice_unit_task_id_clock_rung_deadline_version_rectificati_key"
        Hand(story).run(f"ALTER TABLE notice DROP CONSTRAINT {name}")
    Hand(story).run(insert(table(Notice)).values(**dict(notice._mapping) | {"id": 900}))
    return [("I6", f"unit_task/{notice.unit_task_id}")]


@fault
def an_acknowledging_is_reminded_of_twice(story: Story) -> Expected:
    notice = notice_of(story, task_of(story, LED, "B"), "acknowledge_overdue")
    Hand(story).run(
        insert(table(Notice)).values(**dict(notice._mapping) | {"id": 900, "deadline_version": 2})
    )
    return [("I6", f"unit_task/{notice.unit_task_id}")]


@fault
def an_assignment_is_told_to_nobody(story: Story) -> Expected:
    notice = notice_of(story, task_of(story, LED, "A"), "assignment")
    (mail,) = story.scene.rows(Mail, table(Mail).c.about == "notice", table(Mail).c.about_id == notice.id)
    Hand(story).drop(Notice, notice.id)
    return [("I6", f"unit_task/{notice.unit_task_id}"), ("I8", f"mail/{mail.id}")]


@fault
def a_rung_is_done_while_an_extension_request_waits(story: Story) -> Expected:
    Hand(story).set(Extension, 2, decided_at=local(date(2026, 4, 15)))
    return [("I6", f"notice/{notice_of(story, task_of(story, REWORKED, 'D'), 'due_in_ten', 2).id}")]


@fault
def a_rung_is_done_while_a_dispute_waits(story: Story) -> Expected:
    Hand(story).set(Dispute, 2, decided_at=local(date(2026, 6, 20)))
    return [("I6", f"notice/{notice_of(story, task_of(story, DISPUTED, 'C'), 'due_in_ten').id}")]


@fault
def a_rung_is_done_while_a_submission_waits(story: Story) -> Expected:
    (returned,) = story.scene.rows(Review, table(Review).c.accepted.is_(False))
    Hand(story).set(Review, returned.id, at=local(date(2026, 4, 28)))
    return [("I6", f"notice/{notice_of(story, task_of(story, REWORKED, 'D'), 'due_in_three', 3).id}")]


@fault
def a_unit_is_reminded_of_what_it_acknowledged(story: Story) -> Expected:
    task = task_of(story, LED, "B")
    last = notice_of(story, task, "acknowledge_reminder_letter")
    Hand(story).set(UnitTask, task.id, acknowledged_at=last.at - timedelta(seconds=1))
    return [("I6", f"notice/{last.id}")]


@fault
def a_closed_task_climbs_on(story: Story) -> Expected:
    task = task_of(story, IGNORED, "C")
    last = notice_of(story, task, "rectification_circular")
    Hand(story).set(UnitTask, task.id, closed_at=last.at - timedelta(seconds=1))
    earlier = notice_of(story, task, "supervision_letter").letter_id  # signed late, so issued late
    return [("I7", f"letter/{earlier}"), ("I7", f"letter/{last.letter_id}"), ("I7", f"notice/{last.id}")]


@fault
def a_verified_rectification_is_told_on(story: Story) -> Expected:
    (row,) = story.scene.rows(Rectification)
    (returned,) = story.scene.rows(
        Notice, table(Notice).c.rectification_id == row.id, table(Notice).c.kind == "returned"
    )
    Hand(story).set(Rectification, row.id, verified_at=returned.at - timedelta(seconds=1))
    return [("I7", f"notice/{returned.id}")]


@fault
def a_withdrawn_directive_is_told_of_on(story: Story) -> Expected:
    told = story.scene.rows(Notice, table(Notice).c.rectification_id != 0)
    Hand(story).set(Item, IGNORED, directive_id=3)
    Hand(story).run(f"UPDATE unit_task SET directive_id = 3 WHERE item_id = {IGNORED}")
    return [("I7", f"notice/{notice.id}") for notice in told]


@fault
def a_letter_of_a_withdrawn_directive_is_issued(story: Story) -> Expected:
    (letter,) = story.scene.rows(Letter, table(Letter).c.kind == "closing_report")
    Hand(story).set(Letter, letter.id, directive_id=3)
    return [("I7", f"letter/{letter.id}")]


# I6, I7: the ladder


@fault
def a_rung_is_done_early(story: Story) -> Expected:
    notice = notice_of(story, task_of(story, DISPUTED, "C"), "due_in_ten")
    Hand(story).set(Notice, notice.id, at=notice.at - timedelta(seconds=1))
    return [("I6", f"notice/{notice.id}")]


@fault
def a_unit_is_called_late_before_its_deadline(story: Story) -> Expected:
    task = task_of(story, IGNORED, "C")
    notice = notice_of(story, task, "overdue")
    Hand(story).set(Notice, notice.id, at=task.deadline - timedelta(seconds=1))
    return [("I7", f"notice/{notice.id}")]


@fault
def a_rung_is_told_as_another_kind(story: Story) -> Expected:
    notice = notice_of(story, task_of(story, DISPUTED, "C"), "due_in_ten")
    Hand(story).set(Notice, notice.id, kind="tell_superior")
    return [("I6", f"notice/{notice.id}")]


@fault
def a_rung_is_on_no_ladder(story: Story) -> Expected:
    notice = notice_of(story, task_of(story, REWORKED, "D"), "due_in_ten", 2)
    Hand(story).set(Notice, notice.id, rung="due_in_nine")
    return [("I6", f"notice/{notice.id}")]


@fault
def a_rung_of_a_replaced_deadline_is_done(story: Story) -> Expected:
    notice = notice_of(story, task_of(story, REWORKED, "D"), "due_in_ten", 2)
    Hand(story).set(Notice, notice.id, at=local(date(2026, 4, 28)))
    return [("I6", f"notice/{notice.id}")]


@fault
def a_rung_is_older_than_its_deadline(story: Story) -> Expected:
    task = task_of(story, REWORKED, "D")
    t = table(DeadlineChange)
    (change,) = story.scene.rows(DeadlineChange, t.c.unit_task_id == task.id, t.c.deadline_version == 2)
    notice = notice_of(story, task, "due_in_ten", 2)
    Hand(story).set(DeadlineChange, change.id, since=notice.at + DAY)
    return [("I6", f"notice/{notice.id}")]


@fault
def a_level_was_reached_in_silence(story: Story) -> Expected:
    task = task_of(story, REWORKED, "D")
    Hand(story).set(UnitTask, task.id, complete_level=task.complete_level + 1)
    return [("I11", f"unit_task/{task.id}")] * 2  # the level has two rungs


@fault
def a_level_was_told_and_not_reached(story: Story) -> Expected:
    task = task_of(story, LED, "B")
    Hand(story).set(UnitTask, task.id, acknowledge_level=task.acknowledge_level - 1)
    return [("I11", f"unit_task/{task.id}")]


@fault
def a_level_was_only_passed_over(story: Story) -> Expected:
    task = task_of(story, IGNORED, "C")
    notice = notice_of(story, task, "rectification_circular")
    Hand(story).set(Notice, notice.id, kind="superseded")
    return [("I11", f"unit_task/{task.id}")]


@fault
def a_unit_task_that_names_another_directive_than_its_item(story: Story) -> Expected:
    task = task_of(story, DISPUTED, "C")
    Hand(story).set(UnitTask, task.id, directive_id=3)
    return [("I11", f"unit_task/{task.id}")]


@fault
def a_counter_of_a_unit_that_counts_one_too_many(story: Story) -> Expected:
    unit = story.scene.units["A"]
    Hand(story).run(
        f"UPDATE unit_count SET accepted = accepted + 1 WHERE unit_id = {unit} AND directive_id = 1"
    )
    return [("I11", f"unit/{unit}")]


@fault
def a_counter_of_an_item_that_is_gone(story: Story) -> Expected:
    (kept,) = story.scene.rows(ItemCount, table(ItemCount).c.item_id == LED)
    Hand(story).run(f"DELETE FROM item_count WHERE item_id = {LED}")
    return [("I11", f"item/{LED}") for counted in tuple(kept)[1:] if counted]


@fault
def a_counter_of_tasks_that_wait_for_nobody(story: Story) -> Expected:
    Hand(story).run(f"UPDATE item_count SET submitted = 2, running = running - 1 WHERE item_id = {LED}")
    return [("I11", f"item/{LED}")] * 2


@fault
def an_item_that_the_search_does_not_find(story: Story) -> Expected:
    key = "rowid" if story.scene.engine.dialect.name == "sqlite" else "id"
    Hand(story).run(f"DELETE FROM search_item WHERE {key} = {LED}")
    return [("I11", f"item/{LED}")]

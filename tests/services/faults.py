"""Faults planted into the rows, the files and the trail of the story, each with all that a check must find of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, text, update
from sqlmodel import SQLModel

from models.columns import table
from models.directive import Item
from models.engine import Bulletin, Incident, Outbox
from models.paper import Letter, LetterNumber, Mail, Notice
from models.rectification import Rectification
from models.unit_task import (
    Acknowledgement,
    DeadlineChange,
    Dispute,
    Evidence,
    Extension,
    ProgressReport,
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


# I8: mails


def mail_in(story: Story, state: str, about: str = "notice") -> Row[Any]:
    t = table(Mail)
    return story.scene.rows(Mail, t.c.state == state, t.c.about == about)[0]


@fault
def a_mail_waits_for_no_reason(story: Story) -> Expected:
    mail = mail_in(story, "sent")
    Hand(story).set(Mail, mail.id, state="unknown", answer="")
    return [("I8", f"mail/{mail.id}")]


@fault
def a_mail_was_tried_and_says_not_what_happened(story: Story) -> Expected:
    mail = mail_in(story, "sent")
    Hand(story).set(Mail, mail.id, state="pending", answer="")
    return [("I8", f"mail/{mail.id}")]


@fault
def a_mail_is_being_sent_for_ever(story: Story) -> Expected:
    mail = mail_in(story, "sent")
    Hand(story).set(Mail, mail.id, state="sending", lease_until=None)
    return [("I8", f"mail/{mail.id}")]


@fault
def a_mail_is_lost(story: Story) -> Expected:
    mail = mail_in(story, "sent")
    Hand(story).set(Mail, mail.id, state="lost")
    return [("I8", f"mail/{mail.id}")]


@fault
def a_mail_is_marked_sent_before_it_was_tried(story: Story) -> Expected:
    mail = mail_in(story, "sent")
    Hand(story).set(Mail, mail.id, attempts=0)
    return [("I8", f"mail/{mail.id}")]


@fault
def a_mail_went_into_no_digest(story: Story) -> Expected:
    mail = mail_in(story, "digested")
    Hand(story).set(Mail, mail.id, digest_id=None)
    return [("I8", f"mail/{mail.id}")]


@fault
def a_mail_went_into_the_digest_of_another(story: Story) -> Expected:
    mail = mail_in(story, "digested")
    Hand(story).set(Mail, mail.id, recipient="z@yunxi.example")
    return [("I8", f"mail/{mail.id}")]


@fault
def a_digest_holds_nothing(story: Story) -> Expected:
    digest, other = story.scene.rows(Mail, table(Mail).c.about == "digest")[:2]
    t = table(Mail)
    Hand(story).set(Mail, digest.id, recipient=other.recipient)
    Hand(story).run(
        update(t).where(t.c.digest_id == digest.id).values(digest_id=other.id, recipient=other.recipient)
    )
    return [("I8", f"mail/{digest.id}")]


@fault
def a_mail_tells_of_a_letter_that_is_not_there(story: Story) -> Expected:
    mail = mail_in(story, "sent", "letter")
    Hand(story).set(Mail, mail.id, about_id=999)
    return [("I8", f"mail/{mail.id}")]


# I9, I11: files, letters, versions


@fault
def a_file_is_gone(story: Story) -> Expected:
    sha256 = story.scene.rows(Evidence)[0].sha256
    _path(story, sha256).unlink()
    return [("I9", f"evidence_file/{sha256}")]


@fault
def a_file_is_cut(story: Story) -> Expected:
    sha256 = story.scene.rows(Evidence)[0].sha256
    _write(story, sha256, _path(story, sha256).read_bytes()[:-1])
    return [("I9", f"evidence_file/{sha256}")]


@fault
def one_octet_of_a_file_is_another(story: Story) -> Expected:
    sha256 = story.scene.rows(Evidence)[0].sha256
    _write(story, sha256, _path(story, sha256).read_bytes()[:-1] + b"?")
    return [("I9", f"evidence_file/{sha256}")]


def _path(story: Story, sha256: str) -> Any:
    return story.folder / sha256[:2] / sha256[2:4] / sha256


def _write(story: Story, sha256: str, octets: bytes) -> None:
    path = _path(story, sha256)
    path.chmod(0o600)
    path.write_bytes(octets)


@fault
def a_version_of_a_piece_is_missing(story: Story) -> Expected:
    second = story.scene.rows(Evidence, table(Evidence).c.version == 2)[0]
    Hand(story).set(Evidence, second.id, version=9)
    return [("I11", f"unit_task/{second.unit_task_id}")]


def letter_of(story: Story, kind: str, number: int) -> Row[Any]:
    (found,) = story.scene.rows(Letter, table(Letter).c.kind == kind, table(Letter).c.number == number)
    return found


@fault
def a_register_has_a_gap(story: Story) -> Expected:
    Hand(story).set(Letter, letter_of(story, "reminder_letter", 2).id, number=99)
    root = story.scene.units["YX"]
    return [("I11", f"unit/{root}"), ("I11", f"unit/{root}")]


@fault
def a_register_counts_further_than_its_letters(story: Story) -> Expected:
    t = table(LetterNumber)
    Hand(story).run(update(t).where(t.c.kind == "supervision_letter").values(last=5))
    return [("I11", f"unit/{story.scene.units['YX']}")]


@fault
def a_register_counts_no_letters(story: Story) -> Expected:
    values = {"issuer_id": story.scene.units["A"], "kind": "reminder_letter", "year": 2026, "last": 1}
    Hand(story).run(insert(table(LetterNumber)).values(**values))
    return [("I11", f"unit/{story.scene.units['A']}")]


@fault
def a_letter_is_issued_without_a_document_number(story: Story) -> Expected:
    letter = letter_of(story, "reminder_letter", 1)
    Hand(story).set(Letter, letter.id, document_number="")
    return [("I11", f"letter/{letter.id}")]


@fault
def a_letter_says_something_else(story: Story) -> Expected:
    letter = letter_of(story, "reminder_letter", 1)
    Hand(story).set(Letter, letter.id, content=letter.content | {"title": "表扬"})
    return [("I11", f"letter/{letter.id}")]


# I10, I11: trail and counters


@fault
def a_receipt_is_gone(story: Story) -> Expected:
    receipt = story.scene.rows(Acknowledgement)[0]
    Hand(story).drop(Acknowledgement, receipt.id)
    return [("I10", f"unit_task/{receipt.unit_task_id}")]


@fault
def a_report_was_never_made(story: Story) -> Expected:
    report = story.scene.rows(ProgressReport)[0]
    Hand(story).run(insert(table(ProgressReport)).values(**dict(report._mapping) | {"id": 900}))
    return [("I10", f"unit_task/{report.unit_task_id}")]


@fault
def a_bulletin_is_gone(story: Story) -> Expected:
    (bulletin,) = story.scene.rows(Bulletin)
    Hand(story).drop(Bulletin, bulletin.id)
    return [("I10", f"bulletin/{bulletin.kind}/{bulletin.period}")]


@fault
def a_return_is_counted_twice(story: Story) -> Expected:
    """It is neither in the rows nor among the notices."""
    task = task_of(story, REWORKED, "D")
    Hand(story).set(UnitTask, task.id, returned_times=2)
    return [("I11", f"unit_task/{task.id}"), ("I11", f"unit_task/{task.id}")]


@fault
def an_extension_is_not_counted(story: Story) -> Expected:
    task = task_of(story, REWORKED, "D")
    Hand(story).set(UnitTask, task.id, extended_times=0)
    return [("I11", f"unit_task/{task.id}")]


@fault
def a_deadline_has_no_history(story: Story) -> Expected:
    task = task_of(story, LED, "A")
    Hand(story).set(UnitTask, task.id, deadline_version=2)
    return [("I11", f"unit_task/{task.id}")]


@fault
def a_deadline_was_moved_by_hand(story: Story) -> Expected:
    task = task_of(story, REWORKED, "D")
    Hand(story).set(UnitTask, task.id, deadline=task.deadline + DAY)
    return [("I11", f"unit_task/{task.id}")]


@fault
def a_failed_rectification_is_not_counted(story: Story) -> Expected:
    (row,) = story.scene.rows(Rectification)
    Hand(story).set(Rectification, row.id, failed_times=0)
    return [("I11", f"rectification/{row.id}")]


@fault
def the_trail_is_open_to_changes(story: Story) -> Expected:
    unguard(story)
    return [("I10", "audit")]


@fault
def the_trail_was_changed(story: Story) -> Expected:
    unguard(story)
    Hand(story).run("UPDATE audit SET actor = 'nobody' WHERE seq = 7")
    return [("I10", "audit"), ("I10", "audit/7")]


def unguard(story: Story) -> None:
    """Take the triggers off, as somebody with the whole database can."""
    if story.scene.engine.dialect.name == "sqlite":
        Hand(story).run("DROP TRIGGER audit_no_update")
        Hand(story).run("DROP TRIGGER audit_no_delete")
    else:
        Hand(story).run("DROP TRIGGER audit_no_change ON audit")

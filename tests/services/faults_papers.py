"""Faults of mails, files, letters, counters and the trail. `tests.services.faults` says what a fault is."""

from typing import Any

from sqlalchemy import Row, insert, update

from models.columns import table
from models.engine import Bulletin
from models.paper import Letter, LetterNumber, Mail
from models.rectification import Rectification
from models.unit_task import (
    Acknowledgement,
    Evidence,
    ProgressReport,
    UnitTask,
)
from tests.services.faults import DAY, LED, REWORKED, Expected, Hand, fault, task_of
from tests.services.story import Story
from tests.services.trails import unguard

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
    unguard(story.scene)
    return [("I10", "audit")]


@fault
def the_trail_was_changed(story: Story) -> Expected:
    unguard(story.scene)
    Hand(story).run("UPDATE audit SET actor = 'nobody' WHERE seq = 7")
    return [("I10", "audit"), ("I10", "audit/7")]

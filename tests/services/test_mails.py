"""Mails on their way: claimed once, gathered, tried again, fenced, and never lost without an incident."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from models.columns import table
from models.engine import Incident
from models.organisation import Account
from models.paper import Letter, Mail, MailState, Notice, NoticeKind
from services.mails import (
    DIGEST_WINDOW,
    LEASE,
    MailJob,
    MailResult,
    claim_mails,
    next_mail,
    record_results,
)
from store.sessions import writing
from tests.domain.samples import local
from tests.office import BEGINS, DUE, HANDLING, Scene, both

HELD = BEGINS + timedelta(minutes=10)
"""When the mails of what was handed out at BEGINS may leave."""
MINUTE = timedelta(minutes=1)


def send(scene: Scene, now: datetime, state: MailState = MailState.SENT, **more: Any) -> list[MailJob]:
    """Take what is due and say the same became of all of it."""
    jobs = claim_mails(scene.office, now, now)
    later = now + MINUTE if state in (MailState.PENDING, MailState.UNKNOWN) else None
    results = [MailResult(job.id, job.attempts, state, later, "250 ok", **more) for job in jobs]
    record_results(scene.office, now, results)
    return jobs


def several(scene: Scene, count: int) -> None:
    """So many items for unit A, hence so many mails to its one address."""
    scene.begin(*(scene.item(("A", HANDLING), number=str(n)) for n in range(count)))


def states(scene: Scene) -> list[str]:
    return [row.state for row in scene.rows(Mail)]


def test_nothing_leaves_before_its_hold_has_passed(scene: Scene) -> None:
    scene.one()

    assert claim_mails(scene.office, HELD - timedelta(seconds=1), HELD) == []
    assert next_mail(scene.office) == HELD
    (job,) = send(scene, HELD)
    assert (job.recipient, job.kind, job.attempts) == ("a@yunxi.example", NoticeKind.ASSIGNMENT, 1)
    assert states(scene) == [MailState.SENT]
    assert next_mail(scene.office) is None


def test_a_mail_says_what_it_is_about_in_its_readers_language(scene: Scene) -> None:
    with writing(scene.engine) as session:
        who = update(table(Account)).where(table(Account).c.email == "a@yunxi.example")
        session.connection().execute(who.values(language="en"))
    scene.one()

    (job,) = claim_mails(scene.office, HELD, HELD)

    assert job.language == "en"
    (line,) = job.lines
    assert (line["unit"], line["deadline"], line["acknowledge_by"]) == (
        "市教育局",
        DUE.isoformat(),
        "2026-03-05",
    )


@pytest.mark.parametrize(("count", "mails"), [(1, 1), (3, 3), (4, 1), (9, 1)])
def test_more_than_three_tellings_at_once_become_one_mail(scene: Scene, count: int, mails: int) -> None:
    several(scene, count)

    jobs = send(scene, HELD)

    assert len(jobs) == mails
    assert sum(len(job.lines) for job in jobs) == count
    assert {job.kind for job in jobs} == ({"digest"} if count > 3 else {NoticeKind.ASSIGNMENT})
    digested = scene.rows(Mail, table(Mail).c.state == MailState.DIGESTED)
    assert len(digested) == (count if count > 3 else 0)
    assert {row.digest_id for row in digested} <= {job.id for job in jobs}


def test_three_that_left_and_a_fourth_within_fifteen_minutes_wait_for_each_other(scene: Scene) -> None:
    """Mails that become due one after the other are no way round the digest."""
    several(scene, 3)
    assert len(send(scene, HELD)) == 3
    for minute in (2, 3):
        scene.begin(scene.item(("A", HANDLING)))
        with writing(scene.engine) as session:
            waiting = update(table(Mail)).where(table(Mail).c.state == MailState.PENDING)
            session.connection().execute(waiting.values(next_at=HELD + minute * MINUTE))
        assert len(send(scene, HELD + minute * MINUTE)) == (0 if minute == 2 else 1)

    sent = scene.rows(Mail, table(Mail).c.state == MailState.SENT)
    assert [row.kind for row in sent] == [NoticeKind.ASSIGNMENT] * 3 + ["digest"]


def test_a_single_fourth_leaves_when_the_window_has_passed(scene: Scene) -> None:
    several(scene, 3)
    send(scene, HELD)
    scene.begin(scene.item(("A", HANDLING)))

    assert send(scene, HELD + MINUTE) == []
    assert next_mail(scene.office) == HELD + DIGEST_WINDOW
    (job,) = send(scene, HELD + DIGEST_WINDOW)
    assert job.kind == NoticeKind.ASSIGNMENT


def test_letters_stay_single_and_do_not_count(scene: Scene) -> None:
    several(scene, 5)
    for row in scene.rows(Notice):
        scene.acknowledge(row.unit_task_id, HELD)
    send(scene, HELD)
    reminded = local(DUE.replace(month=4, day=8), 9)
    scene.live_until(reminded - timedelta(hours=1))
    while send(scene, reminded - timedelta(minutes=30)):
        pass
    scene.live_until(reminded + timedelta(minutes=10))
    jobs = send(scene, reminded + timedelta(minutes=10))

    assert [job.kind for job in jobs] == ["letter"] * 5
    texts = [job.lines[0]["text"] for job in jobs]
    numbers = [row.document_number for row in scene.rows(Letter)]
    assert sorted(numbers) == [f"芸督提〔2026〕{n}号" for n in range(1, 6)]
    assert all(any(number in text for text in texts) for number in numbers)


@both
def test_a_mail_is_claimed_by_one_of_several(scene: Scene) -> None:
    scene.begin(*(scene.item((code, HANDLING)) for code in ("A", "B", "C", "D") for _ in range(3)))
    several(scene, 2)

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: claim_mails(scene.office, HELD, HELD, 5), range(4)))

    ids = [job.id for jobs in taken for job in jobs]
    assert len(ids) == len(set(ids)) == 10  # those of A, five by now, in one digest


def test_the_mail_of_a_mailer_that_died_goes_again_with_the_same_id(scene: Scene) -> None:
    scene.one()
    (first,) = claim_mails(scene.office, HELD, HELD)

    assert claim_mails(scene.office, HELD, HELD + LEASE - timedelta(seconds=1)) == []
    (second,) = claim_mails(scene.office, HELD, HELD + LEASE + timedelta(seconds=1))

    assert (second.id, second.message_id, second.attempts) == (first.id, first.message_id, 2)
    assert first.message_id.endswith("@yunxi.example>")


def test_a_mailer_that_was_given_up_for_dead_changes_nothing_any_more(scene: Scene) -> None:
    scene.one()
    (zombie,) = claim_mails(scene.office, HELD, HELD)
    (living,) = claim_mails(scene.office, HELD, HELD + 2 * LEASE)

    def late() -> None:
        for state in (MailState.PENDING, MailState.REFUSED):
            record_results(scene.office, HELD, [MailResult(zombie.id, zombie.attempts, state, HELD, "no")])

    late()
    assert states(scene) == [MailState.SENDING]
    record_results(scene.office, HELD, [MailResult(living.id, living.attempts, MailState.SENT, None, "250")])
    late()
    assert states(scene) == [MailState.SENT]
    assert scene.count(Incident) == 0


@pytest.mark.parametrize("state", [MailState.PENDING, MailState.UNKNOWN])
def test_what_may_pass_is_tried_again_with_the_same_id(scene: Scene, state: MailState) -> None:
    scene.one()
    (first,) = send(scene, HELD, state)

    assert states(scene) == [state]
    assert send(scene, HELD + timedelta(seconds=59)) == []
    (second,) = send(scene, HELD + MINUTE)
    assert second.message_id == first.message_id
    assert second.answered_at == HELD


@pytest.mark.parametrize("state", [MailState.REFUSED, MailState.FAILED])
def test_what_will_never_arrive_opens_an_incident_and_leaves_the_others_alone(
    scene: Scene, state: MailState
) -> None:
    scene.begin(scene.item(("A", HANDLING), ("B", HANDLING)))
    first, second = claim_mails(scene.office, HELD, HELD)
    results = [
        MailResult(first.id, 1, state, None, "550 no such box"), MailResult(second.id, 1, MailState.SENT, None, "250"),
    ]  # fmt: skip
    record_results(scene.office, HELD, results)

    assert states(scene) == [state, MailState.SENT]
    (incident,) = scene.rows(Incident)
    assert (incident.kind, incident.key, incident.detail) == (
        "mail_undeliverable", f"mail/{first.id}", "550 no such box",
    )  # fmt: skip
    assert send(scene, HELD + timedelta(days=9)) == []


def test_the_time_of_trying_counts_only_while_a_server_answers(scene: Scene) -> None:
    scene.one()
    (first,) = send(scene, HELD, MailState.PENDING, answered=True)
    (second,) = send(scene, HELD + MINUTE, MailState.PENDING, answered=False)
    (third,) = send(scene, HELD + 2 * MINUTE, MailState.PENDING, answered=True)
    (fourth,) = send(scene, HELD + 3 * MINUTE, MailState.PENDING, answered=True)

    assert [job.answered_at for job in (first, second, third, fourth)] == [
        None, HELD, None, HELD + 2 * MINUTE,
    ]  # fmt: skip


def test_who_wants_no_mail_or_left_gets_none_and_keeps_the_inbox(scene: Scene) -> None:
    with writing(scene.engine) as session:
        accounts = table(Account)
        for code, change in (("a", {"wants_mail": False}), ("b", {"active": False}), ("c", {"email": ""})):
            who = update(accounts).where(accounts.c.email == f"{code}@yunxi.example")
            session.connection().execute(who.values(**change))
    scene.begin(scene.item(*((code, HANDLING) for code in "ABCD")))

    assert [job.recipient for job in send(scene, HELD)] == ["d@yunxi.example"]
    assert scene.count(Notice) == 4

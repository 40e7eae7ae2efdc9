"""Letters: signed, held, numbered without a gap, taken back, obsolete, mailed; a circular opens rectifications."""

import multiprocessing
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from domain.errors import NotAllowedError, NotFoundError, WrongStateError
from domain.instants import end_of
from domain.numbers import LetterKind
from models.columns import table
from models.engine import Outbox, OutboxKind
from models.paper import Letter, LetterNumber, LetterState, LetterUnit, Mail, Notice
from models.rectification import Rectification, RectificationState
from models.unit_task import UnitTask
from services.letters import (
    IssueLetter,
    SignLetter,
    TakeBackLetter,
    issue_letter,
    sign_letter,
    take_back_letter,
)
from services.transaction import Answer
from store.sessions import writing
from tests.domain.samples import SHANGHAI, local
from tests.office import BEGINS, DIRECTOR, HANDLING, Scene, both, refused
from tests.services.numbering import issue_all

NOW = BEGINS + timedelta(hours=1)
REMINDED = local(date(2026, 4, 8), 9)
"""When the reminder letter of a task due on 31 March is drafted; it issues by itself after its hold."""
SUPERVISED = local(date(2026, 4, 15), 9)
"""When the supervision letter is drafted, which waits for a signature."""
CIRCULATED = local(date(2026, 4, 29), 9)
HOLD = timedelta(minutes=10)


def late(scene: Scene, *codes: str, until: datetime = REMINDED) -> int:
    """An item whose units have acknowledged it and then fallen silent until `until`."""
    item = scene.begin(scene.item(*((code, HANDLING) for code in codes or ("A",)))).items[0]
    for task in scene.tasks(item).values():
        scene.acknowledge(task.id, NOW)
    scene.live_until(until)
    return item


def letter(scene: Scene, kind: LetterKind) -> Any:
    (found,) = scene.rows(Letter, table(Letter).c.kind == kind)
    return found


def take_back(scene: Scene, letter_id: int, now: datetime) -> Answer:
    request = TakeBackLetter(letter_id=letter_id, reason="内容有误。")
    return take_back_letter(scene.office, scene.leader, now, request)


@both
def test_a_reminder_letter_issues_by_itself_when_its_hold_has_passed(scene: Scene) -> None:
    late(scene)
    assert letter(scene, LetterKind.REMINDER_LETTER).state == LetterState.SIGNED
    scene.live_until(REMINDED + HOLD - timedelta(seconds=1))
    assert letter(scene, LetterKind.REMINDER_LETTER).state == LetterState.SIGNED

    scene.live_until(REMINDED + HOLD)

    issued = letter(scene, LetterKind.REMINDER_LETTER)
    assert (issued.state, issued.issued_at, issued.signed_by) == (LetterState.ISSUED, REMINDED + HOLD, None)
    assert (issued.document_number, issued.dated_on) == ("芸督提〔2026〕1号", date(2026, 4, 8))
    (mail,) = scene.rows(Mail, table(Mail).c.about == "letter")
    assert (mail.about_id, mail.recipient, mail.next_at) == (issued.id, "a@yunxi.example", REMINDED + HOLD)


def test_a_supervision_letter_waits_for_the_leader(scene: Scene) -> None:
    late(scene, until=SUPERVISED + timedelta(days=2))
    assert letter(scene, LetterKind.SUPERVISION_LETTER).state == LetterState.DRAFT
    signed = SUPERVISED + timedelta(days=2, hours=1)
    scene.sign(letter(scene, LetterKind.SUPERVISION_LETTER).id, signed)
    scene.live(signed + HOLD)

    issued = letter(scene, LetterKind.SUPERVISION_LETTER)
    assert (issued.state, issued.signed_by) == (LetterState.ISSUED, scene.leader.account_id)
    assert (issued.signed_at, issued.issued_at) == (signed, signed + HOLD)


@pytest.mark.parametrize("who", ["supervision_office@YX", "unit_head@A", "administrator@YX"])
def test_only_a_leader_signs(scene: Scene, who: str) -> None:
    late(scene, until=SUPERVISED)
    draft = letter(scene, LetterKind.SUPERVISION_LETTER).id

    with refused(scene, NotAllowedError, "has not the right"):
        sign_letter(scene.office, scene.people[who], SUPERVISED, SignLetter(letter_id=draft))


def test_a_unit_takes_no_letter_back(scene: Scene) -> None:
    late(scene)

    with refused(scene, NotAllowedError, "has not the right"):
        request = TakeBackLetter(letter_id=letter(scene, LetterKind.REMINDER_LETTER).id, reason="不妥。")
        take_back_letter(scene.office, scene.officer("A"), REMINDED, request)


def test_a_letter_that_is_not_there_is_refused(scene: Scene) -> None:
    for act in (scene.sign, scene.issue, lambda n, now: take_back(scene, n, now)):
        with refused(scene, NotFoundError, "no letter 999"):
            act(999, NOW)


def test_what_was_issued_is_neither_signed_nor_taken_back(scene: Scene) -> None:
    late(scene, until=REMINDED + HOLD)
    issued = letter(scene, LetterKind.REMINDER_LETTER).id

    with refused(scene, WrongStateError, "issued cannot be signed"):
        scene.sign(issued, NOW)
    with refused(scene, WrongStateError, "issued cannot be taken back"):
        take_back(scene, issued, NOW)
    before = scene.row(Letter, issued)
    assert scene.issue(issued, REMINDED + HOLD) == {"state": LetterState.ISSUED}
    assert scene.row(Letter, issued) == before


def test_a_letter_taken_back_leaves_no_gap(scene: Scene) -> None:
    late(scene, "A", "B", "C")
    first, second, third = scene.rows(Letter)
    take_back(scene, second.id, REMINDED + timedelta(minutes=5))
    scene.live(REMINDED + HOLD)

    assert [(row.state, row.number) for row in scene.rows(Letter)] == [
        (LetterState.ISSUED, 1), (LetterState.TAKEN_BACK, None), (LetterState.ISSUED, 2),
    ]  # fmt: skip
    assert (first.id, third.id) == (1, 3)
    assert not scene.rows(Mail, table(Mail).c.about == "letter", table(Mail).c.about_id == second.id)


def test_a_letter_whose_task_was_closed_meanwhile_is_obsolete(scene: Scene) -> None:
    item = late(scene)
    scene.close(scene.task(item, "A").id, REMINDED + timedelta(minutes=5))
    scene.live(REMINDED + HOLD)

    assert letter(scene, LetterKind.REMINDER_LETTER).state == LetterState.OBSOLETE
    assert scene.count(LetterNumber) == 0


def test_a_draft_whose_tasks_were_closed_becomes_obsolete_when_it_is_to_be_signed(scene: Scene) -> None:
    item = late(scene, until=SUPERVISED)
    scene.close(scene.task(item, "A").id, SUPERVISED)

    assert (
        scene.sign(letter(scene, LetterKind.SUPERVISION_LETTER).id, SUPERVISED)["state"]
        == LetterState.OBSOLETE
    )


@both
def test_a_circular_opens_one_rectification_for_each_unit_that_still_owes(scene: Scene) -> None:
    item = late(scene, "A", "B", "C", until=CIRCULATED)
    circular = letter(scene, LetterKind.RECTIFICATION_CIRCULAR)
    scene.sign(circular.id, CIRCULATED)
    scene.close(scene.task(item, "B").id, CIRCULATED)
    scene.live(CIRCULATED + HOLD)

    opened = scene.rows(Rectification)
    assert [row.unit_id for row in opened] == [scene.units["A"], scene.units["C"]]
    days = scene.frame.calendar.add_working_days
    reply, mended = (end_of(days(CIRCULATED.date(), count), SHANGHAI) for count in (5, 20))
    for row in opened:
        assert (row.state, row.letter_id, row.item_id) == (RectificationState.ORDERED, circular.id, item)
        assert (row.reply_by, row.deadline) == (reply, mended)
    units = scene.rows(LetterUnit, table(LetterUnit).c.letter_id == circular.id)
    assert [row.rectification_id for row in units] == [opened[0].id, None, opened[1].id]
    assert {owner for owner, _ in scene.pokes()} >= {f"rectification/{row.id}" for row in opened}


def test_a_letter_about_a_rectification_stays_due_though_its_task_was_accepted(scene: Scene) -> None:
    item = late(scene, until=CIRCULATED)
    scene.sign(letter(scene, LetterKind.RECTIFICATION_CIRCULAR).id, CIRCULATED)
    scene.live(CIRCULATED + HOLD)
    scene.close(scene.task(item, "A").id, CIRCULATED + timedelta(hours=3))
    scene.live_until(local(date(2026, 6, 30), 12))
    (about,) = scene.rows(Letter, table(Letter).c.dedupe_key.startswith("rectification."))

    now = local(date(2026, 6, 30), 13)
    assert scene.sign(about.id, now)["state"] == LetterState.SIGNED
    assert scene.issue(about.id, now + HOLD)["state"] == LetterState.ISSUED


def test_what_was_signed_stays_as_it_was_frozen(scene: Scene) -> None:
    late(scene, until=REMINDED + HOLD)
    issued = letter(scene, LetterKind.REMINDER_LETTER)
    assert issued.title == issued.content["title"]
    (entry,) = scene.audit("draft_letter")
    assert entry.detail["content"] == issued.content_sha256
    assert [row.letter_id for row in scene.rows(Notice, table(Notice).c.kind == "letter")] == [issued.id]


def signed_letters(
    scene: Scene, count: int, now: datetime, kind: LetterKind = LetterKind.REMINDER_LETTER
) -> list[int]:
    """So many letters about one open task, signed and due at `now`."""
    task = scene.one()
    unit = scene.row(UnitTask, task).unit_id
    row = {
        "kind": kind,
        "statutory_kind": "函",
        "directive_id": 1,
        "issuer_id": scene.units["YX"],
        "title": "t",
    }
    row |= {"state": LetterState.SIGNED, "content": {"title": "t"}, "content_sha256": "", "drafted_at": now}
    row |= {"signed_at": now, "issue_at": now, "document_number": ""}
    with writing(scene.engine) as session:
        connection = session.connection()
        connection.execute(insert(table(Letter)), [row | {"dedupe_key": f"k{n}"} for n in range(count)])
    ids = [found.id for found in scene.rows(Letter, table(Letter).c.dedupe_key.startswith("k"))]
    units = [{"letter_id": letter_id, "unit_id": unit, "unit_task_id": task} for letter_id in ids]
    with writing(scene.engine) as session:
        session.connection().execute(insert(table(LetterUnit)), units)
    return ids


@both
def test_eight_processes_share_one_register_without_a_gap(scene: Scene) -> None:
    processes, each = 8, 8
    ids = signed_letters(scene, processes * each, NOW)
    url = scene.engine.url.render_as_string(hide_password=False)
    own = multiprocessing.get_context("forkserver")
    own.set_forkserver_preload(["tests.services.numbering"])
    begin = own.Barrier(processes)
    running = [
        own.Process(target=issue_all, args=(url, NOW, ids[n::processes], begin)) for n in range(processes)
    ]
    for one in running:
        one.start()
    for one in running:
        one.join(60)

    assert [one.exitcode for one in running] == [0] * processes
    numbers = sorted(row.number for row in scene.rows(Letter))
    assert numbers == list(range(1, processes * each + 1))
    (register,) = scene.rows(LetterNumber)
    assert register.last == processes * each


@both
def test_the_civil_year_of_the_site_decides_the_register(scene: Scene) -> None:
    before, after = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
    first, second, third = signed_letters(scene, 3, NOW)
    scene.issue(first, before)
    scene.issue(second, after)
    scene.issue(third, after)

    assert [(row.year, row.number, row.document_number, row.dated_on) for row in scene.rows(Letter)] == [
        (2026, 1, "芸督提〔2026〕1号", date(2026, 12, 31)),
        (2027, 1, "芸督提〔2027〕1号", date(2027, 1, 1)),
        (2027, 2, "芸督提〔2027〕2号", date(2027, 1, 1)),
    ]


def test_each_kind_has_a_register_of_its_own(scene: Scene) -> None:
    late(scene, "A", "B", until=SUPERVISED)
    scene.sign_all(SUPERVISED)
    scene.live(SUPERVISED + HOLD)

    assert {row.kind: row.last for row in scene.rows(LetterNumber)} == {
        LetterKind.REMINDER_LETTER: 2,
        LetterKind.SUPERVISION_LETTER: 2,
    }
    assert sorted(row.document_number for row in scene.rows(Letter)) == [
        "芸督函〔2026〕1号", "芸督函〔2026〕2号", "芸督提〔2026〕1号", "芸督提〔2026〕2号",
    ]  # fmt: skip


def test_the_relay_is_asked_once_for_a_letter(scene: Scene) -> None:
    late(scene, until=SUPERVISED)
    scene.sign_all(SUPERVISED)

    asked = scene.rows(Outbox, table(Outbox).c.kind == OutboxKind.ISSUE_LETTER)
    assert [row.next_at for row in asked] == [REMINDED + HOLD, SUPERVISED + HOLD]
    request = IssueLetter(letter_id=letter(scene, LetterKind.SUPERVISION_LETTER).id)
    early = issue_letter(scene.office, DIRECTOR, SUPERVISED + timedelta(minutes=9), request)
    assert early == {"state": LetterState.SIGNED}

"""A rectification: its plan, its proof, its verification by somebody else, and its own ladder."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from domain.errors import InvalidInputError, NotAllowedError, NotFoundError, RefusedError, WrongStateError
from domain.ladder import RECTIFICATION, Clock, moment
from models.columns import table
from models.organisation import AccountRole
from models.paper import Letter, Mail, Notice
from models.rectification import Rectification, RectificationVerification
from models.unit_task import UnitTask
from services.office import Actor
from services.rectifications import (
    ReplyRectification,
    SubmitRectification,
    VerifyRectification,
    reply_rectification,
    submit_rectification,
    verify_rectification,
)
from services.transaction import Answer
from tests.domain.samples import local
from tests.office import BEGINS, ENGINE, Scene, as_role, both, refused

CIRCULATED = local(date(2026, 4, 29), 9)
NOW = CIRCULATED + timedelta(hours=2)


@pytest.fixture
def opened(scene: Scene) -> Any:
    """The rectification of unit A, ordered by a circular."""
    task = scene.one()
    scene.acknowledge(task, BEGINS)
    scene.live_until(CIRCULATED)
    scene.sign_all(CIRCULATED)
    scene.live(CIRCULATED + timedelta(minutes=10))
    (row,) = scene.rows(Rectification)
    return row


def reply(scene: Scene, row: Any, now: Any = NOW, who: Actor | None = None) -> Answer:
    request = ReplyRectification(rectification_id=row.id, plan="五日内整改到位。")
    return reply_rectification(scene.office, who or scene.officer("A"), now, request)


def submit(scene: Scene, row: Any, now: Any = NOW, who: Actor | None = None) -> Answer:
    request = SubmitRectification(rectification_id=row.id, report="已整改。")
    return submit_rectification(scene.office, who or scene.officer("A"), now, request)


def verify(
    scene: Scene, row: Any, now: Any = NOW, who: Actor | None = None, *, accept: bool = True
) -> Answer:
    request = VerifyRectification(
        rectification_id=row.id, accept=accept, reason="" if accept else "仍有问题。"
    )
    return verify_rectification(scene.office, who or scene.supervision, now, request)


def told(scene: Scene, row: Any) -> list[tuple[str, int, Any]]:
    where = (table(Notice).c.rectification_id == row.id, table(Notice).c.clock != "")
    return [(n.rung, n.deadline_version, n.at) for n in scene.rows(Notice, *where)]


@both
def test_planned_mended_proven_and_closed_out(scene: Scene, opened: Any) -> None:
    assert reply(scene, opened)["state"] == "planned"
    scene.prove(opened.unit_task_id, NOW)
    assert submit(scene, opened)["state"] == "submitted"
    pokes = scene.pokes()
    assert verify(scene, opened)["state"] == "verified"

    row = scene.row(Rectification, opened.id)
    assert (row.plan, row.replied_at, row.submitted_by) == (
        "五日内整改到位。", NOW, scene.officer("A").account_id,
    )  # fmt: skip
    assert (row.verified_at, row.verified_by) == (NOW, scene.supervision.account_id)
    (decision,) = scene.rows(RectificationVerification)
    assert decision.accepted
    assert [owner for owner, _ in scene.pokes()[len(pokes) :]] == [f"rectification/{opened.id}"]
    assert scene.advance_rectification(opened.id, NOW)["closed"]


def test_the_plan_and_the_proof_poke_nobody(scene: Scene, opened: Any) -> None:
    pokes = scene.pokes()
    reply(scene, opened)
    scene.prove(opened.unit_task_id, NOW)
    submit(scene, opened)

    assert scene.pokes() == pokes


def test_each_step_has_its_state(scene: Scene, opened: Any) -> None:
    for step in (submit, verify):
        with refused(scene, WrongStateError, "is ordered"):
            step(scene, opened)
    reply(scene, opened)
    for step in (reply, verify):
        with refused(scene, WrongStateError, "is planned"):
            step(scene, opened)


def test_rights_come_before_states(scene: Scene, opened: Any) -> None:
    for step in (reply, submit):
        with refused(scene, NotAllowedError, "another unit"):
            step(scene, opened, who=scene.officer("B"))
        with refused(scene, NotAllowedError, "has not the right"):
            step(scene, opened, who=scene.supervision)
    with refused(scene, NotAllowedError, "has not the right"):
        verify(scene, opened, who=scene.officer("A"))


def test_one_that_is_not_there_is_refused(scene: Scene, opened: Any) -> None:
    missing = SimpleNamespace(id=999)
    for step in (reply, submit, verify):
        with refused(scene, NotFoundError, "no rectification 999"):
            step(scene, missing)
    with refused(scene, NotFoundError, "no rectification 999"):
        scene.advance_rectification(999, NOW)
    assert ENGINE.account_id is None


def test_proof_older_than_the_circular_is_no_proof_of_mending(scene: Scene) -> None:
    task = scene.one()
    scene.acknowledge(task, BEGINS)
    scene.prove(task, BEGINS)
    scene.live_until(CIRCULATED)
    scene.sign_all(CIRCULATED)
    scene.live(CIRCULATED + timedelta(minutes=10))
    (row,) = scene.rows(Rectification)
    reply(scene, row)

    with refused(scene, InvalidInputError, "Add evidence of the rectification"):
        submit(scene, row)


def test_what_was_sent_back_needs_new_proof(scene: Scene, opened: Any) -> None:
    reply(scene, opened)
    scene.prove(opened.unit_task_id, NOW)
    submit(scene, opened)
    later = NOW + timedelta(hours=1)
    verify(scene, opened, later, accept=False)

    with refused(scene, InvalidInputError, "Add evidence of the rectification"):
        submit(scene, opened, later)
    scene.prove(opened.unit_task_id, later, "anew")
    assert submit(scene, opened, later)["state"] == "submitted"


def test_proof_of_mending_is_taken_though_the_task_is_closed(scene: Scene, opened: Any) -> None:
    scene.close(opened.unit_task_id, NOW)

    assert scene.prove(opened.unit_task_id, NOW, "mended")["version"] == 2
    reply(scene, opened)
    submit(scene, opened)
    verify(scene, opened)
    with refused(scene, WrongStateError, "takes no more evidence"):
        scene.prove(opened.unit_task_id, NOW, "too late")


def test_nobody_verifies_what_they_submitted(scene: Scene, opened: Any) -> None:
    reply(scene, opened)
    scene.prove(opened.unit_task_id, NOW)
    submit(scene, opened)

    with refused(scene, NotAllowedError, "submitted themselves"):
        verify(scene, opened, who=as_role(scene.officer("A"), AccountRole.SUPERVISION_OFFICE))
    with refused(scene, InvalidInputError, "needs a reason"):
        request = VerifyRectification(rectification_id=opened.id, accept=False, reason=" ")
        verify_rectification(scene.office, scene.supervision, NOW, request)


@both
def test_sent_back_late_it_gets_time_and_its_ladder_from_the_foot(scene: Scene, opened: Any) -> None:
    reply(scene, opened)
    late = local(date(2026, 6, 2), 10)
    scene.live_until(late)
    scene.prove(opened.unit_task_id, late)
    submit(scene, opened, late)
    mails = scene.count(Mail)

    assert verify(scene, opened, late, accept=False)["state"] == "planned"

    row = scene.row(Rectification, opened.id)
    assert (row.failed_times, row.deadline_version, row.complete_level) == (1, 2, -1)
    assert row.deadline == local(date(2026, 6, 10), 0)
    assert scene.count(Mail) == mails + 1
    scene.live_until(local(date(2026, 6, 10), 12))
    new = [(rung, version) for rung, version, _ in told(scene, opened) if version == 2]
    assert new == [
        ("rectification_due_in_three", 2), ("rectification_overdue", 2), ("rectification_superior", 2),
    ]  # fmt: skip


def test_a_silent_unit_meets_every_rung_of_both_clocks(scene: Scene, opened: Any) -> None:
    scene.live_until(local(date(2026, 9, 30), 18))

    expected = []
    for clock, deadline in ((Clock.REPLY, opened.reply_by), (Clock.COMPLETE, opened.deadline)):
        for level in RECTIFICATION.levels(clock):
            expected += [(rung.name, 1, moment(rung, deadline, RECTIFICATION, scene.frame)) for rung in level]
    assert told(scene, opened) == sorted(expected, key=lambda rung: rung[2])
    (letter,) = scene.rows(Letter, table(Letter).c.dedupe_key.startswith("rectification."))
    assert letter.kind == "supervision_letter"
    assert not scene.rows(UnitTask, table(UnitTask).c.state == "accepted")


def test_the_reply_stops_the_clock_of_the_reply_alone(scene: Scene, opened: Any) -> None:
    reply(scene, opened)
    scene.live_until(local(date(2026, 9, 30), 18))

    assert {rung for rung, _, _ in told(scene, opened)} == {
        rung.name for rung in RECTIFICATION.rungs if rung.clock is Clock.COMPLETE
    }


def test_while_the_directive_stands_still_so_does_its_mending(scene: Scene, opened: Any) -> None:
    scene.suspend(1, NOW)
    with refused(scene, WrongStateError, "suspended"):
        reply(scene, opened)
    scene.live_until(local(date(2026, 6, 1), 10))
    assert told(scene, opened) == []
    scene.resume(1, local(date(2026, 6, 1), 11))

    row = scene.row(Rectification, opened.id)
    days = scene.frame.calendar.working_days_between(NOW.date(), date(2026, 6, 1))
    later = scene.frame.calendar.add_working_days((opened.deadline - timedelta(hours=9)).date(), days)
    assert row.deadline == local(later + timedelta(days=1), 0)
    assert row.deadline_version == 2


def test_twenty_pieces_and_no_more_wait_for_one_submission(scene: Scene) -> None:
    task = scene.one()
    scene.acknowledge(task, BEGINS)
    for number in range(20):
        scene.prove(task, BEGINS, f"piece {number}")

    with refused(scene, RefusedError, "at most 20 files"):
        scene.prove(task, BEGINS, "one more")

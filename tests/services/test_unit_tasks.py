"""What a unit does with its task: each act, its receipt, and everything it may not do."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.errors import (
    DubanError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    RefusedError,
    WrongStateError,
)
from domain.unit_task import CLOCK_EFFECT, Act, ClockEffect
from models.columns import table
from models.engine import Audit
from models.organisation import AccountRole
from models.paper import Notice, NoticeKind
from models.unit_task import (
    Acknowledgement,
    Dispute,
    Evidence,
    Extension,
    ProgressReport,
    Submission,
    UnitTask,
)
from services.office import Actor
from services.transaction import Answer
from services.unit_tasks import (
    Acknowledge,
    AskExtension,
    Decline,
    ReportProgress,
    Submit,
    acknowledge,
    ask_extension,
    decline,
    report_progress,
    submit,
)
from tests.domain.samples import local
from tests.office import BEGINS, COOPERATING, DUE, LEAD, Scene, as_role, refused

NOW = BEGINS + timedelta(hours=1)
LATE = local(date(2026, 4, 1), 10)
Doing = Callable[[Scene, Actor, int], Answer]

ACTS: dict[Act, Doing] = {
    Act.ACKNOWLEDGE: lambda s, who, task: acknowledge(s.office, who, NOW, Acknowledge(unit_task_id=task)),
    Act.REPORT_PROGRESS: lambda s, who, task: report_progress(
        s.office, who, NOW, ReportProgress(unit_task_id=task, progress=30, text="已开工。")
    ),
    Act.SUBMIT: lambda s, who, task: submit(s.office, who, NOW, Submit(unit_task_id=task, text="已完成。")),
    Act.ASK_EXTENSION: lambda s, who, task: ask_extension(
        s.office, who, NOW, AskExtension(unit_task_id=task, reason="招标延长。", proposed=date(2026, 4, 15))
    ),
    Act.DECLINE: lambda s, who, task: decline(
        s.office, who, NOW, Decline(unit_task_id=task, reason="不属我单位。")
    ),
}
"""Every act of a unit. Each fits a task that is acknowledged and proven, but for the receipt itself."""


def ready(scene: Scene, act: Act) -> int:
    """A task of unit A to which `act` can be done."""
    task = scene.one()
    if act is not Act.ACKNOWLEDGE:
        scene.acknowledge(task, BEGINS)
        scene.prove(task, BEGINS)
    return task


@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_done_recorded_and_pokes_nobody(scene: Scene, act: Act) -> None:
    task = ready(scene, act)
    pokes, audited = scene.pokes(), scene.count(Audit)

    answer = ACTS[act](scene, scene.officer("A"), task)

    assert answer["state"] == scene.row(UnitTask, task).state
    assert CLOCK_EFFECT[act] is ClockEffect.NONE
    assert scene.pokes() == pokes
    (entry,) = scene.rows(Audit)[audited:]
    assert (entry.action, entry.subject, entry.at) == (act, f"unit_task/{task}", NOW)
    assert entry.actor == scene.officer("A").name


@pytest.mark.parametrize("act", ACTS)
def test_the_head_of_the_unit_may_do_what_its_officer_may(scene: Scene, act: Act) -> None:
    assert ACTS[act](scene, scene.head("A"), ready(scene, act))["state"]


@pytest.mark.parametrize("act", ACTS)
def test_another_unit_is_refused_and_learns_nothing_of_the_state(scene: Scene, act: Act) -> None:
    task = ready(scene, act)

    with refused(scene, NotAllowedError, "another unit"):
        ACTS[act](scene, scene.officer("B"), task)
    scene.close(task, NOW)
    with refused(scene, NotAllowedError, "another unit"):
        ACTS[act](scene, scene.officer("B"), task)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["leader", "supervision", "administrator", "nobody"])
def test_the_office_does_not_act_for_a_unit(scene: Scene, act: Act, who: str) -> None:
    task = ready(scene, act)
    actors = {
        "leader": scene.leader,
        "supervision": scene.supervision,
        "administrator": scene.people["administrator@YX"],
        "nobody": Actor("nobody"),
    }

    with refused(scene, NotAllowedError, "has not the right"):
        ACTS[act](scene, actors[who], task)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("unknown", [0, -1, 999, 2**62])
def test_a_task_that_is_not_there_is_refused(scene: Scene, act: Act, unknown: int) -> None:
    with refused(scene, NotFoundError, f"no unit task {unknown}"):
        ACTS[act](scene, scene.officer("A"), unknown)


@pytest.mark.parametrize("act", ACTS)
def test_a_closed_task_takes_no_act_at_all(scene: Scene, act: Act) -> None:
    task = scene.one()
    scene.close(task, BEGINS)

    with refused(scene, WrongStateError, f"accepted cannot {act}"):
        ACTS[act](scene, scene.officer("A"), task)


@pytest.mark.parametrize("act", sorted(set(ACTS) - {Act.ACKNOWLEDGE, Act.DECLINE}))
def test_before_the_receipt_a_unit_can_only_sign_or_decline(scene: Scene, act: Act) -> None:
    task = scene.one()

    with refused(scene, WrongStateError, f"assigned cannot {act}"):
        ACTS[act](scene, scene.officer("A"), task)


def test_the_receipt_says_who_signed_which_text_and_when(scene: Scene) -> None:
    task = scene.one()

    answer = scene.acknowledge(task, NOW)

    (receipt,) = scene.rows(Acknowledgement)
    assert (receipt.unit_task_id, receipt.account_id, receipt.at) == (
        task,
        scene.officer("A").account_id,
        NOW,
    )
    assert receipt.text_sha256 == answer["text_sha256"]
    assert scene.row(UnitTask, task).acknowledged_at == NOW


def test_a_receipt_is_given_once(scene: Scene) -> None:
    task = scene.one()
    scene.acknowledge(task, NOW)

    with refused(scene, WrongStateError, "acknowledged cannot acknowledge"):
        scene.acknowledge(task, NOW)


def test_the_figure_of_the_task_follows_its_last_report(scene: Scene) -> None:
    task = ready(scene, Act.REPORT_PROGRESS)
    for progress in (20, 60, 55):
        request = ReportProgress(
            unit_task_id=task, progress=progress, text="进展。", problem="缺地", next_step="补办"
        )
        report_progress(scene.office, scene.officer("A"), NOW, request)

    assert scene.row(UnitTask, task).progress == 55
    rows = scene.rows(ProgressReport)
    assert [(row.progress, row.problem, row.next_step) for row in rows] == [
        (20, "缺地", "补办"), (60, "缺地", "补办"), (55, "缺地", "补办"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong", [{"progress": -1}, {"progress": 101}, {"text": "  "}, {"text": "x" * 5001}, {"x": 1}]
)
def test_a_report_that_says_nothing_sensible_is_no_report(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ReportProgress(**({"unit_task_id": 1, "progress": 1, "text": "进展。"} | wrong))


def test_a_submission_takes_the_evidence_given_since_the_last_one(scene: Scene) -> None:
    task = scene.one()
    scene.submit(task, NOW)
    scene.review(task, NOW, accept=False)
    scene.prove(task, NOW, "second")
    answer = submit(scene.office, scene.officer("A"), NOW, Submit(unit_task_id=task, text="已补。"))

    first, second = scene.rows(Submission)
    assert answer["submission_id"] == second.id
    assert [row.submission_id for row in scene.rows(Evidence)] == [first.id, second.id]
    row = scene.row(UnitTask, task)
    assert (row.state, row.progress, row.submitted_at) == ("submitted", 100, NOW)


def test_nothing_is_handed_in_without_evidence(scene: Scene) -> None:
    task = scene.one()
    scene.acknowledge(task, NOW)

    with refused(scene, InvalidInputError, "at least one piece of evidence"):
        ACTS[Act.SUBMIT](scene, scene.officer("A"), task)


def test_evidence_that_was_returned_does_not_count_again(scene: Scene) -> None:
    task = scene.one()
    scene.submit(task, NOW)
    scene.review(task, NOW, accept=False)

    with refused(scene, InvalidInputError, "at least one piece of evidence"):
        ACTS[Act.SUBMIT](scene, scene.officer("A"), task)


def test_a_cooperating_unit_reports_but_its_lead_submits(scene: Scene) -> None:
    item = scene.begin(scene.item(("A", LEAD), ("B", COOPERATING))).items[0]
    task = scene.task(item, "B").id
    scene.acknowledge(task, NOW)
    scene.prove(task, NOW)

    assert ACTS[Act.REPORT_PROGRESS](scene, scene.officer("B"), task)["progress"] == 30
    with refused(scene, InvalidInputError, "its lead unit reports for it"):
        ACTS[Act.SUBMIT](scene, scene.officer("B"), task)


def test_a_request_for_more_time_holds_the_ladder_until_it_is_answered(scene: Scene) -> None:
    task = scene.one()
    scene.acknowledge(task, NOW)

    scene.ask_extension(task, NOW, date(2026, 4, 15))
    scene.live_until(LATE)

    assert scene.row(UnitTask, task).held
    assert [n.rung for n in scene.rows(Notice)] == ["assignment"]


@pytest.mark.parametrize(
    ("now", "proposed", "match"),
    [
        (NOW, DUE, "not after the deadline"),
        (NOW, date(2026, 3, 1), "not after the deadline"),
        (NOW, date(2026, 6, 30), "later than this office may grant"),
        (NOW, date(9999, 12, 31), "later than this office may grant"),
        (LATE, date(2026, 4, 15), "before the deadline"),
    ],
)
def test_a_date_that_cannot_be_granted_is_not_asked_for(
    scene: Scene, now: Any, proposed: date, match: str
) -> None:
    task = scene.one()
    scene.acknowledge(task, BEGINS)

    with refused(scene, DubanError, match):
        scene.ask_extension(task, now, proposed)


def test_one_request_at_a_time(scene: Scene) -> None:
    task = scene.one()
    scene.acknowledge(task, BEGINS)
    scene.ask_extension(task, NOW, date(2026, 4, 15))

    with refused(scene, RefusedError, "already waits"):
        scene.ask_extension(task, NOW, date(2026, 4, 16))


@pytest.mark.parametrize("acknowledged", [True, False])
def test_a_unit_may_say_the_task_is_not_its_own(scene: Scene, acknowledged: bool) -> None:
    task = scene.one()
    if acknowledged:
        scene.acknowledge(task, BEGINS)

    dispute = scene.decline(task, NOW)

    assert scene.row(UnitTask, task).state == "declined"
    row = scene.row(Dispute, dispute)
    assert (row.unit_task_id, row.raised_at, row.reason) == (task, NOW, "不属我单位职责。")


def test_a_dispute_holds_both_clocks(scene: Scene) -> None:
    task = scene.one()
    scene.decline(task, NOW)
    scene.live_until(local(date(2026, 12, 31), 12))

    assert [n.rung for n in scene.rows(Notice)] == ["assignment"]


def test_a_suspended_directive_takes_no_act(scene: Scene) -> None:
    task = ready(scene, Act.SUBMIT)
    directive = scene.row(UnitTask, task).item_id  # the first item of the first directive
    scene.suspend(directive, NOW)

    for act in ACTS.values():
        with refused(scene, WrongStateError, "suspended"):
            act(scene, scene.officer("A"), task)


def test_a_role_that_was_taken_away_is_gone(scene: Scene) -> None:
    task = scene.one()

    with refused(scene, NotAllowedError, "has not the right"):
        ACTS[Act.ACKNOWLEDGE](scene, as_role(scene.officer("A"), AccountRole.ADMINISTRATOR), task)


def test_asking_is_kept_with_its_reason_and_date(scene: Scene) -> None:
    task = ready(scene, Act.ASK_EXTENSION)
    extension = scene.ask_extension(task, NOW, date(2026, 4, 15))

    row = scene.row(Extension, extension)
    assert (row.reason, row.proposed, row.decided_at) == ("招标延长。", date(2026, 4, 15), None)
    assert scene.count(Notice, table(Notice).c.kind == NoticeKind.EXTENSION_DECIDED) == 0

"""What a unit does with its task: acknowledge, report, submit, ask for more time, say "not ours"."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints
from sqlalchemy import bindparam, insert, select, update

from domain.errors import InvalidInputError
from domain.extension import Asked, check_request
from domain.unit_task import Act, Role, State
from models.columns import table
from models.unit_task import (
    Acknowledgement,
    Dispute,
    Evidence,
    Extension,
    ProgressReport,
    Submission,
    UnitTask,
)
from services.rows import Case, iso
from services.transaction import Answer, Request, Transaction, act

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]

TASK = table(UnitTask)
_ACKNOWLEDGEMENT, _REPORT, _EXTENSION, _DISPUTE = (
    table(Acknowledgement),
    table(ProgressReport),
    table(Extension),
    table(Dispute),
)
_SUBMISSION, _EVIDENCE = table(Submission), table(Evidence)
_SET = update(TASK).where(TASK.c.id == bindparam("task_id"))
_SET_ACKNOWLEDGED = _SET.values(
    state=bindparam("to"), acknowledged_at=bindparam("at"), version=TASK.c.version + 1
)
_INSERT_ACKNOWLEDGEMENT = insert(_ACKNOWLEDGEMENT)
_PENDING_EVIDENCE = select(_EVIDENCE.c.id, _EVIDENCE.c.sha256).where(
    _EVIDENCE.c.unit_task_id == bindparam("task_id"), _EVIDENCE.c.submission_id.is_(None)
)


class Acknowledge(Request):
    """签收: the receipt that the unit has the task and its text."""

    unit_task_id: int


class ReportProgress(Request):
    """How far the work is, in per cent, with words."""

    unit_task_id: int
    progress: int = Field(ge=0, le=100)
    text: Text
    problem: str = Field(default="", max_length=5000)
    next_step: str = Field(default="", max_length=5000)


class Submit(Request):
    """报送: the unit says the task is done; evidence added since the last submission goes with it."""

    unit_task_id: int
    text: Text


class AskExtension(Request):
    """延期申请, with a definite new date (a civil date at the site)."""

    unit_task_id: int
    reason: Text
    proposed: date


class Decline(Request):
    """不属职责: the unit says the task is not its own."""

    unit_task_id: int
    reason: Text


@act
def acknowledge(tx: Transaction, request: Acknowledge) -> Answer:
    """签收; see `confirm`."""
    return confirm(tx, request)


def confirm(tx: Transaction, request: Acknowledge) -> Answer:
    """The receipt: person, time and the hash of the text acknowledged. Pokes nobody."""
    case = Case(tx, request.unit_task_id, Act.ACKNOWLEDGE)
    tx.run(_SET_ACKNOWLEDGED, {"task_id": case.task.id, "to": case.state, "at": tx.now})
    receipt = {
        "unit_task_id": case.task.id,
        "account_id": case.account,
        "text_sha256": case.item.text_sha256,
        "at": tx.now,
    }
    tx.run(_INSERT_ACKNOWLEDGEMENT, receipt)
    tx.record(case.act, case.subject, text_sha256=case.item.text_sha256)
    return {"state": case.state, "text_sha256": case.item.text_sha256, "at": iso(tx.now)}


@act
def report_progress(tx: Transaction, request: ReportProgress) -> Answer:
    """进展情况; see `report`."""
    return report(tx, request)


def report(tx: Transaction, request: ReportProgress) -> Answer:
    """A progress report; the task's own figure follows it."""
    case = Case(tx, request.unit_task_id, Act.REPORT_PROGRESS)
    row = request.model_dump() | {"account_id": case.account, "at": tx.now}
    tx.run(insert(_REPORT), row)
    tx.run(_SET.values(progress=request.progress, version=TASK.c.version + 1), {"task_id": case.task.id})
    tx.record(case.act, case.subject, progress=request.progress)
    return {"state": case.state, "progress": request.progress}


@act
def submit(tx: Transaction, request: Submit) -> Answer:
    """Hand the task in for review; see `hand_in`."""
    return hand_in(tx, request)


def hand_in(tx: Transaction, request: Submit) -> Answer:
    """Hand the task in for review. The lead unit's submission speaks for the cooperating ones.

    Raises InvalidInputError for a cooperating unit (its lead reports for it) and where no evidence is given.
    """
    case = Case(tx, request.unit_task_id, Act.SUBMIT)
    if case.task.role == Role.COOPERATING:
        raise InvalidInputError("A cooperating unit does not submit: its lead unit reports for it.")
    pieces = tx.run(_PENDING_EVIDENCE, {"task_id": case.task.id}).all()
    if not pieces:
        raise InvalidInputError("Add at least one piece of evidence before you submit.")
    row = {"unit_task_id": case.task.id, "account_id": case.account, "at": tx.now, "text": request.text}
    submission = tx.run(insert(_SUBMISSION).returning(_SUBMISSION.c.id), row).scalar_one()
    tx.run(
        update(_EVIDENCE).where(_EVIDENCE.c.id.in_([p.id for p in pieces])).values(submission_id=submission)
    )
    values = {"state": case.state, "submitted_at": tx.now, "progress": 100, "version": TASK.c.version + 1}
    tx.run(_SET.values(**values), {"task_id": case.task.id})
    tx.record(case.act, case.subject, evidence=sorted(p.sha256 for p in pieces))
    return {"state": case.state, "submission_id": submission, "evidence": len(pieces)}


@act
def ask_extension(tx: Transaction, request: AskExtension) -> Answer:
    """Ask for more time before the deadline; the ladder holds until the request is answered."""
    case = Case(tx, request.unit_task_id, Act.ASK_EXTENSION)
    check_request(
        asked_of(case, tx, request.proposed, request.reason),
        case.policy.extension,
        tx.frame.calendar,
        tx.frame.tz,
    )
    row = {"unit_task_id": case.task.id, "account_id": case.account, "asked_at": tx.now}
    row |= {"reason": request.reason, "proposed": request.proposed, "answer": ""}
    extension = tx.run(insert(_EXTENSION).returning(_EXTENSION.c.id), row).scalar_one()
    tx.run(_SET.values(held=True, version=TASK.c.version + 1), {"task_id": case.task.id})
    tx.record(case.act, case.subject, extension=extension, proposed=request.proposed.isoformat())
    return {"state": case.state, "extension_id": extension}


@act
def decline(tx: Transaction, request: Decline) -> Answer:
    """Dispute the task; its clocks hold until the supervision office decides."""
    case = Case(tx, request.unit_task_id, Act.DECLINE)
    row = {
        "unit_task_id": case.task.id,
        "account_id": case.account,
        "raised_at": tx.now,
        "reason": request.reason,
        "answer": "",
    }
    dispute = tx.run(insert(_DISPUTE).returning(_DISPUTE.c.id), row).scalar_one()
    tx.run(
        _SET.values(state=case.state, suspended_in=None, version=TASK.c.version + 1),
        {"task_id": case.task.id},
    )
    tx.record(case.act, case.subject, dispute=dispute, before=State(case.task.state))
    return {"state": case.state, "dispute_id": dispute}


def asked_of(case: Case, tx: Transaction, proposed: date, reason: str) -> Asked:
    """The request as the pure rule sees it."""
    return Asked(
        now=tx.now,
        deadline=case.task.deadline,
        original_deadline=case.task.original_deadline,
        granted_before=case.task.extended_times,
        waiting=case.task.held,
        proposed=proposed,
        reason=reason,
    )

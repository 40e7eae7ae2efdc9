"""The office's answers to a unit: review a submission, decide an extension, decide a dispute."""

from datetime import date
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, func, insert, select, update

from contracts.names import Aggregate
from domain.errors import InvalidInputError, NotAllowedError, NotFoundError, RefusedError, WrongStateError
from domain.extension import check_date
from domain.instants import end_of
from domain.policy import Policy
from domain.unit_task import OPEN, Act, Role, State
from models.columns import table
from models.directive import ItemUnit
from models.organisation import AccountRole, Unit
from models.paper import NoticeKind
from models.unit_task import DeadlineChange, Dispute, Evidence, Extension, Review, Submission, UnitTask
from services.clock import bump, bump_if_needed
from services.handover import hand_to
from services.moot import drop_requests
from services.notices import Telling, mail_time, tell
from services.rows import Case, clocks_of, iso
from services.transaction import Answer, Request, Transaction, act
from services.unit_tasks import Text, asked_of

TASK, _REVIEW, _SUBMISSION, _EVIDENCE = table(UnitTask), table(Review), table(Submission), table(Evidence)
_EXTENSION, _DISPUTE, _CHANGE, _ITEM_UNIT = (
    table(Extension),
    table(Dispute),
    table(DeadlineChange),
    table(ItemUnit),
)
_UNIT = table(Unit)
DECIDERS = (AccountRole.SUPERVISION_OFFICE, AccountRole.LEADER)
_SET = update(TASK).where(TASK.c.id == bindparam("task_id"))
_LAST_SUBMISSION = (
    select(_SUBMISSION)
    .where(_SUBMISSION.c.unit_task_id == bindparam("task_id"))
    .order_by(_SUBMISSION.c.id.desc())
    .limit(1)
)


class ReviewSubmission(Request):
    """审核: accept what was submitted, or return it with a reason."""

    unit_task_id: int
    accept: bool
    reason: str = Field(default="", max_length=5000)


class DecideExtension(Request):
    """Answer an extension request: a definite new date, or none to refuse."""

    extension_id: int
    granted: date | None = None
    answer: Text


class DecideDispute(Request):
    """Answer a dispute: upheld (the task leaves this unit, for `reassign_to` where named) or not."""

    dispute_id: int
    upheld: bool
    answer: Text
    reassign_to: int | None = None


@act
def review(tx: Transaction, request: ReviewSubmission) -> Answer:
    """Accept or return. Nobody reviews what they submitted; a return needs a reason and gives time for rework."""
    case = Case(tx, request.unit_task_id, Act.ACCEPT if request.accept else Act.RETURN_FOR_REWORK, *DECIDERS)
    submission = tx.run(_LAST_SUBMISSION, {"task_id": case.task.id}).one()
    if submission.account_id == case.account:
        raise NotAllowedError("Nobody reviews what they submitted themselves.")
    if not request.accept and not request.reason.strip():
        raise InvalidInputError("A return needs a reason.")
    same = same_evidence(tx.connection, submission.id, case.task.id)
    row = {
        "submission_id": submission.id,
        "account_id": case.account,
        "at": tx.now,
        "accepted": request.accept,
    }
    tx.run(insert(_REVIEW), row | {"reason": request.reason, "same_evidence": same})
    tx.record(
        case.act, case.subject, submission=submission.id, reason=request.reason, same_evidence=len(same)
    )
    if request.accept:
        _accept(tx, case)
    else:
        send_back(tx, case, "rework")
    return {"state": case.state, "same_evidence": same}


def _accept(tx: Transaction, case: Case) -> None:
    drop_requests(tx, TASK.c.id == case.task.id)
    values = {"state": case.state, "closed_at": tx.now, "held": False, "version": TASK.c.version + 1}
    tx.run(_SET.values(**values), {"task_id": case.task.id})
    close_followers(tx, case)


def close_followers(tx: Transaction, case: Case) -> None:
    """After a task closed: close the cooperating tasks its lead spoke for, and poke the item for its last one."""
    same_round = (
        TASK.c.item_id == case.task.item_id,
        TASK.c.period == case.task.period,
        TASK.c.state.in_(OPEN),
    )
    if case.task.role == Role.LEAD and not _any(tx, *same_round, TASK.c.role == Role.LEAD):
        values = {
            "state": State.ACCEPTED,
            "closed_at": tx.now,
            "closed_with_lead": True,
            "held": False,
            "version": TASK.c.version + 1,
        }
        followers = and_(*same_round, TASK.c.role == Role.COOPERATING)
        drop_requests(tx, followers)
        closed = tx.run(update(TASK).where(followers).values(**values)).rowcount
        if closed:
            tx.record(Act.CLOSE_WITH_LEAD, case.subject, unit_tasks=closed)
    if not _any(tx, TASK.c.item_id == case.task.item_id, TASK.c.state.in_(OPEN)):
        bump(tx, Aggregate.ITEM, case.task.item_id)


def _any(tx: Transaction, *conditions: ColumnElement[bool]) -> bool:
    return tx.one(select(TASK.c.id).where(*conditions).limit(1)) is not None


def send_back(tx: Transaction, case: Case, why: str) -> None:
    """Give the task back to its unit, with time for rework; `why` names the change of its deadline."""
    policy = case.policy
    rework = end_of(tx.frame.calendar.add_working_days(tx.today, policy.rework_days), tx.frame.tz)
    changed: dict[str, Any] = {"state": case.state, "returned_times": case.task.returned_times + 1}
    changed["closed_at"] = None
    if rework > case.task.deadline:
        changed |= new_deadline(tx, case.task, rework, why)
    tx.run(_SET.values(version=TASK.c.version + 1, **changed), {"task_id": case.task.id})
    answer_unit(tx, case, NoticeKind.RETURNED, f"returned_{changed['returned_times']}", policy)
    bump_if_needed(tx, case, clocks_of(case.task, **changed))


def new_deadline(tx: Transaction, task: Row[Any], deadline: Any, reason: str) -> dict[str, Any]:
    """The columns of a task whose deadline moves, its history row written: a new version, its ladder from the foot."""
    changed = {
        "deadline": deadline,
        "deadline_version": task.deadline_version + 1,
        "deadline_since": tx.now,
        "complete_level": -1,
    }
    row = {"unit_task_id": task.id, "deadline_version": changed["deadline_version"], "deadline": deadline}
    tx.run(insert(_CHANGE), row | {"since": tx.now, "reason": reason})
    return changed


def answer_unit(tx: Transaction, case: Case, kind: NoticeKind, rung: str, policy: Policy) -> None:
    """Tell the unit of the office's answer."""
    telling = Telling(kind, case.task.item_id, rung)
    tell(tx, telling, TASK.c.id == case.task.id, mail_at=mail_time(tx, policy.mail_hold_minutes))


def same_evidence(connection: Connection, submission_id: int, task_id: int) -> list[dict[str, Any]]:
    """Where else the bytes of this submission were given: by another unit, or for another task."""
    mine = select(_EVIDENCE.c.sha256).where(_EVIDENCE.c.submission_id == submission_id)
    elsewhere = (
        select(_EVIDENCE.c.sha256, _EVIDENCE.c.unit_task_id, _EVIDENCE.c.uploaded_at, TASK.c.unit_id)
        .join(TASK, TASK.c.id == _EVIDENCE.c.unit_task_id)
        .where(_EVIDENCE.c.sha256.in_(mine), _EVIDENCE.c.unit_task_id != task_id)
        .order_by(_EVIDENCE.c.id)
        .limit(20)
    )
    return [
        {"sha256": r.sha256, "unit_task_id": r.unit_task_id, "unit_id": r.unit_id, "at": iso(r.uploaded_at)}
        for r in connection.execute(elsewhere)
    ]


@act
def decide_extension(tx: Transaction, request: DecideExtension) -> Answer:
    """Grant a definite date or refuse; either ends the hold. A moved deadline begins its ladder anew."""
    extension = tx.one(select(_EXTENSION).where(_EXTENSION.c.id == request.extension_id))
    if extension is None:
        raise NotFoundError("There is no extension request %(id)s.", id=request.extension_id)
    decision = Act.GRANT_EXTENSION if request.granted else Act.REFUSE_EXTENSION
    case = Case(tx, extension.unit_task_id, decision, *DECIDERS)
    serial = _still_open(tx, _EXTENSION, extension)
    policy = case.policy
    changed: dict[str, Any] = {"held": False}
    if request.granted:
        if request.granted < tx.today:
            raise RefusedError("The new date %(day)s is already past.", day=request.granted.isoformat())
        check_date(
            request.granted,
            asked_of(case, tx, extension.proposed, extension.reason),
            policy.extension,
            tx.frame.calendar,
            tx.frame.tz,
        )
        changed |= new_deadline(tx, case.task, end_of(request.granted, tx.frame.tz), "extension")
        changed["extended_times"] = case.task.extended_times + 1
    tx.run(_SET.values(version=TASK.c.version + 1, **changed), {"task_id": case.task.id})
    answer = {
        "decided_at": tx.now,
        "decided_by": case.account,
        "granted": request.granted,
        "answer": request.answer,
    }
    tx.run(update(_EXTENSION).where(_EXTENSION.c.id == extension.id).values(**answer))
    tx.record(
        case.act,
        case.subject,
        extension=extension.id,
        granted=request.granted.isoformat() if request.granted else None,
    )
    answer_unit(
        tx,
        case,
        NoticeKind.EXTENSION_DECIDED,
        f"extension_{serial}",
        policy,
    )
    bump_if_needed(tx, case, clocks_of(case.task, state=case.state, **changed))
    return {"state": case.state, "granted": request.granted.isoformat() if request.granted else None}


@act
def decide_dispute(tx: Transaction, request: DecideDispute) -> Answer:
    """Decide whose task it is. A lead's dispute can only be upheld by naming the unit that leads instead."""
    dispute = tx.one(select(_DISPUTE).where(_DISPUTE.c.id == request.dispute_id))
    if dispute is None:
        raise NotFoundError("There is no dispute %(id)s.", id=request.dispute_id)
    decision = Act.UPHOLD_DISPUTE if request.upheld else Act.REJECT_DISPUTE
    case = Case(tx, dispute.unit_task_id, decision, *DECIDERS)
    serial = _still_open(tx, _DISPUTE, dispute)
    if request.upheld and case.task.role == Role.LEAD and request.reassign_to is None:
        raise InvalidInputError(
            "Name the unit that leads instead: without a lead nobody reports for the others."
        )
    if request.reassign_to is not None and not request.upheld:
        raise InvalidInputError("Only a dispute that is upheld hands the task to another unit.")
    changed: dict[str, Any] = {"state": case.state}
    if request.upheld:
        changed |= {"closed_at": tx.now, "held": False}
        tx.run(
            delete(_ITEM_UNIT).where(
                _ITEM_UNIT.c.item_id == case.task.item_id, _ITEM_UNIT.c.unit_id == case.task.unit_id
            )
        )
    tx.run(_SET.values(version=TASK.c.version + 1, **changed), {"task_id": case.task.id})
    answer = {
        "decided_at": tx.now,
        "decided_by": case.account,
        "upheld": request.upheld,
        "answer": request.answer,
    }
    tx.run(update(_DISPUTE).where(_DISPUTE.c.id == dispute.id).values(**answer))
    if request.upheld:
        drop_requests(tx, TASK.c.id == case.task.id)
    policy = case.policy
    tx.record(case.act, case.subject, dispute=dispute.id, reassign_to=request.reassign_to)
    answer_unit(tx, case, NoticeKind.DISPUTE_DECIDED, f"dispute_{serial}", policy)
    if request.reassign_to is not None:
        hand_to(tx, case, request.reassign_to, policy, f"dispute_{dispute.id}")
    if request.upheld:
        close_followers(tx, case)
    else:
        bump_if_needed(tx, case, clocks_of(case.task, **changed))
    return {"state": case.state}


def _still_open(tx: Transaction, source: Any, row: Row[Any]) -> int:
    """Asked again with item and task locked: whether nobody was first. Answers which request of the task it is."""
    fresh = tx.run(select(source.c.decided_at).where(source.c.id == row.id).with_for_update()).scalar_one()
    if fresh is not None:
        raise WrongStateError("This request was already decided.")
    earlier = (source.c.unit_task_id == row.unit_task_id, source.c.id <= row.id)
    return int(tx.run(select(func.count()).select_from(source).where(*earlier)).scalar_one())

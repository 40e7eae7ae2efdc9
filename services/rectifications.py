"""A rectification: plan, mending, verification by somebody else, and its own ladder."""

from datetime import datetime
from typing import Any

from pydantic import Field
from sqlalchemy import Row, bindparam, func, insert, select, update

from contracts.names import Aggregate
from contracts.payloads import Advanced
from domain.errors import InvalidInputError, NotAllowedError, NotFoundError, WrongStateError
from domain.instants import end_of, last_day
from domain.ladder import Action, Clock, Due, Ladder, Running, due, earliest, next_moment
from domain.numbers import LetterKind
from domain.policy import Policy, policy_from_json
from models.columns import table
from models.directive import Directive, DirectiveState, Item
from models.organisation import AccountRole, Unit
from models.paper import NoticeKind
from models.rectification import MENDING, Rectification, RectificationState, RectificationVerification
from models.unit_task import Evidence, UnitTask
from services.clock import bump
from services.items import advanced, bump_directive_when_done
from services.letters import Draft, draft_letter
from services.notices import Telling, mail_time, tell
from services.rows import require_role, require_unit
from services.transaction import Answer, Request, Transaction, act
from services.unit_tasks import Text

RECTIFICATION, ITEM, DIRECTIVE, UNIT, TASK, EVIDENCE = (
    table(Rectification), table(Item), table(Directive), table(Unit), table(UnitTask), table(Evidence),
)  # fmt: skip
_VERIFICATION = table(RectificationVerification)
_LOCK = (
    select(RECTIFICATION.c.id).where(RECTIFICATION.c.id == bindparam("rectification_id")).with_for_update()
)
_READ = (
    select(
        RECTIFICATION, DIRECTIVE.c.state.label("directive_state"), DIRECTIVE.c.policy, DIRECTIVE.c.issuer_id, DIRECTIVE.c.title,
        DIRECTIVE.c.id.label("directive_id"), ITEM.c.number, ITEM.c.position, ITEM.c.text, UNIT.c.name, UNIT.c.code,
    )
    .join(ITEM, ITEM.c.id == RECTIFICATION.c.item_id)
    .join(DIRECTIVE, DIRECTIVE.c.id == ITEM.c.directive_id)
    .join(UNIT, UNIT.c.id == RECTIFICATION.c.unit_id)
    .where(RECTIFICATION.c.id == bindparam("rectification_id"))
)  # fmt: skip
_SET = update(RECTIFICATION).where(RECTIFICATION.c.id == bindparam("row_id"))


class ReplyRectification(Request):
    """整改方案: the unit's plan in reply to the circular."""

    rectification_id: int
    plan: Text


class SubmitRectification(Request):
    """The unit says the problem is mended; its proof lies with the unit task."""

    rectification_id: int
    report: Text


class VerifyRectification(Request):
    """验收: close it out (销号), or send it back to the same unit."""

    rectification_id: int
    accept: bool
    reason: str = Field(default="", max_length=5000)


class AdvanceRectification(Request):
    """The engine's: do what is due for this rectification now."""

    rectification_id: int


def lock_rectification(tx: Transaction, rectification_id: int) -> Row[Any]:
    tx.run(_LOCK, {"rectification_id": rectification_id})
    row = tx.one(
        _READ, {"rectification_id": rectification_id}
    )  # after the lock: what it waited for is seen as a whole
    if row is None:
        raise NotFoundError("There is no rectification %(id)s.", id=rectification_id)
    return row


def _in_state(row: Row[Any], *allowed: RectificationState) -> None:
    if row.directive_state == DirectiveState.SUSPENDED:
        raise WrongStateError("The directive of rectification %(id)s is suspended.", id=row.id)
    if row.state not in allowed:
        raise WrongStateError(
            "Rectification %(id)s is %(state)s; this does not fit.",
            id=row.id,
            state=RectificationState(row.state),
        )


def _set(tx: Transaction, row: Row[Any], action: str, values: dict[str, Any], **detail: Any) -> None:
    tx.run(_SET.values(version=RECTIFICATION.c.version + 1, **values), {"row_id": row.id})
    tx.record(action, f"rectification/{row.id}", **detail)


@act
def reply_rectification(tx: Transaction, request: ReplyRectification) -> Answer:
    """The plan; it stops the reply clock."""
    row = lock_rectification(tx, request.rectification_id)
    require_unit(tx, row.unit_id)
    _in_state(row, RectificationState.ORDERED)
    _set(
        tx,
        row,
        "reply_rectification",
        {"state": RectificationState.PLANNED, "plan": request.plan, "replied_at": tx.now},
    )
    return {"state": RectificationState.PLANNED}


@act
def submit_rectification(tx: Transaction, request: SubmitRectification) -> Answer:
    """Ask for verification; see `hand_in_rectification`."""
    return hand_in_rectification(tx, request)


def hand_in_rectification(tx: Transaction, request: SubmitRectification) -> Answer:
    """Ask for verification. Raises InvalidInputError where the unit task has no evidence since the circular, or
    since it was sent back.
    """
    row = lock_rectification(tx, request.rectification_id)
    account = require_unit(tx, row.unit_id)
    _in_state(row, RectificationState.PLANNED)
    sent_back = select(func.max(_VERIFICATION.c.at)).where(_VERIFICATION.c.rectification_id == row.id)
    since = tx.run(sent_back).scalar() or row.opened_at
    given = (EVIDENCE.c.unit_task_id == row.unit_task_id, EVIDENCE.c.uploaded_at >= since)
    if not tx.run(select(func.count()).select_from(EVIDENCE).where(*given)).scalar_one():
        raise InvalidInputError("Add evidence of the rectification to its unit task first.")
    values = {
        "state": RectificationState.SUBMITTED,
        "report": request.report,
        "submitted_at": tx.now,
        "submitted_by": account,
    }
    _set(tx, row, "submit_rectification", values)
    return {"state": RectificationState.SUBMITTED}


@act
def verify_rectification(tx: Transaction, request: VerifyRectification) -> Answer:
    """Close it out, or return it with a reason and time for rework. Not by the one who submitted it."""
    row = lock_rectification(tx, request.rectification_id)
    account = require_role(tx, AccountRole.SUPERVISION_OFFICE, AccountRole.LEADER)
    _in_state(row, RectificationState.SUBMITTED)
    if row.submitted_by == account:
        raise NotAllowedError("Nobody reviews what they submitted themselves.")
    if not request.accept and not request.reason.strip():
        raise InvalidInputError("A return needs a reason.")
    decided = {
        "rectification_id": row.id,
        "account_id": account,
        "at": tx.now,
        "accepted": request.accept,
        "reason": request.reason,
    }
    tx.run(insert(_VERIFICATION), decided | {"submitted_at": row.submitted_at})
    if request.accept:
        values = {"state": RectificationState.VERIFIED, "verified_at": tx.now, "verified_by": account}
        _set(tx, row, "verify_rectification", values)
        _poke_owner(tx, row)
        bump_directive_when_done(tx, row.directive_id)
        return {"state": RectificationState.VERIFIED}
    policy = policy_from_json(row.policy)
    rework = end_of(tx.frame.calendar.add_working_days(tx.today, policy.rework_days), tx.frame.tz)
    values = {"state": RectificationState.PLANNED, "failed_times": row.failed_times + 1}
    if rework > row.deadline:
        values |= {
            "deadline": rework,
            "deadline_version": row.deadline_version + 1,
            "deadline_since": tx.now,
            "complete_level": -1,
        }
    _set(tx, row, "return_rectification", values, reason=request.reason)
    telling = _telling(row, NoticeKind.RETURNED, f"rectification_returned_{row.failed_times + 1}", None)
    tell(tx, telling, TASK.c.id == row.unit_task_id, mail_at=mail_time(tx, policy.mail_hold_minutes))
    _poke_owner(tx, row)
    return {"state": RectificationState.PLANNED}


def _poke_owner(tx: Transaction, row: Row[Any]) -> None:
    bump(tx, Aggregate.RECTIFICATION, row.id)


def _telling(
    row: Row[Any], kind: NoticeKind, rung: str, clock: Clock | None, letter: int | None = None
) -> Telling:
    return Telling(kind, row.item_id, rung, clock, letter, row.id, row.deadline_version)


def running_clocks(row: Row[Any], **levels: int) -> tuple[Running, ...]:
    """The clocks of a rectification that run: to reply while it is ordered, to mend until it is submitted."""
    clocks = []
    if row.state == RectificationState.ORDERED:
        clocks.append(
            Running(Clock.REPLY, row.reply_by, row.opened_at, levels.get("reply_level", row.reply_level))
        )
    if row.state in (RectificationState.ORDERED, RectificationState.PLANNED):
        level = levels.get("complete_level", row.complete_level)
        clocks.append(Running(Clock.COMPLETE, row.deadline, row.deadline_since, level))
    return tuple(clocks)


@act
def advance_rectification(tx: Transaction, request: AdvanceRectification) -> Answer:
    """One wake-up of a rectification."""
    row = lock_rectification(tx, request.rectification_id)
    seen: dict[str, Any] = {"seen_clock_version": row.clock_version}
    if row.state not in MENDING:
        tx.run(_SET.values(next_moment=None, **seen), {"row_id": row.id})
        return advanced(Advanced(closed=True, note=row.state))
    until: datetime | None = None
    if row.directive_state != DirectiveState.SUSPENDED:
        policy = policy_from_json(row.policy)
        levels = _climb(tx, row, policy, policy.rectification)
        until = earliest(
            next_moment(c, policy.rectification, tx.frame, tx.now) for c in running_clocks(row, **levels)
        )
        seen |= levels
    tx.run(_SET.values(next_moment=until, **seen), {"row_id": row.id})
    return advanced(
        Advanced(wait_seconds=(until - tx.now).total_seconds() if until else None, note=row.state)
    )


def _climb(tx: Transaction, row: Row[Any], policy: Policy, ladder: Ladder) -> dict[str, int]:
    levels = {}
    for running in running_clocks(row):
        one = due(running, ladder, tx.frame, tx.now)
        if one is not None:
            _do(tx, row, policy, running, one)
            levels["reply_level" if running.clock is Clock.REPLY else "complete_level"] = one.level
    return levels


def _do(tx: Transaction, row: Row[Any], policy: Policy, running: Running, one: Due) -> None:
    task = TASK.c.id == row.unit_task_id
    for rung in one.superseded:
        tell(tx, _telling(row, NoticeKind.SUPERSEDED, rung.name, rung.clock), task)
    for rung in one.rungs:
        if rung.action is Action.SUPERVISION_LETTER:
            letter = _write(tx, row, policy, running)
            tell(tx, _telling(row, NoticeKind.LETTER, rung.name, rung.clock, letter), task)
        else:
            kind = NoticeKind.REMIND if rung.action is Action.REMIND else NoticeKind.TELL_SUPERIOR
            tell(
                tx,
                _telling(row, kind, rung.name, rung.clock),
                task,
                mail_at=mail_time(tx, policy.mail_hold_minutes),
            )
    names = {"rungs": [r.name for r in one.rungs], "superseded": [r.name for r in one.superseded]}
    tx.record("climb", f"rectification/{row.id}", clock=one.clock, **names)


def _write(tx: Transaction, row: Row[Any], policy: Policy, running: Running) -> int:
    day = last_day(running.deadline, tx.frame.tz)
    late = tx.frame.calendar.working_days_between(day, tx.today)
    facts = {
        "directive": row.title,
        "position": row.position,
        "text": row.text[:120],
        "deadline": day.isoformat(),
        "today": tx.today.isoformat(),
        "days_late": late,
        "rectification": True,
        "clock": running.clock.value,
        "units": [{"name": row.name, "progress": 0, "returned": row.failed_times, "days_late": late}],
    }
    key = f"rectification.{row.id}.{row.deadline_version}"
    kind = LetterKind.SUPERVISION_LETTER
    draft = Draft(
        kind,
        row.directive_id,
        row.issuer_id,
        row.item_id,
        key,
        facts,
        ((row.unit_id, row.unit_task_id, row.id),),
    )
    return draft_letter(tx, draft, policy)

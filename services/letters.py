"""Letters: drafted by the ladder, signed where the policy asks, issued with a number when their hold has passed.

A number is taken inside the transaction that issues, so a letter taken back during its hold leaves no gap.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, bindparam, insert, literal, select, update

from contracts.names import Aggregate
from domain.errors import NotFoundError, WrongStateError
from domain.instants import day_of, end_of
from domain.numbers import STATUTORY, LetterKind, document_number
from domain.policy import Policy, policy_from_json
from domain.unit_task import OPEN
from letters.compose import compose, structure_hash
from models.columns import Instant, table
from models.directive import Directive, DirectiveState
from models.engine import OutboxKind, Site
from models.organisation import Account, AccountRole
from models.paper import Letter, LetterNumber, LetterState, LetterUnit, Mail
from models.rectification import MENDING, Rectification, RectificationState
from models.unit_task import UnitTask
from services.clock import bump
from services.failpoints import failpoint
from services.notices import first_state
from services.rows import require_role
from services.search_index import index_letter
from services.transaction import Answer, Request, Transaction, act
from services.unit_tasks import Text

LETTER, LETTER_UNIT, NUMBER, TASK = table(Letter), table(LetterUnit), table(LetterNumber), table(UnitTask)
_MAIL, _ACCOUNT, _SITE, _DIRECTIVE, _RECTIFICATION = (
    table(Mail),
    table(Account),
    table(Site),
    table(Directive),
    table(Rectification),
)
_LOCK = select(LETTER).where(LETTER.c.id == bindparam("letter_id")).with_for_update()


class SignLetter(Request):
    """签发: the letter goes out when its hold has passed."""

    letter_id: int


class TakeBackLetter(Request):
    """Stop a letter that was not issued yet."""

    letter_id: int
    reason: Text


class IssueLetter(Request):
    """The engine's: the hold of a signed letter has passed."""

    letter_id: int


@dataclass(frozen=True)
class Draft:
    """What a letter is to be. `tasks` are (unit id, unit task id, rectification id or None)."""

    kind: LetterKind
    directive_id: int
    issuer_id: int
    item_id: int | None
    dedupe_key: str
    facts: dict[str, Any]
    tasks: tuple[tuple[int, int, int | None], ...]


def draft_letter(tx: Transaction, draft: Draft, policy: Policy) -> int:
    """Write the draft with its frozen structure; where the policy asks no signature it counts as signed."""
    structure = compose(tx.office.language, draft.kind, draft.facts)
    signed = draft.kind not in policy.needs_signature
    trace = tx.actor.trace
    row: dict[str, Any] = {
        "dedupe_key": draft.dedupe_key,
        "kind": draft.kind,
        "statutory_kind": STATUTORY[draft.kind],
    }
    row |= {"directive_id": draft.directive_id, "item_id": draft.item_id, "issuer_id": draft.issuer_id}
    row |= {"state": LetterState.SIGNED if signed else LetterState.DRAFT, "title": structure["title"][:300]}
    row |= {"content": structure, "content_sha256": structure_hash(structure), "drafted_at": tx.now}
    row |= {"signed_at": tx.now if signed else None, "issue_at": _issue_at(tx, policy) if signed else None}
    row |= {
        "workflow_id": trace.workflow_id,
        "run_id": trace.run_id,
        "activity_id": trace.activity_id,
        "document_number": "",
    }
    letter_id = int(tx.run(insert(LETTER).returning(LETTER.c.id), row).scalar_one())
    if draft.tasks:
        units = [
            {"letter_id": letter_id, "unit_id": u, "unit_task_id": t, "rectification_id": r}
            for u, t, r in draft.tasks
        ]
        tx.run(insert(LETTER_UNIT), units)
    tx.record(
        "draft_letter",
        f"letter/{letter_id}",
        kind=draft.kind,
        units=len(draft.tasks),
        content=row["content_sha256"],
    )
    if signed:
        _send_later(tx, letter_id, draft.dedupe_key, policy)
    return letter_id


def _issue_at(tx: Transaction, policy: Policy) -> Any:
    return tx.now + timedelta(minutes=policy.letter_hold_minutes)


def _send_later(tx: Transaction, letter_id: int, dedupe: str, policy: Policy) -> None:
    tx.send(OutboxKind.ISSUE_LETTER, ("letter", letter_id), f"issue/{dedupe}", at=_issue_at(tx, policy))


@act
def sign_letter(tx: Transaction, request: SignLetter) -> Answer:
    """A leader signs a draft. A letter whose tasks have all been closed meanwhile is obsolete instead."""
    letter = _locked(tx, request.letter_id)
    account = require_role(tx, AccountRole.LEADER)
    if letter.state != LetterState.DRAFT:
        raise WrongStateError("A letter that is %(state)s cannot be signed.", state=LetterState(letter.state))
    if _is_obsolete(tx, letter):
        return _set_state(tx, letter, LetterState.OBSOLETE)
    policy = _policy(tx, letter)
    tx.run(
        update(LETTER)
        .where(LETTER.c.id == letter.id)
        .values(signed_at=tx.now, signed_by=account, issue_at=_issue_at(tx, policy))
    )
    _send_later(tx, letter.id, letter.dedupe_key, policy)
    return _set_state(tx, letter, LetterState.SIGNED)


@act
def take_back_letter(tx: Transaction, request: TakeBackLetter) -> Answer:
    """Stop a letter before it is issued; no number was taken. Issued ones are withdrawn by a further letter."""
    letter = _locked(tx, request.letter_id)
    require_role(tx, AccountRole.LEADER, AccountRole.SUPERVISION_OFFICE)
    if letter.state not in (LetterState.DRAFT, LetterState.SIGNED):
        raise WrongStateError(
            "A letter that is %(state)s cannot be taken back.", state=LetterState(letter.state)
        )
    return _set_state(tx, letter, LetterState.TAKEN_BACK, reason=request.reason)


@act
def issue_letter(tx: Transaction, request: IssueLetter) -> Answer:
    """Give a signed letter its number, mail it, open the rectifications a circular orders. Once: repeats do nothing."""
    letter = _locked(tx, request.letter_id)
    waits = letter.state != LetterState.SIGNED or letter.issue_at > tx.now
    if waits or _stands_still(tx, letter):
        return {"state": letter.state}
    if _is_obsolete(tx, letter):
        return _set_state(tx, letter, LetterState.OBSOLETE)
    kind, today = LetterKind(letter.kind), tx.today
    failpoint("letter.before_number")
    number = _take_number(tx, letter.issuer_id, kind, today.year)
    mark = tx.run(select(_SITE.c.mark)).scalar_one()
    printed = document_number(mark, kind, today.year, number)
    values = {
        "issued_at": tx.now,
        "year": today.year,
        "number": number,
        "document_number": printed,
        "dated_on": today,
    }
    tx.run(update(LETTER).where(LETTER.c.id == letter.id).values(**values))
    policy = _policy(tx, letter)
    if kind is LetterKind.RECTIFICATION_CIRCULAR:
        _order_rectifications(tx, letter, policy)
    tx.run(_mails(tx, letter))
    answer = _set_state(tx, letter, LetterState.ISSUED, number=printed)
    index_letter(tx.connection, letter.id)
    return answer


def send_waiting_letters(tx: Transaction, directive_id: int) -> None:
    """Have the relay issue what was signed and could not be while the directive stood still."""
    signed = (LETTER.c.directive_id == directive_id, LETTER.c.state == LetterState.SIGNED)
    waiting = select(LETTER.c.id, LETTER.c.dedupe_key, LETTER.c.issue_at).where(*signed).order_by(LETTER.c.id)
    for letter in tx.run(waiting).all():
        key = f"issue/{letter.dedupe_key}/{tx.now.isoformat()}"
        tx.send(OutboxKind.ISSUE_LETTER, ("letter", letter.id), key, at=max(letter.issue_at, tx.now))


def _stands_still(tx: Transaction, letter: Row[Any]) -> bool:
    state = tx.run(select(_DIRECTIVE.c.state).where(_DIRECTIVE.c.id == letter.directive_id)).scalar_one()
    return bool(state == DirectiveState.SUSPENDED)


def _locked(tx: Transaction, letter_id: int) -> Row[Any]:
    letter = tx.one(_LOCK, {"letter_id": letter_id})
    if letter is None:
        raise NotFoundError("There is no letter %(id)s.", id=letter_id)
    return letter


def _policy(tx: Transaction, letter: Row[Any]) -> Policy:
    return policy_from_json(
        tx.run(select(_DIRECTIVE.c.policy).where(_DIRECTIVE.c.id == letter.directive_id)).scalar_one()
    )


def _set_state(tx: Transaction, letter: Row[Any], state: LetterState, **detail: Any) -> Answer:
    tx.run(update(LETTER).where(LETTER.c.id == letter.id).values(state=state))
    tx.record(f"letter_{state.value}", f"letter/{letter.id}", **detail)
    return {"state": state, **detail}


def _is_obsolete(tx: Transaction, letter: Row[Any]) -> bool:
    """Whether nothing it names is still owed: neither a task nor, where it is about one, a rectification."""
    named = (
        select(LETTER_UNIT.c.rectification_id, TASK.c.state, _RECTIFICATION.c.state.label("mending"))
        .join(TASK, TASK.c.id == LETTER_UNIT.c.unit_task_id)
        .outerjoin(_RECTIFICATION, _RECTIFICATION.c.id == LETTER_UNIT.c.rectification_id)
        .where(LETTER_UNIT.c.letter_id == letter.id)
    )
    rows = tx.run(named).all()
    owed = (r.state in OPEN if r.rectification_id is None else r.mending in MENDING for r in rows)
    return bool(rows) and not any(owed)


def _take_number(tx: Transaction, issuer_id: int, kind: LetterKind, year: int) -> int:
    """The next number of the register: the row is locked until the letter that has it is committed."""
    mine = (NUMBER.c.issuer_id == issuer_id, NUMBER.c.kind == kind, NUMBER.c.year == year)
    taken = tx.run(
        update(NUMBER).where(*mine).values(last=NUMBER.c.last + 1).returning(NUMBER.c.last)
    ).scalar()
    if taken is not None:
        return int(taken)
    tx.run(insert(NUMBER), {"issuer_id": issuer_id, "kind": kind, "year": year, "last": 1})
    return 1


def _order_rectifications(tx: Transaction, letter: Row[Any], policy: Policy) -> None:
    """One rectification for each unit named that still owes the task."""
    calendar, tz = tx.frame.calendar, tx.frame.tz
    reply_by = end_of(calendar.add_working_days(tx.today, policy.reply_days), tz)
    deadline = end_of(calendar.add_working_days(tx.today, policy.rectification_days), tz)
    owing = (
        select(LETTER_UNIT.c.unit_id, LETTER_UNIT.c.unit_task_id, TASK.c.item_id, TASK.c.deadline)
        .join(TASK, TASK.c.id == LETTER_UNIT.c.unit_task_id)
        .where(LETTER_UNIT.c.letter_id == letter.id, TASK.c.state.in_(OPEN))
        .order_by(LETTER_UNIT.c.unit_id)
    )
    for task in tx.run(owing).all():
        row = {
            "letter_id": letter.id,
            "item_id": task.item_id,
            "unit_task_id": task.unit_task_id,
            "unit_id": task.unit_id,
        }
        row |= {
            "state": RectificationState.ORDERED,
            "opened_at": tx.now,
            "reply_by": reply_by,
            "deadline": deadline,
        }
        row |= {
            "deadline_since": tx.now,
            "problem": f"{letter.title} ({day_of(task.deadline, tz).isoformat()})",
        }
        row |= {"reply_level": -1, "plan": "", "deadline_version": 1, "complete_level": -1, "report": ""}
        row |= {"failed_times": 0, "version": 1, "clock_version": 0, "seen_clock_version": 0}
        new = int(tx.run(insert(_RECTIFICATION).returning(_RECTIFICATION.c.id), row).scalar_one())
        mine = (LETTER_UNIT.c.letter_id == letter.id, LETTER_UNIT.c.unit_task_id == task.unit_task_id)
        tx.run(update(LETTER_UNIT).where(*mine).values(rectification_id=new))
        tx.record("order_rectification", f"rectification/{new}", letter=letter.id, unit=task.unit_id)
        bump(tx, Aggregate.RECTIFICATION, new)


def _mails(tx: Transaction, letter: Row[Any]) -> Any:
    """One mail a letter and account of the units it names."""
    values: dict[str, Any] = {
        "about": literal("letter"),
        "about_id": literal(letter.id),
        "account_id": _ACCOUNT.c.id,
        "recipient": _ACCOUNT.c.email,
        "kind": literal("letter"),
        "dedupe_key": literal(f"letter.{letter.dedupe_key}.") + _ACCOUNT.c.login,
        "state": literal(first_state(tx.office).value),
        "attempts": literal(0),
        "created_at": literal(tx.now, Instant()),
        "next_at": literal(tx.now, Instant()),
        "answer": literal(""),
    }
    named = select(LETTER_UNIT.c.unit_id).where(LETTER_UNIT.c.letter_id == letter.id)
    wanted = (_ACCOUNT.c.unit_id.in_(named), _ACCOUNT.c.active, _ACCOUNT.c.wants_mail, _ACCOUNT.c.email != "")
    chosen = (
        select(*(value.label(name) for name, value in values.items())).where(*wanted).order_by(_ACCOUNT.c.id)
    )
    return insert(_MAIL).from_select(list(values), chosen, include_defaults=False)

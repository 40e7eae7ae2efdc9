"""A directive from draft to publication, and taking it back, withdrawing, suspending, resuming it."""

import hashlib
from datetime import date, timedelta
from typing import Any

from pydantic import Field
from sqlalchemy import Row, and_, bindparam, insert, select, update

from contracts.names import Aggregate
from domain.errors import InvalidInputError, NotAllowedError, NotFoundError, RefusedError, WrongStateError
from domain.instants import end_of
from domain.periods import Frequency
from domain.policy import ladder_to_json, policy_from_json, policy_to_json
from domain.unit_task import OPEN, Act, Role, State
from models.columns import table
from models.directive import (
    CentralDocument,
    Directive,
    DirectiveState,
    Item,
    ItemPeriod,
    ItemState,
    ItemUnit,
)
from models.engine import Outbox
from models.organisation import AccountRole, Unit
from models.paper import Letter, LetterState
from models.rectification import Rectification, RectificationState
from models.unit_task import UnitTask
from services.clock import bump
from services.first_come import check_version
from services.letters import send_waiting_letters
from services.moot import drop_requests
from services.readiness import item_problems
from services.resumption import move_deadlines
from services.rows import require_role
from services.search_index import index_directive
from services.transaction import Answer, Request, Transaction, act
from services.unit_tasks import Text

DIRECTIVE, ITEM, ITEM_UNIT, TASK, DOCUMENT = (
    table(Directive),
    table(Item),
    table(ItemUnit),
    table(UnitTask),
    table(CentralDocument),
)
_OUTBOX, _LETTER, _RECTIFICATION = table(Outbox), table(Letter), table(Rectification)
_PERIOD, _UNIT = table(ItemPeriod), table(Unit)


class PartIn(Request):
    """That a unit takes part in an item."""

    unit_id: int
    role: Role
    named_as: str = Field(default="", max_length=200)


class DraftItem(Request):
    """One item of a draft. `due_on` is a civil date; None where the item comes round or a person must say."""

    number: str = Field(max_length=40)
    heading_path: tuple[str, ...] = ()
    text: str = Field(min_length=1, max_length=20000)
    role_mode: str = "single"
    deadline_phrases: tuple[str, ...] = ()
    frequency: Frequency = Frequency.ONCE
    due_day: int | None = Field(default=None, ge=1, le=366)
    due_on: date | None = None
    parts: tuple[PartIn, ...] = ()
    unmatched: tuple[dict[str, Any], ...] = ()
    anchor: dict[str, Any] = Field(default_factory=dict)


class DraftDirective(Request):
    """A draft: the paper it comes from, its items, its policy (JSON of `Policy`; what is left out is default)."""

    title: str = Field(min_length=1, max_length=300)
    issuer_id: int
    items: tuple[DraftItem, ...] = ()
    policy: dict[str, Any] = Field(default_factory=dict)
    horizon: date | None = None
    document_number: str = Field(default="", max_length=80)
    document_issuer: str = Field(default="", max_length=120)
    document_text: str = ""
    document_sha256: str = Field(default="", max_length=64)
    secrecy_mark: str | None = None


class OnDirective(Request):
    """An act on one directive that needs no words. `version` is the one the person saw, where it matters."""

    directive_id: int
    version: int | None = None


class WithReason(Request):
    """An act on one directive that must be explained."""

    directive_id: int
    reason: Text


@act
def draft_directive(tx: Transaction, request: DraftDirective) -> Answer:
    """Keep a draft. Papers marked 秘密, 机密 or 绝密 are refused: this office is not cleared for them."""
    require_role(tx, AccountRole.LEADER, AccountRole.SUPERVISION_OFFICE)
    if request.secrecy_mark:
        raise RefusedError(
            "The paper is marked %(mark)s. Duban keeps no classified papers: handle it on the system cleared for it.",
            mark=request.secrecy_mark,
        )
    policy = policy_to_json(policy_from_json(request.policy))
    horizon = request.horizon or date(tx.today.year, 12, 31)
    end_of(horizon, tx.frame.tz)  # refuses a day no office counts to
    _check_units(tx, request)
    document = _keep_document(tx, request)
    row: dict[str, Any] = {
        "title": request.title,
        "document_id": document,
        "issuer_id": request.issuer_id,
        "state": DirectiveState.DRAFT,
    }
    row |= {
        "horizon": horizon,
        "policy": policy,
        "withdrawn_reason": "",
    }
    row |= {"version": 1, "clock_version": 0, "seen_clock_version": 0}
    directive = int(tx.run(insert(DIRECTIVE).returning(DIRECTIVE.c.id), row).scalar_one())
    for position, item in enumerate(request.items, 1):
        _keep_item(tx, directive, position, item)
    tx.record(
        "draft_directive",
        f"directive/{directive}",
        items=len(request.items),
        document=request.document_sha256,
    )
    return {"directive_id": directive, "items": len(request.items)}


def _check_units(tx: Transaction, request: DraftDirective) -> None:
    """Raises for a unit that is not there, and for one that is named twice in one item."""
    named = {part.unit_id for item in request.items for part in item.parts} | {request.issuer_id}
    known = set(tx.run(select(_UNIT.c.id).where(_UNIT.c.id.in_(named))).scalars())
    for missing in sorted(named - known):
        raise NotFoundError("There is no unit %(id)s.", id=missing)
    for item in request.items:
        if len({part.unit_id for part in item.parts}) < len(item.parts):
            raise InvalidInputError("A unit can be named in one role only.")


def _keep_document(tx: Transaction, request: DraftDirective) -> int | None:
    if not request.document_text:
        return None
    row: dict[str, Any] = {
        "title": request.title,
        "number": request.document_number,
        "issuer": request.document_issuer,
    }
    row |= {"sha256": request.document_sha256, "text": request.document_text, "received_at": tx.now}
    return int(tx.run(insert(DOCUMENT).returning(DOCUMENT.c.id), row).scalar_one())


def _keep_item(tx: Transaction, directive: int, position: int, item: DraftItem) -> None:
    row: dict[str, Any] = item.model_dump(mode="python", exclude={"parts"})
    row |= {
        "heading_path": list(item.heading_path),
        "deadline_phrases": list(item.deadline_phrases),
        "unmatched": list(item.unmatched),
    }
    row |= {"directive_id": directive, "position": position, "ladder": {}, "state": ItemState.DRAFT}
    row |= {
        "text_sha256": hashlib.sha256(item.text.encode()).hexdigest(),
        "version": 1,
        "clock_version": 0,
        "seen_clock_version": 0,
    }
    new = int(tx.run(insert(ITEM).returning(ITEM.c.id), row).scalar_one())
    if item.parts:
        tx.run(insert(ITEM_UNIT), [part.model_dump() | {"item_id": new} for part in item.parts])


def lock_directive(tx: Transaction, directive_id: int, *allowed: DirectiveState) -> Row[Any]:
    """Items first, then the directive: the order in which a wake-up locks them."""
    tx.run(select(ITEM.c.id).where(ITEM.c.directive_id == directive_id).order_by(ITEM.c.id).with_for_update())
    directive = tx.one(select(DIRECTIVE).where(DIRECTIVE.c.id == directive_id).with_for_update())
    if directive is None:
        raise NotFoundError("There is no directive %(id)s.", id=directive_id)
    _require_place(tx, directive)
    if directive.state not in allowed:
        raise WrongStateError(
            "Directive %(id)s is %(state)s; this does not fit.", id=directive_id, state=directive.state
        )
    return directive


def check_seen(tx: Transaction, directive: Row[Any], version: int | None) -> None:
    """Raises ConflictError where the directive or its items are not any more as the person saw them."""
    items = tx.run(select(ITEM.c.id).where(ITEM.c.directive_id == directive.id)).scalars().all()
    subjects = (f"directive/{directive.id}", *(f"item/{item}" for item in items))
    check_version(tx, directive.version, version, subjects)


def _require_place(tx: Transaction, directive: Row[Any]) -> None:
    """Raises NotAllowedError unless the directive was issued by the unit of the person who acts, or below it."""
    place = select(_UNIT.c.path).where(_UNIT.c.id == bindparam("unit_id"))
    mine = tx.run(place, {"unit_id": tx.actor.unit_id}).scalar()
    issuer = tx.run(place, {"unit_id": directive.issuer_id}).scalar_one()
    if mine is None or not issuer.startswith(mine):
        raise NotAllowedError(
            "Directive %(id)s was issued elsewhere: it is not decided on here.", id=directive.id
        )


@act
def publish(tx: Transaction, request: OnDirective) -> Answer:
    """Publish a draft: from the end of its hold on it runs by itself. Until then `take_back` undoes it.

    Raises InvalidInputError listing every item that is not ready: no unit, a name unmatched, no lead decided,
    no date, a date already past. Here a person decides; nothing is assumed. ConflictError where somebody changed
    the draft since it was seen.
    """
    account = require_role(tx, AccountRole.LEADER)
    directive = lock_directive(tx, request.directive_id, DirectiveState.DRAFT)
    policy = policy_from_json(directive.policy)
    items = tx.run(select(ITEM).where(ITEM.c.directive_id == directive.id).order_by(ITEM.c.position)).all()
    starts_at = tx.now + timedelta(minutes=policy.publish_hold_minutes)
    check_seen(tx, directive, request.version)
    if not items:
        raise InvalidInputError("Directive %(id)s has no items.", id=directive.id)
    problems = [p for item in items for p in item_problems(tx, item)]
    if problems:
        raise InvalidInputError(
            "Directive %(id)s is not ready to be published.", id=directive.id, problems=tuple(problems)
        )
    values = {
        "state": DirectiveState.PUBLISHED,
        "published_at": tx.now,
        "published_by": account,
        "starts_at": starts_at,
    }
    tx.run(update(DIRECTIVE).where(DIRECTIVE.c.id == directive.id).values(**values))
    for frequency in {item.frequency for item in items}:
        ladder = ladder_to_json(policy.ladder_for(Frequency(frequency)))
        mine = and_(ITEM.c.directive_id == directive.id, ITEM.c.frequency == frequency)
        tx.run(update(ITEM).where(mine).values(state=ItemState.OPEN, ladder=ladder))
    index_directive(tx.connection, directive.id)
    for item in items:
        bump(tx, Aggregate.ITEM, item.id, at=starts_at)
    bump(tx, Aggregate.DIRECTIVE, directive.id, at=starts_at)
    tx.record("publish", f"directive/{directive.id}", items=len(items), starts_at=starts_at.isoformat())
    return {"state": DirectiveState.PUBLISHED, "items": len(items), "starts_at": starts_at.isoformat()}


@act
def take_back(tx: Transaction, request: OnDirective) -> Answer:
    """Undo a publication during its hold: it is a draft again and no unit has heard of it."""
    require_role(tx, AccountRole.LEADER)
    directive = lock_directive(tx, request.directive_id, DirectiveState.PUBLISHED)
    check_seen(tx, directive, request.version)
    if tx.now >= directive.starts_at:
        raise WrongStateError(
            "The hold of directive %(id)s has passed; withdraw it instead.", id=directive.id
        )
    items = select(ITEM.c.id).where(ITEM.c.directive_id == directive.id)
    keys = [f"{Aggregate.ITEM}/{i}/" for i in tx.run(items).scalars()] + [
        f"{Aggregate.DIRECTIVE}/{directive.id}/"
    ]
    for key in keys:
        waiting = (_OUTBOX.c.dedupe_key.startswith(key, autoescape=True), _OUTBOX.c.done_at.is_(None))
        tx.run(update(_OUTBOX).where(*waiting).values(done_at=tx.now, error="taken back"))
    tx.run(update(ITEM).where(ITEM.c.directive_id == directive.id).values(state=ItemState.DRAFT))
    values = {"state": DirectiveState.DRAFT, "published_at": None, "published_by": None, "starts_at": None}
    tx.run(update(DIRECTIVE).where(DIRECTIVE.c.id == directive.id).values(**values))
    tx.record("take_back", f"directive/{directive.id}")
    return {"state": DirectiveState.DRAFT}


@act
def withdraw(tx: Transaction, request: WithReason) -> Answer:
    """End a directive for good: open tasks, unissued letters and rectifications go with it; what was issued stays."""
    require_role(tx, AccountRole.LEADER)
    directive = lock_directive(tx, request.directive_id, DirectiveState.PUBLISHED, DirectiveState.SUSPENDED)
    items = select(ITEM.c.id).where(ITEM.c.directive_id == directive.id)
    gone = {"state": State.WITHDRAWN, "closed_at": tx.now, "held": False, "version": TASK.c.version + 1}
    still_open = and_(TASK.c.item_id.in_(items), TASK.c.state.in_(OPEN))
    drop_requests(tx, still_open)
    tasks = tx.run(update(TASK).where(still_open).values(**gone)).rowcount
    rounds = (_PERIOD.c.item_id.in_(items), _PERIOD.c.closed_at.is_(None))
    tx.run(update(_PERIOD).where(*rounds).values(closed_at=tx.now))
    unissued = (
        _LETTER.c.directive_id == directive.id,
        _LETTER.c.state.in_((LetterState.DRAFT, LetterState.SIGNED)),
    )
    tx.run(update(_LETTER).where(*unissued).values(state=LetterState.TAKEN_BACK))
    mending = (_RECTIFICATION.c.item_id.in_(items), _RECTIFICATION.c.state != RectificationState.VERIFIED)
    tx.run(update(_RECTIFICATION).where(*mending).values(state=RectificationState.WITHDRAWN))
    unfinished = (ITEM.c.directive_id == directive.id, ITEM.c.state == ItemState.OPEN)
    tx.run(update(ITEM).where(*unfinished).values(state=ItemState.WITHDRAWN, closed_at=tx.now))
    values = {"state": DirectiveState.WITHDRAWN, "closed_at": tx.now, "withdrawn_reason": request.reason}
    tx.run(update(DIRECTIVE).where(DIRECTIVE.c.id == directive.id).values(**values))
    tx.record(Act.WITHDRAW, f"directive/{directive.id}", reason=request.reason, unit_tasks=tasks)
    _bump_all(tx, directive.id)
    return {"state": DirectiveState.WITHDRAWN, "unit_tasks": tasks}


@act
def suspend(tx: Transaction, request: WithReason) -> Answer:
    """Stop every clock of a directive until it is resumed."""
    require_role(tx, AccountRole.LEADER)
    directive = lock_directive(tx, request.directive_id, DirectiveState.PUBLISHED)
    items = select(ITEM.c.id).where(ITEM.c.directive_id == directive.id)
    still = {"suspended_in": TASK.c.state, "state": State.SUSPENDED, "version": TASK.c.version + 1}
    tx.run(update(TASK).where(TASK.c.item_id.in_(items), TASK.c.state.in_(OPEN)).values(**still))
    values = {"state": DirectiveState.SUSPENDED, "suspended_at": tx.now}
    tx.run(update(DIRECTIVE).where(DIRECTIVE.c.id == directive.id).values(**values))
    tx.record(Act.SUSPEND, f"directive/{directive.id}", reason=request.reason)
    _bump_all(tx, directive.id)
    return {"state": DirectiveState.SUSPENDED}


@act
def resume(tx: Transaction, request: OnDirective) -> Answer:
    """Let the clocks run again; every deadline moves by the working days the directive stood still.

    Letters that were signed and not issued meanwhile go out now.
    """
    require_role(tx, AccountRole.LEADER)
    directive = lock_directive(tx, request.directive_id, DirectiveState.SUSPENDED)
    check_seen(tx, directive, request.version)
    items = select(ITEM.c.id).where(ITEM.c.directive_id == directive.id)
    suspended = and_(TASK.c.item_id.in_(items), TASK.c.state == State.SUSPENDED)
    stood = tx.frame.calendar.working_days_between(
        directive.suspended_at.astimezone(tx.frame.tz).date(), tx.today
    )
    move_deadlines(tx, suspended, items, stood)
    again = {"state": TASK.c.suspended_in, "suspended_in": None, "version": TASK.c.version + 1}
    tx.run(update(TASK).where(suspended).values(**again))
    values = {"state": DirectiveState.PUBLISHED, "suspended_at": None}
    tx.run(update(DIRECTIVE).where(DIRECTIVE.c.id == directive.id).values(**values))
    tx.record(Act.RESUME, f"directive/{directive.id}", working_days=stood)
    send_waiting_letters(tx, directive.id)
    _bump_all(tx, directive.id)
    return {"state": DirectiveState.PUBLISHED, "working_days": stood}


def _bump_all(tx: Transaction, directive_id: int) -> None:
    """Have every owner of the directive look again."""
    items = (
        tx.run(select(ITEM.c.id).where(ITEM.c.directive_id == directive_id, ITEM.c.state != ItemState.CLOSED))
        .scalars()
        .all()
    )
    for item in items:
        bump(tx, Aggregate.ITEM, item)
    mine = select(ITEM.c.id).where(ITEM.c.directive_id == directive_id)
    mending = select(_RECTIFICATION.c.id).where(
        _RECTIFICATION.c.item_id.in_(mine), _RECTIFICATION.c.state != RectificationState.VERIFIED
    )
    for rectification in tx.run(mending).scalars().all():
        bump(tx, Aggregate.RECTIFICATION, rectification)
    bump(tx, Aggregate.DIRECTIVE, directive_id)

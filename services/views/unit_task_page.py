"""One unit task with everything that was asked, given and decided, as its page shows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from domain.instants import last_day
from domain.policy import Policy, policy_from_json
from domain.unit_task import CLOSED, TRANSITIONS, Act, Role, State
from models.columns import table
from models.directive import Directive, Item, ItemUnit
from models.organisation import Account, AccountRole, Unit
from models.unit_task import (
    Acknowledgement,
    DeadlineChange,
    Dispute,
    Extension,
    ProgressReport,
    Review,
    SpotCheck,
    Submission,
    UnitTask,
)
from services.access import unit_task_for
from services.calendars import calendar_on
from services.figures import is_overdue
from services.office import Office
from services.sign_in import SignedIn
from services.views.evidence_pieces import EvidencePiece, pieces_of, reusable_pieces
from services.views.my_unit_tasks import Asked, asked_of
from store.sessions import reading

_TASK, _ITEM, _PART, _DIRECTIVE, _UNIT = (
    table(UnitTask),
    table(Item),
    table(ItemUnit),
    table(Directive),
    table(Unit),
)
_ACCOUNT, _RECEIPT, _REPORT, _SUBMISSION, _REVIEW = (
    table(Account),
    table(Acknowledgement),
    table(ProgressReport),
    table(Submission),
    table(Review),
)
_EXTENSION, _DISPUTE, _CHANGE, _SPOT_CHECK = (
    table(Extension),
    table(Dispute),
    table(DeadlineChange),
    table(SpotCheck),
)
PARTS_SHOWN = 30
ADD_EVIDENCE = "add_evidence"
UNIT_ROLES = frozenset({AccountRole.UNIT_OFFICER, AccountRole.UNIT_HEAD})


@dataclass(frozen=True)
class Event:
    """Something that happened to the task: what (an `Act` or a decision), who did it, and what was said."""

    at: datetime
    what: str
    who: str
    text: str = ""
    figure: str = ""


@dataclass(frozen=True)
class Part:
    """A unit that takes part in the item."""

    name: str
    role: str


@dataclass(frozen=True)
class UnitTaskView:
    """The task, its item and directive, who takes part, what proves it, what happened, what can be done now."""

    task: Row[Any]
    unit: str
    item: Row[Any]
    directive: Row[Any]
    issuer: str
    lead: str
    """The unit that reports for the cooperating ones; empty where each reports for itself."""
    parts: tuple[Part, ...]
    parts_in_all: int
    pieces: tuple[EvidencePiece, ...]
    reusable: tuple[EvidencePiece, ...]
    """What the unit gave for other tasks, where it may give more for this one."""
    events: tuple[Event, ...]
    asked: Asked
    overdue: bool
    mine: bool
    acts: frozenset[str]
    """The acts that fit the state now and that the reader's own unit may do, and ADD_EVIDENCE where it may."""
    latest_extension: date
    """The last day to which this task's deadline can be moved at the unit's request."""
    extension: Row[Any] | None
    dispute: Row[Any] | None


def unit_task_view(office: Office, me: SignedIn, unit_task_id: int, now: datetime) -> UnitTaskView:
    """The page of one unit task. Raises NotFoundError for one the reader may not see."""
    with reading(office.engine) as session:
        connection = session.connection()
        task = unit_task_for(connection, me, unit_task_id)
        item = connection.execute(select(_ITEM).where(_ITEM.c.id == task.item_id)).one()
        directive = connection.execute(
            select(_DIRECTIVE, _UNIT.c.name.label("issuer"))
            .join(_UNIT, _UNIT.c.id == _DIRECTIVE.c.issuer_id)
            .where(_DIRECTIVE.c.id == item.directive_id)
        ).one()
        late = connection.execute(select(_TASK.c.id).where(_TASK.c.id == task.id, is_overdue(now))).first()
        parts = _parts(connection, item.id)
        extension = connection.execute(_waiting(_EXTENSION, task.id)).first()
        dispute = connection.execute(_waiting(_DISPUTE, task.id)).first()
        mine = me.role in UNIT_ROLES and task.unit_id == me.actor.unit_id
        acts = acts_of_unit(task, policy_from_json(directive.policy), now) if mine else frozenset()
        return UnitTaskView(
            task=task,
            unit=connection.execute(select(_UNIT.c.name).where(_UNIT.c.id == task.unit_id)).scalar_one(),
            item=item,
            directive=directive,
            issuer=directive.issuer,
            lead=next((row.name for row in parts if row.role == Role.LEAD), ""),
            parts=tuple(Part(row.name, row.role) for row in parts[:PARTS_SHOWN]),
            parts_in_all=len(parts),
            pieces=pieces_of(connection, task.id),
            reusable=reusable_pieces(connection, task.unit_id, task.id) if ADD_EVIDENCE in acts else (),
            events=tuple(sorted(_events(connection, task), key=lambda event: event.at, reverse=True)),
            asked=asked_of(_with_late(task, late is not None)),
            overdue=late is not None,
            mine=mine,
            acts=acts,
            latest_extension=_latest_extension(connection, task, directive, office.tz),
            extension=extension,
            dispute=dispute,
        )


@dataclass(frozen=True)
class _Late:
    """The columns that say what is asked next."""

    state: str
    held: bool
    role: str
    overdue: bool


def _with_late(task: Row[Any], overdue: bool) -> Any:
    return _Late(task.state, task.held, task.role, overdue)


def acts_of_unit(task: Row[Any], policy: Policy, now: datetime) -> frozenset[str]:
    """What the task's own unit may do now. The lead unit gives the evidence for the cooperating ones."""
    ours = {Act.ACKNOWLEDGE, Act.REPORT_PROGRESS, Act.SUBMIT, Act.ASK_EXTENSION, Act.DECLINE}
    if task.role == Role.COOPERATING:
        ours -= {Act.SUBMIT}
    if task.held or now >= task.deadline or task.extended_times >= policy.extension.most_times:
        ours -= {Act.ASK_EXTENSION}
    state = State(task.state)
    fitting = {act.value for act in ours if (state, act) in TRANSITIONS}
    if task.role != Role.COOPERATING and state not in CLOSED:
        fitting.add(ADD_EVIDENCE)
    return frozenset(fitting)


def _latest_extension(connection: Connection, task: Row[Any], directive: Row[Any], tz: ZoneInfo) -> date:
    first, rule = last_day(task.original_deadline, tz), policy_from_json(directive.policy).extension
    return calendar_on(connection).add_working_days(first, rule.most_working_days)


def _waiting(source: Any, task_id: int) -> Any:
    return select(source).where(source.c.unit_task_id == task_id, source.c.decided_at.is_(None)).limit(1)


def _parts(connection: Connection, item_id: int) -> Any:
    return connection.execute(
        select(_UNIT.c.name, _PART.c.role)
        .join(_UNIT, _UNIT.c.id == _PART.c.unit_id)
        .where(_PART.c.item_id == item_id)
        .order_by(_PART.c.role != Role.LEAD, _PART.c.role != Role.HANDLING, _PART.c.id)
    ).all()


def _events(connection: Connection, task: Row[Any]) -> Iterator[Event]:
    yield Event(task.assigned_at, Act.ASSIGN, "")
    for row in _rows(connection, _RECEIPT, task.id):
        yield Event(row.at, Act.ACKNOWLEDGE, row.who, figure=row.text_sha256[:12])
    for row in _rows(connection, _REPORT, task.id):
        said = " ".join(text for text in (row.text, row.problem, row.next_step) if text)
        yield Event(row.at, Act.REPORT_PROGRESS, row.who, said, f"{row.progress}%")
    for row in _rows(connection, _SUBMISSION, task.id):
        yield Event(row.at, Act.SUBMIT, row.who, row.text)
    reviewed = (
        select(_REVIEW, _ACCOUNT.c.name.label("who"))
        .join(_SUBMISSION, _SUBMISSION.c.id == _REVIEW.c.submission_id)
        .join(_ACCOUNT, _ACCOUNT.c.id == _REVIEW.c.account_id)
        .where(_SUBMISSION.c.unit_task_id == task.id)
    )
    for row in connection.execute(reviewed):
        yield Event(row.at, Act.ACCEPT if row.accepted else Act.RETURN_FOR_REWORK, row.who, row.reason)
    for row in _rows(connection, _SPOT_CHECK, task.id):
        yield Event(row.at, Act.SPOT_CHECK if row.kept else Act.REOPEN, row.who, row.reason)
    yield from _requests(connection, task)
    for row in connection.execute(
        select(_CHANGE).where(_CHANGE.c.unit_task_id == task.id, _CHANGE.c.deadline_version > 1)
    ):
        yield Event(row.since, "deadline", "", row.reason)


def _requests(connection: Connection, task: Row[Any]) -> Iterator[Event]:
    for row in _rows(connection, _EXTENSION, task.id):
        yield Event(row.asked_at, Act.ASK_EXTENSION, row.who, row.reason, row.proposed.isoformat())
        if row.decided_at:
            what = Act.GRANT_EXTENSION if row.granted else Act.REFUSE_EXTENSION
            yield Event(row.decided_at, what, "", row.answer, row.granted.isoformat() if row.granted else "")
    for row in _rows(connection, _DISPUTE, task.id):
        yield Event(row.raised_at, Act.DECLINE, row.who, row.reason)
        if row.decided_at:
            what = Act.UPHOLD_DISPUTE if row.upheld else Act.REJECT_DISPUTE
            yield Event(row.decided_at, what, "", row.answer)


def _rows(connection: Connection, source: Any, task_id: int) -> Any:
    joined = select(source, _ACCOUNT.c.name.label("who")).join(_ACCOUNT, _ACCOUNT.c.id == source.c.account_id)
    return connection.execute(joined.where(source.c.unit_task_id == task_id)).all()

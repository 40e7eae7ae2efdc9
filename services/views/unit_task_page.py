"""One unit task with everything that was asked, given and decided, as its page shows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from domain.unit_task import TRANSITIONS, Act, Role, State
from models.columns import table
from models.directive import Directive, Item, ItemUnit
from models.organisation import Account, Unit
from models.unit_task import (
    Acknowledgement,
    DeadlineChange,
    Dispute,
    Evidence,
    EvidenceFile,
    Extension,
    ProgressReport,
    Review,
    Submission,
    UnitTask,
)
from services.access import unit_task_for
from services.figures import is_overdue
from services.office import Office
from services.sign_in import SignedIn
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
_EXTENSION, _DISPUTE, _CHANGE = table(Extension), table(Dispute), table(DeadlineChange)
_EVIDENCE, _FILE = table(Evidence), table(EvidenceFile)
PARTS_SHOWN = 30


@dataclass(frozen=True)
class Event:
    """Something that happened to the task: what (an `Act` or a decision), who did it, and what was said."""

    at: datetime
    what: str
    who: str
    text: str = ""
    figure: str = ""


@dataclass(frozen=True)
class Piece:
    """A piece of evidence. `pending`: it goes with the next submission."""

    id: int
    name: str
    version: int
    media_type: str
    size: int
    sha256: str
    effective_on: date
    uploaded_at: datetime
    pending: bool


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
    parts: tuple[Part, ...]
    parts_in_all: int
    pieces: tuple[Piece, ...]
    events: tuple[Event, ...]
    asked: Asked
    overdue: bool
    mine: bool
    acts: frozenset[str]
    """The acts that fit the state now and that the reader's own unit may do."""
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
        mine = task.unit_id == me.actor.unit_id
        return UnitTaskView(
            task=task,
            unit=connection.execute(select(_UNIT.c.name).where(_UNIT.c.id == task.unit_id)).scalar_one(),
            item=item,
            directive=directive,
            issuer=directive.issuer,
            parts=tuple(Part(row.name, row.role) for row in parts[:PARTS_SHOWN]),
            parts_in_all=len(parts),
            pieces=tuple(_pieces(connection, task.id)),
            events=tuple(sorted(_events(connection, task), key=lambda event: event.at, reverse=True)),
            asked=asked_of(_with_late(task, late is not None)),
            overdue=late is not None,
            mine=mine,
            acts=acts_of_unit(task) if mine else frozenset(),
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


def acts_of_unit(task: Row[Any]) -> frozenset[str]:
    """What the task's own unit may do now."""
    ours = {Act.ACKNOWLEDGE, Act.REPORT_PROGRESS, Act.SUBMIT, Act.ASK_EXTENSION, Act.DECLINE}
    if task.role == Role.COOPERATING:
        ours -= {Act.SUBMIT}
    if task.held:
        ours -= {Act.ASK_EXTENSION}
    state = State(task.state)
    return frozenset(act.value for act in ours if (state, act) in TRANSITIONS)


def _waiting(source: Any, task_id: int) -> Any:
    return select(source).where(source.c.unit_task_id == task_id, source.c.decided_at.is_(None)).limit(1)


def _parts(connection: Connection, item_id: int) -> Any:
    return connection.execute(
        select(_UNIT.c.name, _PART.c.role)
        .join(_UNIT, _UNIT.c.id == _PART.c.unit_id)
        .where(_PART.c.item_id == item_id)
        .order_by(_PART.c.role != Role.LEAD, _PART.c.role != Role.HANDLING, _PART.c.id)
    ).all()


def _pieces(connection: Connection, task_id: int) -> Iterator[Piece]:
    chosen = select(_EVIDENCE, _FILE.c.media_type, _FILE.c.size).join(
        _FILE, _FILE.c.sha256 == _EVIDENCE.c.sha256
    )
    for row in connection.execute(chosen.where(_EVIDENCE.c.unit_task_id == task_id).order_by(_EVIDENCE.c.id)):
        yield Piece(
            row.id,
            row.name,
            row.version,
            row.media_type,
            row.size,
            row.sha256,
            row.effective_on,
            row.uploaded_at,
            row.submission_id is None,
        )


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

"""What waits for a decision of the supervision office or a leader, by kind; overdue tasks and the oldest first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, String, case, cast, false, func, literal, null, select, true

from domain.unit_task import OPEN, State
from models.columns import table
from models.directive import Directive, Item
from models.engine import Incident
from models.organisation import Account, Unit
from models.paper import Letter, LetterState, Mail
from models.rectification import Rectification, RectificationState
from models.unit_task import Dispute, Extension, UnitTask
from services.access import sees_letter, sees_mail, sees_rectification, sees_site, sees_unit_task
from services.mails import MAIL_UNDELIVERABLE
from services.office import Office
from services.sign_in import SignedIn
from store.sessions import reading

_TASK, _ITEM, _DIRECTIVE, _UNIT = table(UnitTask), table(Item), table(Directive), table(Unit)
_EXTENSION, _DISPUTE, _RECTIFICATION = table(Extension), table(Dispute), table(Rectification)
_LETTER, _MAIL, _ACCOUNT, _INCIDENT = table(Letter), table(Mail), table(Account), table(Incident)
AT_A_GLANCE = 8
"""Rows of one kind while all kinds are shown."""
PAGE = 50
TEXT_SHOWN = 120


class Waiting(StrEnum):
    """What kind of thing waits, in the order in which it is shown."""

    REVIEW = "review"
    EXTENSION = "extension"
    DISPUTE = "dispute"
    RECTIFICATION = "rectification"
    LETTER = "letter"
    MAIL = "mail"
    INCIDENT = "incident"


@dataclass(frozen=True)
class Waits:
    """One thing that waits. `since`: it lies here; `by`: the deadline it is about; `path`: where it is decided."""

    id: int
    path: str
    title: str
    about: str
    unit: str
    since: datetime
    by: datetime | None = None
    overdue: bool = False


@dataclass(frozen=True)
class Heap:
    """Everything of one kind: how many there are, and those shown."""

    kind: Waiting
    count: int
    rows: tuple[Waits, ...]


@dataclass(frozen=True)
class Queue:
    """All heaps; `only` is the kind alone shown, `page` which of its pages (from 1)."""

    heaps: tuple[Heap, ...]
    only: Waiting | None
    page: int

    @property
    def count(self) -> int:
        """How much waits in all."""
        return sum(heap.count for heap in self.heaps)

    @property
    def more(self) -> bool:
        """Whether the kind shown alone has a further page."""
        return any(heap.kind is self.only and heap.count > self.page * PAGE for heap in self.heaps)


def queue(office: Office, me: SignedIn, now: datetime, only: Waiting | None = None, page: int = 1) -> Queue:
    """What waits in the reader's part of the tree at `now`."""
    with reading(office.engine) as session:
        connection = session.connection()
        heaps = tuple(_heap(connection, me, now, kind, only, page) for kind in Waiting)
    return Queue(heaps, only, page)


def _heap(  # noqa: PLR0913, PLR0917 -- one kind of the queue, as the page asks for it
    connection: Connection, me: SignedIn, now: datetime, kind: Waiting, only: Waiting | None, page: int
) -> Heap:
    chosen = _CHOSEN[kind](me, now)
    count = int(
        connection.execute(select(func.count()).select_from(chosen.order_by(None).subquery())).scalar_one()
    )
    if only not in (None, kind):
        return Heap(kind, count, ())
    size, skipped = (PAGE, (page - 1) * PAGE) if only else (AT_A_GLANCE, 0)
    return Heap(kind, count, tuple(_rows(connection, kind, chosen.limit(size).offset(skipped))))


def _rows(connection: Connection, kind: Waiting, chosen: Select[Any]) -> Iterator[Waits]:
    for row in connection.execute(chosen):
        yield Waits(
            id=row.id,
            path=_PATHS[kind] % row.target,
            title=row.title[:TEXT_SHOWN],
            about=row.about,
            unit=row.unit,
            since=row.since,
            by=row.by,
            overdue=bool(row.overdue),
        )


def _in_order(columns: dict[str, Any], now: datetime) -> Select[Any]:
    """Those columns, `by` with whether it has passed; what has comes first, then the oldest."""
    by = columns.get("by", null())
    overdue: Any = case((by <= now, 1), else_=0) if "by" in columns else literal(0)
    named = columns | {"by": by, "overdue": overdue}
    return select(*(column.label(name) for name, column in named.items())).order_by(
        *([overdue.desc()] if "by" in columns else []), columns["since"], columns["id"]
    )


def _of_tasks(me: SignedIn, now: datetime, row_id: Any, since: Any) -> Select[Any]:
    """Columns of what is about a unit task, before the row's own table is joined."""
    columns: dict[str, Any] = {
        "id": row_id,
        "target": _TASK.c.id,
        "title": _ITEM.c.text,
        "about": _DIRECTIVE.c.title,
    }
    columns |= {"unit": _UNIT.c.name, "since": since, "by": _TASK.c.deadline}
    return _in_order(columns, now).where(sees_unit_task(me))


_ON_TASK = (
    _TASK.join(_ITEM, _ITEM.c.id == _TASK.c.item_id)
    .join(_DIRECTIVE, _DIRECTIVE.c.id == _ITEM.c.directive_id)
    .join(_UNIT, _UNIT.c.id == _TASK.c.unit_id)
)


def _reviews(me: SignedIn, now: datetime) -> Select[Any]:
    chosen = _of_tasks(me, now, _TASK.c.id, _TASK.c.submitted_at).select_from(_ON_TASK)
    return chosen.where(_TASK.c.state == State.SUBMITTED)


def _extensions(me: SignedIn, now: datetime) -> Select[Any]:
    chosen = _of_tasks(me, now, _EXTENSION.c.id, _EXTENSION.c.asked_at)
    joined = _ON_TASK.join(_EXTENSION, _EXTENSION.c.unit_task_id == _TASK.c.id)
    return chosen.select_from(joined).where(_EXTENSION.c.decided_at.is_(None), _TASK.c.state.in_(OPEN))


def _disputes(me: SignedIn, now: datetime) -> Select[Any]:
    chosen = _of_tasks(me, now, _DISPUTE.c.id, _DISPUTE.c.raised_at)
    joined = _ON_TASK.join(_DISPUTE, _DISPUTE.c.unit_task_id == _TASK.c.id)
    return chosen.select_from(joined).where(_DISPUTE.c.decided_at.is_(None), _TASK.c.state.in_(OPEN))


def _rectifications(me: SignedIn, now: datetime) -> Select[Any]:
    columns: dict[str, Any] = {
        "id": _RECTIFICATION.c.id,
        "target": _RECTIFICATION.c.id,
        "title": _RECTIFICATION.c.problem,
    }
    columns |= {"about": _DIRECTIVE.c.title, "unit": _UNIT.c.name, "since": _RECTIFICATION.c.submitted_at}
    joined = (
        _RECTIFICATION.join(_ITEM, _ITEM.c.id == _RECTIFICATION.c.item_id)
        .join(_DIRECTIVE, _DIRECTIVE.c.id == _ITEM.c.directive_id)
        .join(_UNIT, _UNIT.c.id == _RECTIFICATION.c.unit_id)
    )
    chosen = _in_order(columns | {"by": _RECTIFICATION.c.deadline}, now).select_from(joined)
    return chosen.where(sees_rectification(me), _RECTIFICATION.c.state == RectificationState.SUBMITTED)


def _letters(me: SignedIn, now: datetime) -> Select[Any]:
    columns = {
        "id": _LETTER.c.id,
        "target": _LETTER.c.id,
        "title": _LETTER.c.title,
        "about": _DIRECTIVE.c.title,
    }
    columns |= {"unit": _UNIT.c.name, "since": _LETTER.c.drafted_at}
    joined = _LETTER.join(_DIRECTIVE, _DIRECTIVE.c.id == _LETTER.c.directive_id).join(
        _UNIT, _UNIT.c.id == _LETTER.c.issuer_id
    )
    chosen = _in_order(columns, now).select_from(joined)
    return chosen.where(sees_letter(me), _LETTER.c.state == LetterState.DRAFT)


def _mails(me: SignedIn, now: datetime) -> Select[Any]:
    """Mails that were refused or given up and whose incident nobody has settled yet."""
    columns: dict[str, Any] = {
        "id": _MAIL.c.id,
        "target": _MAIL.c.id,
        "title": _MAIL.c.recipient,
        "about": _MAIL.c.answer,
    }
    columns |= {"unit": func.coalesce(_UNIT.c.name, ""), "since": _INCIDENT.c.opened_at}
    incident = _INCIDENT.c.key == literal("mail/") + cast(_MAIL.c.id, String)
    joined = (
        _INCIDENT.join(_MAIL, incident)
        .join(_ACCOUNT, _ACCOUNT.c.id == _MAIL.c.account_id)
        .outerjoin(_UNIT, _UNIT.c.id == _ACCOUNT.c.unit_id)
    )
    chosen = _in_order(columns, now).select_from(joined)
    return chosen.where(
        sees_mail(me), _INCIDENT.c.closed_at.is_(None), _INCIDENT.c.kind == MAIL_UNDELIVERABLE
    )


def _incidents(me: SignedIn, now: datetime) -> Select[Any]:
    columns: dict[str, Any] = {
        "id": _INCIDENT.c.id,
        "target": _INCIDENT.c.id,
        "title": _INCIDENT.c.kind,
        "about": _INCIDENT.c.detail,
    }
    columns |= {"unit": literal(""), "since": _INCIDENT.c.opened_at}
    open_ones = (_INCIDENT.c.closed_at.is_(None), _INCIDENT.c.kind != MAIL_UNDELIVERABLE)
    return _in_order(columns, now).where(*open_ones, true() if sees_site(me) else false())


_CHOSEN: dict[Waiting, Callable[[SignedIn, datetime], Select[Any]]] = {
    Waiting.REVIEW: _reviews,
    Waiting.EXTENSION: _extensions,
    Waiting.DISPUTE: _disputes,
    Waiting.RECTIFICATION: _rectifications,
    Waiting.LETTER: _letters,
    Waiting.MAIL: _mails,
    Waiting.INCIDENT: _incidents,
}
_PATHS = {
    Waiting.REVIEW: "/unit-tasks/%s/review",
    Waiting.EXTENSION: "/unit-tasks/%s/review#extension",
    Waiting.DISPUTE: "/unit-tasks/%s/review#dispute",
    Waiting.RECTIFICATION: "/rectifications/%s",
    Waiting.LETTER: "/letters/%s",
    Waiting.MAIL: "/mails/%s",
    Waiting.INCIDENT: "/incidents/%s",
}

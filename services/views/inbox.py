"""The in-app inbox of a unit: what it was told, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from domain.errors import NotFoundError
from models.columns import table
from models.directive import Directive, Item
from models.organisation import Unit
from models.paper import Letter, LetterState, Notice, NoticeKind
from models.unit_task import UnitTask
from services.office import Office
from store.sessions import reading

_NOTICE, _ITEM, _DIRECTIVE = table(Notice), table(Item), table(Directive)
_LETTER, _TASK, _UNIT = table(Letter), table(UnitTask), table(Unit)
SHOWN = 50
TEXT_SHOWN = 120


@dataclass(frozen=True)
class InboxNotice:
    """One telling. `path` is the page it is about; `unit` is whose task it is, `letter` the issued letter's number."""

    id: int
    kind: str
    at: datetime
    unread: bool
    directive: str
    number: str
    text: str
    unit: str
    deadline: datetime
    letter_kind: str
    letter: str
    path: str


@dataclass(frozen=True)
class Inbox:
    """A page of notices. `older` is the id to ask for more before, None at the end; `newest` the id of all notices' last."""

    notices: tuple[InboxNotice, ...]
    unread: int
    in_all: int
    newest: int
    older: int | None


def unread_of(office: Office, unit_id: int | None) -> int:
    """How many notices of the unit nobody has opened yet; 0 for somebody without a unit."""
    with reading(office.engine) as session:
        return int(session.connection().execute(_count(unit_id, _NOTICE.c.read_at.is_(None))).scalar_one())


def inbox(office: Office, unit_id: int | None, *, before: int | None = None, unread: bool = False) -> Inbox:
    """The notices told to a unit, from the newest or from the one before an id; with `unread` only those not opened."""
    only = (_NOTICE.c.read_at.is_(None),) if unread else ()
    earlier = () if before is None else (_NOTICE.c.id < before,)
    with reading(office.engine) as session:
        connection = session.connection()
        chosen = _chosen().where(*_told(unit_id), *only, *earlier)
        rows = connection.execute(chosen.order_by(_NOTICE.c.id.desc()).limit(SHOWN + 1)).all()
        newest = connection.execute(select(func.max(_NOTICE.c.id)).where(*_told(unit_id))).scalar()
        return Inbox(
            notices=tuple(_notice(row) for row in rows[:SHOWN]),
            unread=int(connection.execute(_count(unit_id, _NOTICE.c.read_at.is_(None))).scalar_one()),
            in_all=int(connection.execute(_count(unit_id)).scalar_one()),
            newest=newest or 0,
            older=rows[SHOWN - 1].id if len(rows) > SHOWN else None,
        )


def notice_of(office: Office, unit_id: int | None, notice_id: int) -> InboxNotice:
    """One notice told to the unit. Raises NotFoundError for any other."""
    with reading(office.engine) as session:
        chosen = _chosen().where(*_told(unit_id), _NOTICE.c.id == notice_id)
        row = session.connection().execute(chosen).first()
    if row is None:
        raise NotFoundError("There is no notice %(id)s.", id=notice_id)
    return _notice(row)


def _told(unit_id: int | None) -> tuple[ColumnElement[bool], ...]:
    return (_NOTICE.c.unit_id == unit_id, _NOTICE.c.kind != NoticeKind.SUPERSEDED)


def _count(unit_id: int | None, *which: ColumnElement[bool]) -> Any:
    return select(func.count()).select_from(_NOTICE).where(*_told(unit_id), *which)


def _chosen() -> Any:
    return (
        select(
            _NOTICE, _DIRECTIVE.c.title, _ITEM.c.number, _ITEM.c.text, _TASK.c.deadline, _UNIT.c.name,
            _LETTER.c.kind.label("letter_kind"), _LETTER.c.state.label("letter_state"), _LETTER.c.document_number,
        )
        .join(_ITEM, _ITEM.c.id == _NOTICE.c.item_id)
        .join(_DIRECTIVE, _DIRECTIVE.c.id == _ITEM.c.directive_id)
        .join(_TASK, _TASK.c.id == _NOTICE.c.unit_task_id)
        .join(_UNIT, _UNIT.c.id == _TASK.c.unit_id)
        .outerjoin(_LETTER, _LETTER.c.id == _NOTICE.c.letter_id)
    )  # fmt: skip


def _notice(row: Row[Any]) -> InboxNotice:
    return InboxNotice(
        id=row.id,
        kind=row.kind,
        at=row.at,
        unread=row.read_at is None,
        directive=row.title,
        number=row.number,
        text=row.text[:TEXT_SHOWN],
        unit=row.name,
        deadline=row.deadline,
        letter_kind=row.letter_kind or "",
        letter=row.document_number or "",
        path=_path(row),
    )


def _path(row: Row[Any]) -> str:
    if row.letter_state == LetterState.ISSUED:
        return f"/letters/{row.letter_id}"
    if row.rectification_id:
        return f"/rectifications/{row.rectification_id}"
    return f"/unit-tasks/{row.unit_task_id}"

"""Lists that people look through, a page after the last id seen: directives, unit tasks, letters, rectifications."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select

from domain.errors import NotFoundError
from letters.compose import plain_text
from models.columns import table
from models.directive import Directive, Item
from models.organisation import Unit
from models.paper import Letter
from models.rectification import Rectification
from models.unit_task import Dispute, Extension, UnitTask
from services.figures import is_overdue
from services.office import Office
from store.sessions import reading

_DIRECTIVE, _ITEM, _UNIT, _LETTER = table(Directive), table(Item), table(Unit), table(Letter)
_TASK, _EXTENSION, _DISPUTE, _RECTIFICATION = (
    table(UnitTask),
    table(Extension),
    table(Dispute),
    table(Rectification),
)
ROWS_A_PAGE = 50

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Wanted:
    """Which rows: of one unit, in one state, of one directive, after the last id seen. Empty means any."""

    unit_id: int | None = None
    state: str = ""
    directive_id: int | None = None
    after: int = 0
    limit: int = ROWS_A_PAGE


def directives(office: Office, wanted: Wanted) -> Rows:
    """Directives by id: title, state, when published and closed."""
    c = _DIRECTIVE.c
    columns = (c.id, c.title, c.state, c.published_at, c.starts_at, c.closed_at, c.next_moment)
    return _page(office, select(*columns), _DIRECTIVE, wanted)


def unit_tasks(office: Office, wanted: Wanted, now: datetime) -> Rows:
    """Unit tasks with their item, unit, deadline, whether they are overdue, and the requests that wait for an answer."""
    waiting_extension = (
        select(_EXTENSION.c.id)
        .where(_EXTENSION.c.unit_task_id == _TASK.c.id, _EXTENSION.c.decided_at.is_(None))
        .limit(1)
        .scalar_subquery()
    )
    waiting_dispute = (
        select(_DISPUTE.c.id)
        .where(_DISPUTE.c.unit_task_id == _TASK.c.id, _DISPUTE.c.decided_at.is_(None))
        .limit(1)
        .scalar_subquery()
    )
    columns = (
        _TASK.c.id,
        _ITEM.c.directive_id,
        _ITEM.c.position.label("item"),
        _ITEM.c.number,
        _ITEM.c.text,
        _TASK.c.period,
        _UNIT.c.code.label("unit"),
        _UNIT.c.name.label("unit_name"),
        _TASK.c.role,
        _TASK.c.state,
        _TASK.c.progress,
        _TASK.c.assigned_at,
        _TASK.c.deadline,
        _TASK.c.original_deadline,
        is_overdue(now).label("overdue"),
        waiting_extension.label("extension"),
        waiting_dispute.label("dispute"),
    )
    chosen = (
        select(*columns).join(_ITEM, _ITEM.c.id == _TASK.c.item_id).join(_UNIT, _UNIT.c.id == _TASK.c.unit_id)
    )
    rows = _page(office, chosen, _TASK, wanted, directive=_ITEM.c.directive_id)
    return [row | {"overdue": bool(row["overdue"])} for row in rows]


def letters(office: Office, wanted: Wanted) -> Rows:
    """Letters by id: kind, state, number, title, and when each was drafted, signed and issued."""
    c = _LETTER.c
    columns = (
        c.id,
        c.directive_id,
        c.kind,
        c.state,
        c.document_number,
        c.title,
        c.drafted_at,
        c.signed_at,
        c.issue_at,
        c.issued_at,
    )
    return _page(office, select(*columns), _LETTER, wanted, directive=c.directive_id)


def letter_text(office: Office, letter_id: int) -> str:
    """The letter as plain text; one that has no number yet shows none. Raises NotFoundError."""
    chosen = select(_LETTER, _UNIT.c.name.label("issuer")).join(_UNIT, _UNIT.c.id == _LETTER.c.issuer_id)
    with reading(office.engine) as session:
        row = session.connection().execute(chosen.where(_LETTER.c.id == letter_id)).first()
    if row is None:
        raise NotFoundError("There is no letter %(id)s.", id=letter_id)
    return text_of(row)


def text_of(row: Row[Any]) -> str:
    """A row of `letter`, with the name of its issuer, as plain text."""
    return plain_text(
        row.content, row.document_number, row.issuer, row.dated_on.isoformat() if row.dated_on else ""
    )


def rectifications(office: Office, wanted: Wanted) -> Rows:
    """Rectifications by id: unit, problem, state, when a reply and when the mending is due."""
    c = _RECTIFICATION.c
    columns = (
        c.id,
        c.unit_task_id,
        _UNIT.c.code.label("unit"),
        _UNIT.c.name.label("unit_name"),
        c.problem,
        c.state,
        c.reply_by,
        c.deadline,
        c.failed_times,
        c.verified_at,
    )
    chosen = select(*columns).join(_UNIT, _UNIT.c.id == c.unit_id).join(_ITEM, _ITEM.c.id == c.item_id)
    return _page(office, chosen, _RECTIFICATION, wanted, directive=_ITEM.c.directive_id)


def _page(
    office: Office,
    chosen: Select[Any],
    source: Any,
    wanted: Wanted,
    *,
    directive: ColumnElement[int] | None = None,
) -> Rows:
    """The rows after the last id seen, as plain objects."""
    chosen = chosen.where(source.c.id > wanted.after).order_by(source.c.id).limit(wanted.limit)
    if wanted.state:
        chosen = chosen.where(source.c.state == wanted.state)
    if wanted.unit_id is not None:
        chosen = chosen.where(source.c.unit_id == wanted.unit_id)
    if wanted.directive_id is not None and directive is not None:
        chosen = chosen.where(directive == wanted.directive_id)
    with reading(office.engine) as session:
        return [dict(row) for row in session.connection().execute(chosen).mappings()]

"""Lists for programs: what the reader may see, a page after the last id, as plain objects."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from models.columns import table
from models.directive import Directive, Item
from models.organisation import Unit
from models.paper import Letter, Notice, NoticeKind
from models.rectification import Rectification
from models.unit_task import Evidence, EvidenceFile, UnitTask
from services.access import sees_directive, sees_letter, sees_rectification, sees_unit_task
from services.figures import is_overdue
from services.office import Office
from services.sign_in import SignedIn
from store.sessions import reading

_DIRECTIVE, _ITEM, _UNIT, _TASK = table(Directive), table(Item), table(Unit), table(UnitTask)
_LETTER, _RECTIFICATION, _NOTICE = table(Letter), table(Rectification), table(Notice)
_EVIDENCE, _FILE = table(Evidence), table(EvidenceFile)
MOST = 200


@dataclass(frozen=True)
class Wanted:
    """Which page: at most `limit` rows (up to MOST) after the id `after`; in one state; of one directive or unit."""

    after: int = 0
    limit: int = 50
    state: str = ""
    directive_id: int | None = None
    unit_id: int | None = None


@dataclass(frozen=True)
class Listed:
    """A page. `next` is what to ask for `after`; None at the end."""

    rows: list[dict[str, Any]]
    next: int | None


def list_directives(office: Office, me: SignedIn, wanted: Wanted) -> Listed:
    """Directives by id."""
    c = _DIRECTIVE.c
    columns = (
        c.id,
        c.title,
        c.state,
        c.issuer_id,
        c.published_at,
        c.starts_at,
        c.closed_at,
        c.horizon,
        c.version,
    )
    return _page(office, select(*columns).where(sees_directive(me)), _DIRECTIVE, wanted)


def list_items(office: Office, me: SignedIn, wanted: Wanted) -> Listed:
    """The items of directives, by id."""
    c = _ITEM.c
    columns = (c.id, c.directive_id, c.position, c.number, c.text, c.frequency, c.due_on, c.state, c.version)
    chosen = select(*columns).join(_DIRECTIVE, _DIRECTIVE.c.id == c.directive_id).where(sees_directive(me))
    return _page(office, chosen, _ITEM, wanted, directive=c.directive_id)


def list_unit_tasks(office: Office, me: SignedIn, wanted: Wanted, now: datetime) -> Listed:
    """Unit tasks by id, with whether each is overdue now."""
    c = _TASK.c
    columns = (
        c.id, c.item_id, _ITEM.c.directive_id, _ITEM.c.number, _ITEM.c.text, c.period, c.unit_id,
        _UNIT.c.code.label("unit_code"), _UNIT.c.name.label("unit_name"), c.role, c.state, c.held, c.progress,
        c.assigned_at, c.acknowledge_by, c.acknowledged_at, c.deadline, c.original_deadline, c.submitted_at,
        c.closed_at, c.version, is_overdue(now).label("overdue"),
    )  # fmt: skip
    joined = select(*columns).join(_ITEM, _ITEM.c.id == c.item_id).join(_UNIT, _UNIT.c.id == c.unit_id)
    found = _page(office, joined.where(sees_unit_task(me)), _TASK, wanted, directive=_ITEM.c.directive_id)
    return Listed([row | {"overdue": bool(row["overdue"])} for row in found.rows], found.next)


def list_letters(office: Office, me: SignedIn, wanted: Wanted) -> Listed:
    """Letters by id."""
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
        c.issued_at,
    )
    chosen = select(*columns).where(sees_letter(me))
    return _page(office, chosen, _LETTER, wanted, directive=c.directive_id)


def list_rectifications(office: Office, me: SignedIn, wanted: Wanted) -> Listed:
    """Rectifications by id."""
    c = _RECTIFICATION.c
    columns = (
        c.id, c.letter_id, c.unit_task_id, c.unit_id, c.problem, c.state, c.opened_at, c.reply_by, c.deadline,
        c.failed_times, c.verified_at, c.version,
    )  # fmt: skip
    chosen = select(*columns).join(_ITEM, _ITEM.c.id == c.item_id).where(sees_rectification(me))
    return _page(office, chosen, _RECTIFICATION, wanted, directive=_ITEM.c.directive_id)


def list_notices(office: Office, me: SignedIn, wanted: Wanted) -> Listed:
    """The inbox of the reader's own unit, by id."""
    c = _NOTICE.c
    columns = (c.id, c.kind, c.item_id, c.unit_task_id, c.letter_id, c.clock, c.rung, c.at, c.read_at)
    mine = (c.unit_id == me.actor.unit_id, c.kind != NoticeKind.SUPERSEDED)
    return _page(office, select(*columns).where(*mine), _NOTICE, wanted)


def list_evidence(office: Office, me: SignedIn, unit_task_id: int) -> list[dict[str, Any]]:
    """The pieces of one unit task."""
    c = _EVIDENCE.c
    columns = (
        c.id,
        c.name,
        c.version,
        c.sha256,
        _FILE.c.media_type,
        _FILE.c.size,
        c.effective_on,
        c.uploaded_at,
        c.submission_id,
    )
    joined = (
        select(*columns).join(_FILE, _FILE.c.sha256 == c.sha256).join(_TASK, _TASK.c.id == c.unit_task_id)
    )
    chosen = joined.where(c.unit_task_id == unit_task_id, sees_unit_task(me)).order_by(c.id)
    with reading(office.engine) as session:
        return [dict(row) for row in session.connection().execute(chosen).mappings()]


def _page(
    office: Office,
    chosen: Select[Any],
    source: Any,
    wanted: Wanted,
    *,
    directive: ColumnElement[int] | None = None,
) -> Listed:
    limit = min(wanted.limit, MOST)
    chosen = chosen.where(source.c.id > wanted.after).order_by(source.c.id).limit(limit + 1)
    if wanted.state and "state" in source.c:
        chosen = chosen.where(source.c.state == wanted.state)
    if wanted.unit_id is not None and "unit_id" in source.c:
        chosen = chosen.where(source.c.unit_id == wanted.unit_id)
    if wanted.directive_id is not None and directive is not None:
        chosen = chosen.where(directive == wanted.directive_id)
    with reading(office.engine) as session:
        rows = [dict(row) for row in session.connection().execute(chosen).mappings()]
    return Listed(rows[:limit], rows[limit - 1]["id"] if len(rows) > limit else None)

"""A unit's own history: its closed tasks, newest first, and the figures they come to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from domain.unit_task import CLOSED, State
from models.columns import table
from models.directive import Directive, Item
from models.unit_task import UnitTask
from services.office import Office
from services.views.cursor import Cursor, older_than
from store.sessions import reading

_TASK, _ITEM, _DIRECTIVE = table(UnitTask), table(Item), table(Directive)
SHOWN = 50
TEXT_SHOWN = 120


class Kind(StrEnum):
    """Which of the closed tasks are meant."""

    ALL = "all"
    IN_TIME = "in_time"
    """Accepted, and handed in by the deadline."""
    LATE = "late"
    """Accepted, and handed in after the deadline."""
    WITH_LEAD = "with_lead"
    """Closed with the lead unit's, which reported for it."""
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    """Returned at least once on the way, however it ended."""
    EXTENDED = "extended"
    """Given more time at least once."""


@dataclass(frozen=True)
class ClosedUnitTask:
    """One row."""

    id: int
    directive: str
    number: str
    text: str
    period: str
    role: str
    state: str
    deadline: datetime
    submitted_at: datetime | None
    closed_at: datetime
    late: bool
    returned_times: int


@dataclass(frozen=True)
class ClosedUnitTasks:
    """A page of them. `figures` count all of the directive chosen, by kind; `directives` are those one can choose."""

    unit_tasks: tuple[ClosedUnitTask, ...]
    figures: dict[Kind, int]
    directives: tuple[tuple[int, str], ...]
    older: str


@dataclass(frozen=True)
class Which:
    """The filter in the address."""

    kind: Kind = Kind.ALL
    directive_id: int | None = None


def closed_unit_tasks(
    office: Office, unit_id: int, which: Which, before: Cursor | None = None
) -> ClosedUnitTasks:
    """The closed tasks of one unit."""
    mine: tuple[ColumnElement[bool], ...] = (_TASK.c.unit_id == unit_id, _TASK.c.state.in_(CLOSED))
    of_directive = () if which.directive_id is None else (_DIRECTIVE.c.id == which.directive_id,)
    joined = _TASK.join(_ITEM, _ITEM.c.id == _TASK.c.item_id).join(
        _DIRECTIVE, _DIRECTIVE.c.id == _ITEM.c.directive_id
    )
    sums = [func.coalesce(func.sum(case((_is(kind), 1), else_=0)), 0) for kind in Kind]
    chosen = (
        select(_TASK, _ITEM.c.number, _ITEM.c.text, _DIRECTIVE.c.title, _is(Kind.LATE).label("late"))
        .select_from(joined)
        .where(*mine, *of_directive, _is(which.kind), *older_than(before, _TASK.c.closed_at, _TASK.c.id))
        .order_by(_TASK.c.closed_at.desc(), _TASK.c.id.desc())
        .limit(SHOWN + 1)
    )
    known = select(_DIRECTIVE.c.id, _DIRECTIVE.c.title).select_from(joined).where(*mine).distinct()
    with reading(office.engine) as session:
        connection = session.connection()
        rows = connection.execute(chosen).all()
        counted = connection.execute(select(*sums).select_from(joined).where(*mine, *of_directive)).one()
        directives = tuple((row.id, row.title) for row in connection.execute(known.order_by(_DIRECTIVE.c.id)))
    last = rows[SHOWN - 1] if len(rows) > SHOWN else None
    return ClosedUnitTasks(
        unit_tasks=tuple(_closed(row) for row in rows[:SHOWN]),
        figures={kind: int(count) for kind, count in zip(Kind, counted, strict=True)},
        directives=directives,
        older=Cursor(last.closed_at, last.id).text if last else "",
    )


def _is(kind: Kind) -> ColumnElement[Any]:
    accepted = and_(_TASK.c.state == State.ACCEPTED, _TASK.c.closed_with_lead.is_(False))
    conditions: dict[Kind, ColumnElement[Any]] = {
        Kind.ALL: _TASK.c.id.is_not(None),
        Kind.IN_TIME: and_(accepted, _TASK.c.submitted_at <= _TASK.c.deadline),
        Kind.LATE: and_(accepted, _TASK.c.submitted_at > _TASK.c.deadline),
        Kind.WITH_LEAD: and_(_TASK.c.state == State.ACCEPTED, _TASK.c.closed_with_lead),
        Kind.WITHDRAWN: _TASK.c.state == State.WITHDRAWN,
        Kind.RETURNED: _TASK.c.returned_times > 0,
        Kind.EXTENDED: _TASK.c.extended_times > 0,
    }
    return conditions[kind]


def _closed(row: Any) -> ClosedUnitTask:
    return ClosedUnitTask(
        id=row.id,
        directive=row.title,
        number=row.number,
        text=row.text[:TEXT_SHOWN],
        period=row.period,
        role=row.role,
        state=row.state,
        deadline=row.deadline,
        submitted_at=row.submitted_at,
        closed_at=row.closed_at,
        late=bool(row.late),
        returned_times=row.returned_times,
    )

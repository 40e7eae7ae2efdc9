"""How far a directive is, by item and by unit, a page at a time.

A page of items is a range of positions, a page of units the next ones after a unit. Only the page's own unit
tasks are counted: a page of items costs the same however many items there are, a page of units however many
units there are, and both wherever they lie.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, exists, func, select

from domain.errors import NotFoundError
from domain.unit_task import CLOSED, OPEN, Role, State
from models.columns import table
from models.directive import Directive, Item, ItemUnit
from models.organisation import Unit
from models.unit_task import UnitTask
from services.figures import is_overdue
from services.office import Office
from store.sessions import reading

_DIRECTIVE, _ITEM, _PART, _UNIT, _TASK = (
    table(Directive),
    table(Item),
    table(ItemUnit),
    table(Unit),
    table(UnitTask),
)
ITEMS_A_PAGE = 20
UNITS_A_PAGE = 20
NAMES_SHOWN = 5
NOBODY: tuple[int, tuple[str, ...]] = (0, ())


@dataclass(frozen=True)
class Progress:
    """Counts over some unit tasks. `progress` is the mean of what was reported, in per cent, withdrawn ones left out."""

    unit_tasks: int = 0
    open: int = 0
    acknowledged: int = 0
    submitted: int = 0
    accepted: int = 0
    overdue: int = 0
    progress: int = 0


@dataclass(frozen=True)
class ItemStatus:
    """One item. `units` are the first names of those that take part, leads first; `parts` is how many do."""

    position: int
    number: str
    text: str
    state: str
    frequency: str
    due_on: str | None
    parts: int
    units: tuple[str, ...]
    next_moment: datetime | None
    progress: Progress


@dataclass(frozen=True)
class UnitStatus:
    """One unit's share of the directive."""

    code: str
    name: str
    progress: Progress


@dataclass(frozen=True)
class DirectiveStatus:
    """A directive with one page of its items."""

    id: int
    title: str
    state: str
    published_at: datetime | None
    starts_at: datetime | None
    closed_at: datetime | None
    items_in_all: int
    page: int
    pages: int
    items: tuple[ItemStatus, ...]


@dataclass(frozen=True)
class UnitPage:
    """One page of the units of a directive. `next_unit` is the code to ask for more after, None at the end."""

    units: tuple[UnitStatus, ...]
    next_unit: str | None


def directive_status(office: Office, directive_id: int, now: datetime, *, page: int = 1) -> DirectiveStatus:
    """A directive with the page of its items that has the number `page`, from 1. Raises NotFoundError."""
    with reading(office.engine) as session:
        connection = session.connection()
        row = connection.execute(select(_DIRECTIVE).where(_DIRECTIVE.c.id == directive_id)).first()
        if row is None:
            raise NotFoundError("There is no directive %(id)s.", id=directive_id)
        last = connection.execute(
            select(func.max(_ITEM.c.position)).where(_ITEM.c.directive_id == directive_id)
        ).scalar_one()
        pages = max(1, -(-(last or 0) // ITEMS_A_PAGE))
        if not 1 <= page <= pages:
            raise NotFoundError("There is no page %(page)s: the last one is %(last)s.", page=page, last=pages)
        return DirectiveStatus(
            id=row.id,
            title=row.title,
            state=row.state,
            published_at=row.published_at,
            starts_at=row.starts_at,
            closed_at=row.closed_at,
            items_in_all=last or 0,
            page=page,
            pages=pages,
            items=_items(connection, directive_id, now, page),
        )


def _items(connection: Connection, directive_id: int, now: datetime, page: int) -> tuple[ItemStatus, ...]:
    first = (page - 1) * ITEMS_A_PAGE + 1
    on_page = (
        _ITEM.c.directive_id == directive_id,
        _ITEM.c.position.between(first, first + ITEMS_A_PAGE - 1),
    )
    rows = connection.execute(select(_ITEM).where(*on_page).order_by(_ITEM.c.position)).all()
    ids = [row.id for row in rows]
    progress = _progress(connection, _TASK.c.item_id, now, _TASK.c.item_id.in_(ids))
    parts = _parts(connection, ids)
    return tuple(
        ItemStatus(
            position=row.position,
            number=row.number,
            text=row.text,
            state=row.state,
            frequency=row.frequency,
            due_on=row.due_on.isoformat() if row.due_on else None,
            parts=parts.get(row.id, NOBODY)[0],
            units=parts.get(row.id, NOBODY)[1],
            next_moment=row.next_moment,
            progress=progress.get(row.id, Progress()),
        )
        for row in rows
    )


def _parts(connection: Connection, items: Iterable[int]) -> dict[int, tuple[int, tuple[str, ...]]]:
    """How many units take part in each item, and the names of the first few, leads first."""
    rank = case({Role.LEAD.value: 0, Role.HANDLING.value: 1}, value=_PART.c.role, else_=2)
    place = func.row_number().over(partition_by=_PART.c.item_id, order_by=(rank, _PART.c.id))
    among = func.count().over(partition_by=_PART.c.item_id)
    ranked = (
        select(_PART.c.item_id, _PART.c.unit_id, place.label("place"), among.label("among"))
        .where(_PART.c.item_id.in_(items))
        .subquery()
    )
    named = (
        select(ranked.c.item_id, ranked.c.among, _UNIT.c.name)
        .join(_UNIT, _UNIT.c.id == ranked.c.unit_id)
        .where(ranked.c.place <= NAMES_SHOWN)
        .order_by(ranked.c.item_id, ranked.c.place)
    )
    found: dict[int, tuple[int, tuple[str, ...]]] = {}
    for item_id, parts, name in connection.execute(named):
        found[item_id] = (parts, (*found.get(item_id, NOBODY)[1], name))
    return found


def unit_status(office: Office, directive_id: int, now: datetime, *, after: str = "") -> UnitPage:
    """The next units that have a task of the directive, after the one with that code, in the order of their import.

    Raises NotFoundError for a code that no unit has; an unknown directive has no units.
    """
    with reading(office.engine) as session:
        return _units(session.connection(), directive_id, now, after)


def _units(connection: Connection, directive_id: int, now: datetime, after: str) -> UnitPage:
    start = 0
    if after:
        found = connection.execute(select(_UNIT.c.id).where(_UNIT.c.code == after)).scalar()
        if found is None:
            raise NotFoundError("No unit has the code %(code)s.", code=after)
        start = found
    mine = _TASK.c.item_id.in_(select(_ITEM.c.id).where(_ITEM.c.directive_id == directive_id))
    taking_part = (
        select(_UNIT.c.id, _UNIT.c.code, _UNIT.c.name)
        .where(_UNIT.c.id > start, exists().where(_TASK.c.unit_id == _UNIT.c.id, mine))
        .order_by(_UNIT.c.id)
        .limit(UNITS_A_PAGE + 1)
    )
    rows = connection.execute(taking_part).all()
    shown = rows[:UNITS_A_PAGE]
    of_page = _TASK.c.unit_id.in_([row.id for row in shown])
    progress = _progress(connection, _TASK.c.unit_id, now, of_page, mine)
    units = tuple(UnitStatus(row.code, row.name, progress[row.id]) for row in shown)
    return UnitPage(units, shown[-1].code if len(rows) > len(shown) else None)


def _progress(
    connection: Connection, by: ColumnElement[int], now: datetime, *which: ColumnElement[bool]
) -> dict[int, Progress]:
    """The counts of the unit tasks that are meant, by a column."""

    def count(condition: ColumnElement[bool]) -> ColumnElement[Any]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    state = _TASK.c.state
    counted = (
        select(
            by.label("key"),
            func.count().label("unit_tasks"),
            count(state.in_(OPEN)).label("open"),
            count(_TASK.c.acknowledged_at.is_not(None)).label("acknowledged"),
            count(state == State.SUBMITTED).label("submitted"),
            count(state == State.ACCEPTED).label("accepted"),
            count(is_overdue(now)).label("overdue"),
            func.avg(case((state == State.ACCEPTED, 100), (state.in_(CLOSED), None), else_=_TASK.c.progress)),
        )
        .where(*which)
        .group_by(by)
    )
    return {row.key: _counts(row) for row in connection.execute(counted)}


def _counts(row: Row[Any]) -> Progress:
    values: tuple[Any, ...] = tuple(row)
    return Progress(*(int(value or 0) for value in values[1:]))

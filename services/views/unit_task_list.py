"""Unit tasks as a list: exactly the rows behind a number that stands on another page, a page at a time.

The filter is the address. A page begins after the last row of the one before (keyset), so it costs the same
wherever it lies.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select, tuple_

from domain.errors import NotFoundError, RefusedError
from models.columns import table
from models.directive import Directive, Item
from models.organisation import Unit
from models.unit_task import UnitTask
from services.access import directive_for, sees_unit
from services.office import Office
from services.sign_in import SignedIn
from services.views.counts import sight_of
from services.views.lights import Light, Moment, light_of
from services.views.unit_task_filter import TIMED, Sort, UnitTaskFilter, conditions, count_of
from store.sessions import reading

_TASK, _ITEM, _DIRECTIVE, _UNIT = table(UnitTask), table(Item), table(Directive), table(Unit)
A_PAGE = 50
TEXT_SHOWN = 120
MOST_EXPORTED = 50_000


@dataclass(frozen=True)
class ListedUnitTask:
    """One row. `due` is the clock that runs, or the deadline where none does."""

    id: int
    directive_id: int
    directive: str
    number: str
    text: str
    unit: str
    period: str
    role: str
    state: str
    held: bool
    due: datetime
    light: Light
    progress: int


@dataclass(frozen=True)
class UnitTaskList:
    """A page. `count` is how many the filter finds in all; `next` is what to ask for `after`. The names are those of the filter."""

    rows: tuple[ListedUnitTask, ...]
    count: int
    next: int | None
    directive: str
    item: str
    unit: str


def unit_task_list(
    office: Office, me: SignedIn, wanted: UnitTaskFilter, moment: Moment, after: int = 0
) -> UnitTaskList:
    """The page after the row with the id `after`.

    Raises NotFoundError where the filter names a directive, an item or a unit that the reader may not see.
    """
    keys = _order(wanted)
    with reading(office.engine) as session:
        connection = session.connection()
        named = _named(connection, me, wanted)
        sight = sight_of(connection, me)
        where = conditions(sight, wanted, moment)
        chosen = select(_TASK.c.id).where(*where).order_by(*keys).limit(A_PAGE + 1)
        if after:
            last = select(*(column.label(None) for column in keys)).where(_TASK.c.id == after)
            chosen = chosen.where(tuple_(*keys) > last.correlate(None).scalar_subquery())
        count = count_of(connection, sight, wanted, moment)
        ids = list(connection.execute(chosen).scalars())
        rows = connection.execute(_full().where(_TASK.c.id.in_(ids[:A_PAGE])).order_by(*keys)).all()
    return UnitTaskList(
        rows=tuple(_listed(row, moment) for row in rows),
        count=count,
        next=ids[A_PAGE - 1] if len(ids) > A_PAGE else None,
        directive=named.get("directive", ""),
        item=named.get("item", ""),
        unit=named.get("unit", ""),
    )


def exported(
    office: Office, me: SignedIn, wanted: UnitTaskFilter, moment: Moment
) -> Iterator[ListedUnitTask]:
    """Every row of the list in its order. Raises RefusedError where there are more than a file should hold."""
    with reading(office.engine) as session:
        connection = session.connection()
        _named(connection, me, wanted)
        sight = sight_of(connection, me)
        where = conditions(sight, wanted, moment)
        count = count_of(connection, sight, wanted, moment)
        if count > MOST_EXPORTED:
            raise RefusedError(
                "These are %(count)s rows, a file holds at most %(most)s: choose a directive, a unit or a state.",
                count=count,
                most=MOST_EXPORTED,
            )
        chosen = _full().where(*where).order_by(*_order(wanted)).execution_options(yield_per=1000)
        for row in connection.execute(chosen):
            yield _listed(row, moment, whole=True)


def _order(wanted: UnitTaskFilter) -> tuple[ColumnElement[Any], ...]:
    """The columns of the order, unique together; where a light has a clock that runs, its own column."""
    by = {
        Sort.DUE: _TASK.c.late_from if wanted.light in TIMED else _TASK.c.deadline,
        Sort.ITEM: _TASK.c.item_id,
        Sort.UNIT: _TASK.c.unit_id,
    }
    return (by[wanted.sort], _TASK.c.id)


def _named(connection: Connection, me: SignedIn, wanted: UnitTaskFilter) -> dict[str, str]:
    """The names of what the filter names, as far as the reader sees it."""
    found: dict[str, str] = {}
    if wanted.item is not None:
        item = connection.execute(select(_ITEM).where(_ITEM.c.id == wanted.item)).first()
        if item is None:
            raise NotFoundError("There is no item %(id)s.", id=wanted.item)
        directive_for(connection, me, item.directive_id)
        found["item"] = f"{item.number} {item.text}"
    if wanted.directive is not None:
        found["directive"] = directive_for(connection, me, wanted.directive).title
    if wanted.unit is not None:
        unit = select(_UNIT.c.name).where(_UNIT.c.id == wanted.unit, sees_unit(me, _UNIT.c.id))
        name = connection.execute(unit).scalar()
        if name is None:
            raise NotFoundError("There is no unit %(id)s.", id=wanted.unit)
        found["unit"] = name
    return found


def _full() -> Select[Any]:
    return (
        select(
            _TASK, _ITEM.c.number, _ITEM.c.text, _DIRECTIVE.c.title, _UNIT.c.name.label("unit_name")
        )
        .join(_ITEM, _ITEM.c.id == _TASK.c.item_id)
        .join(_DIRECTIVE, _DIRECTIVE.c.id == _TASK.c.directive_id)
        .join(_UNIT, _UNIT.c.id == _TASK.c.unit_id)
    )  # fmt: skip


def _listed(row: Row[Any], moment: Moment, *, whole: bool = False) -> ListedUnitTask:
    return ListedUnitTask(
        id=row.id,
        directive_id=row.directive_id,
        directive=row.title,
        number=row.number,
        text=row.text if whole else row.text[:TEXT_SHOWN],
        unit=row.unit_name,
        period=row.period,
        role=row.role,
        state=row.state,
        held=row.held,
        due=row.late_from or row.deadline,
        light=light_of(row.state, row.late_from, moment),
        progress=row.progress,
    )

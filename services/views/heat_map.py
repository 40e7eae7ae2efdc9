"""Where the red is: the units of a directive against its items, a window at a time, the worst corner first.

A cell is one unit's task for one item; of a recurring item its worst open round, or its last one where none is open.
Only the window's cells are read, each by its key, so a window costs the same however large the directive is.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from models.columns import table
from models.directive import ItemPeriod
from models.organisation import Unit
from models.unit_task import UnitTask
from services.access import directive_for
from services.office import Office
from services.sign_in import SignedIn
from services.views.counts import by_item, ranked_items, ranked_units, sight_of
from services.views.dashboard import UnitLights
from services.views.directive_page import ItemLights, item_lights, shown_to
from services.views.lights import Light, Lights, Moment, light_of, lights_of
from services.views.paging import Pager, page_of
from store.sessions import reading

_PERIOD, _TASK, _UNIT = table(ItemPeriod), table(UnitTask), table(Unit)
UNITS, ITEMS = 40, 40
"""The window."""
_RANK = {light: number for number, light in enumerate(Light)}
"""Worst first."""
_OVER = (Light.DONE, Light.NONE)


@dataclass(frozen=True)
class Cell:
    """A unit's task for an item."""

    unit_task_id: int
    light: Light


@dataclass(frozen=True)
class HeatMapRow:
    """A unit, the sums of its tasks over the whole directive, and its cell for each item of the window (None: no part)."""

    unit: UnitLights
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class HeatMap:
    """A window: its items with their sums over all units, its units with theirs over all items."""

    directive: Row[Any]
    items: tuple[ItemLights, ...]
    rows: tuple[HeatMapRow, ...]
    item_pages: Pager
    unit_pages: Pager


def heat_map(
    office: Office, me: SignedIn, directive_id: int, moment: Moment, pages: tuple[int, int] = (1, 1)
) -> HeatMap:
    """The window at that page of items and that page of units, from 1.

    Raises NotFoundError for a directive that the reader may not see, and for a window beyond its end.
    """
    with reading(office.engine) as session:
        connection = session.connection()
        directive = directive_for(connection, me, directive_id)
        sight = sight_of(connection, me)
        ranked = ranked_items(sight, moment, directive_id).where(*shown_to(sight, directive_id))
        item_rows, item_pages = page_of(connection, ranked, pages[0], ITEMS)
        unit_rows, unit_pages = page_of(
            connection, ranked_units(sight, moment, directive_id), pages[1], UNITS
        )
        items, units = [row.id for row in item_rows], [row.key for row in unit_rows]
        sums = by_item(connection, sight, item_rows)
        cells = _cells(connection, items, units, moment)
    return HeatMap(
        directive=directive,
        items=tuple(item_lights(row, sums.get(row.id, Lights())) for row in item_rows),
        rows=tuple(
            HeatMapRow(
                UnitLights(row.key, row.name, lights_of(row)),
                tuple(cells.get((item, row.key)) for item in items),
            )
            for row in unit_rows
        ),
        item_pages=item_pages,
        unit_pages=unit_pages,
    )


def _cells(
    connection: Connection, items: list[int], units: list[int], moment: Moment
) -> dict[tuple[int, int], Cell]:
    """The cells by item and unit. The units are ones the reader sees, so their tasks are as well."""
    later = _PERIOD.alias("later")
    last = select(func.max(later.c.id)).where(later.c.item_id == _PERIOD.c.item_id).scalar_subquery()
    theirs = (
        _TASK.c.item_id == _PERIOD.c.item_id,
        _TASK.c.period == _PERIOD.c.period,
        _TASK.c.unit_id == _UNIT.c.id,
    )
    chosen = (
        select(_TASK.c.id, _TASK.c.item_id, _TASK.c.unit_id, _TASK.c.state, _TASK.c.late_from)
        .select_from(_PERIOD)
        .join(_UNIT, _UNIT.c.id.in_(units))
        .outerjoin(_TASK, and_(*theirs))  # an outer join keeps SQLite from beginning with all tasks of a unit
        .where(_PERIOD.c.item_id.in_(items), or_(_PERIOD.c.closed_at.is_(None), _PERIOD.c.id == last))
        .order_by(_PERIOD.c.id)
    )
    found: dict[tuple[int, int], Cell] = {}
    for row in connection.execute(chosen):
        if row.id is None:
            continue
        light = light_of(row.state, row.late_from, moment)
        before = found.get((row.item_id, row.unit_id))
        if before is None or before.light in _OVER or _RANK[light] < _RANK[before.light]:
            found[row.item_id, row.unit_id] = Cell(row.id, light)
    return found

"""A directive: how far it is, which items and units hold it up, what happens next and when.

A reader sees the figures of the unit tasks in their own part of the tree; a unit sees only the items it takes part in.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from models.columns import table
from models.directive import Item, ItemState
from models.organisation import Unit
from models.unit_task import UnitTask
from services.access import OVERSEERS, directive_for
from services.office import Office
from services.sign_in import SignedIn
from services.views.counts import (
    Sight,
    apart,
    by_item,
    ranked_items,
    ranked_units,
    sight_of,
    sums_of,
    with_sums,
)
from services.views.dashboard import UnitLights
from services.views.lights import Lights, Moment, lights_of
from services.views.paging import Pager, page_of
from store.sessions import reading

_ITEM, _TASK, _UNIT = table(Item), table(UnitTask), table(Unit)
A_PAGE = 20
NEXT_SHOWN = 5
TEXT_SHOWN = 100


@dataclass(frozen=True)
class ItemLights:
    """An item and the lights of its unit tasks. `next_moment` is when its workflow looks at it again."""

    id: int
    number: str
    text: str
    state: str
    next_moment: datetime | None
    lights: Lights


@dataclass(frozen=True)
class DirectiveView:
    """A directive with one page of its items and one of its units, those that hold it up first."""

    directive: Row[Any]
    issuer: str
    lights: Lights
    coming: tuple[ItemLights, ...]
    """The open items at which something happens next, the first one first; their lights are not counted."""
    items: tuple[ItemLights, ...]
    item_pages: Pager
    units: tuple[UnitLights, ...]
    unit_pages: Pager


def directive_view(
    office: Office, me: SignedIn, directive_id: int, moment: Moment, pages: tuple[int, int] = (1, 1)
) -> DirectiveView:
    """A directive with the pages of its items and its units that have these numbers, from 1.

    Raises NotFoundError for a directive that the reader may not see, and for a page that is not there.
    """
    with reading(office.engine) as session:
        connection = session.connection()
        directive = directive_for(connection, me, directive_id)
        issuer = connection.execute(
            select(_UNIT.c.name).where(_UNIT.c.id == directive.issuer_id)
        ).scalar_one()
        sight = sight_of(connection, me)
        items = ranked_items(sight, moment, directive_id).where(*shown_to(sight, directive_id))
        item_rows, item_pages = page_of(connection, items, pages[0], A_PAGE)
        units = with_sums(ranked_units(sight, moment, directive_id))
        unit_rows, unit_pages = page_of(connection, units, pages[1], A_PAGE)
        lights = by_item(connection, sight, item_rows)
        return DirectiveView(
            directive=directive,
            issuer=issuer,
            lights=sums_of(unit_rows),
            coming=_coming(connection, sight, directive_id),
            items=tuple(item_lights(row, lights.get(row.id, Lights())) for row in item_rows),
            item_pages=item_pages,
            units=tuple(UnitLights(row.key, row.name, lights_of(row)) for row in unit_rows),
            unit_pages=unit_pages,
        )


def shown_to(sight: Sight, directive_id: int) -> tuple[ColumnElement[bool], ...]:
    """Overseers see every item of a directive they see, a unit those in which it or one below it has a task."""
    if sight.me.role in OVERSEERS:
        return ()
    mine = select(_TASK.c.item_id).where(apart(_TASK.c.directive_id) == directive_id, sight.of_task)
    return (_ITEM.c.id.in_(mine),)


def _coming(connection: Connection, sight: Sight, directive_id: int) -> tuple[ItemLights, ...]:
    """The open items whose next moment comes first."""
    chosen = (
        select(_ITEM)
        .where(
            _ITEM.c.directive_id == directive_id,
            _ITEM.c.state == ItemState.OPEN,
            _ITEM.c.next_moment.is_not(None),
            *shown_to(sight, directive_id),
        )
        .order_by(_ITEM.c.next_moment, _ITEM.c.position)
        .limit(NEXT_SHOWN)
    )
    return tuple(item_lights(row, Lights()) for row in connection.execute(chosen))


def item_lights(row: Row[Any], lights: Lights) -> ItemLights:
    """An item's row with its lights."""
    return ItemLights(row.id, row.number, row.text[:TEXT_SHOWN], row.state, row.next_moment, lights)

"""Sums of lights by directive, by unit and by item, for what the reader may see: from the kept counters and the late range.

SQLite chooses among indexes without statistics and would rather walk the one that a GROUP BY or an IN names than the
short range of what is late. `apart` takes a column out of that choice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    Subquery,
    Table,
    case,
    cast,
    func,
    select,
    true,
)

from domain.unit_task import State
from models.columns import table
from models.counters import ItemCount, UnitCount
from models.directive import Directive, DirectiveState, Item
from models.organisation import Unit
from models.unit_task import UnitTask
from services.access import OVERSEERS, sees_unit
from services.sign_in import SignedIn
from services.views.lights import Lights, Moment, lights_of

_TASK, _ITEM, _UNIT, _DIRECTIVE = table(UnitTask), table(Item), table(Unit), table(Directive)
_UNIT_COUNT, _ITEM_COUNT = table(UnitCount), table(ItemCount)
RUNNING = (DirectiveState.PUBLISHED, DirectiveState.SUSPENDED)
COUNTED = ("unit_tasks", "accepted", "withdrawn", "running")
_SUMMED = (*COUNTED, "overdue", "soon")
_RUNNING = select(_DIRECTIVE.c.id).where(_DIRECTIVE.c.state.in_(RUNNING))


def is_running(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """That a directive's id is that of one under way."""
    return column.in_(_RUNNING)


def apart(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The same value, but no reason to walk the column's index."""
    return column + 0


@dataclass(frozen=True)
class Sight:
    """Whose units the reader sees; `everything`: no unit lies outside, so nothing needs to be asked."""

    me: SignedIn
    everything: bool

    def of(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """That a column names a unit the reader sees."""
        return true() if self.everything else sees_unit(self.me, column)

    @property
    def of_task(self) -> ColumnElement[bool]:
        """That a unit task is the reader's to see; a unit's few are found by its index, an overseer's by another."""
        return self.of(apart(_TASK.c.unit_id) if self.me.role in OVERSEERS else _TASK.c.unit_id)


def sight_of(connection: Connection, me: SignedIn) -> Sight:
    """What the reader sees now."""
    outside = select(_UNIT.c.id).where(~sees_unit(me, _UNIT.c.id)).limit(1)
    return Sight(me, connection.execute(outside).first() is None)


def _some(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.sum(case((condition, 1), else_=0))


def _sums(kept: Table, by: ColumnElement[Any]) -> Select[Any]:
    """What the counters say, by a column: `unit_tasks`, `accepted`, `withdrawn`, `running`."""
    return select(by.label("key"), *(func.sum(kept.c[name]).label(name) for name in COUNTED)).group_by(by)


def _late(sight: Sight, moment: Moment, by: ColumnElement[Any], directive_id: int | None = None) -> Subquery:
    """What is overdue or due soon, by a column; it costs by how many these are."""
    key = cast(apart(by), BigInteger)  # of a type that SQLite joins by a look-up, not by walking both sides
    found = select(
        key.label("key"),
        _some(_TASK.c.late_from <= moment.now).label("overdue"),
        _some(_TASK.c.late_from > moment.now).label("soon"),
    ).where(_TASK.c.late_from <= moment.soon_until, sight.of_task)
    if directive_id is not None:
        found = found.where(apart(_TASK.c.directive_id) == directive_id)
    return found.group_by(key).subquery()


def _with_late(sums: Subquery, late: Subquery) -> Select[Any]:
    return select(
        sums,
        func.coalesce(late.c.overdue, 0).label("overdue"),
        func.coalesce(late.c.soon, 0).label("soon"),
    ).outerjoin(late, late.c.key == sums.c.key)


def by_directive(
    connection: Connection, sight: Sight, moment: Moment, ids: Sequence[int]
) -> dict[int, Lights]:
    """The lights of each of these directives."""
    sums = _sums(_UNIT_COUNT, _UNIT_COUNT.c.directive_id).where(
        sight.of(apart(_UNIT_COUNT.c.unit_id)), _UNIT_COUNT.c.directive_id.in_(ids)
    )
    late = _late(sight, moment, _TASK.c.directive_id)
    return {row.key: lights_of(row) for row in connection.execute(_with_late(sums.subquery(), late))}


def ranked_units(sight: Sight, moment: Moment, directive_id: int | None) -> Select[Any]:
    """Units with their sums, the most overdue first, then those with the smallest share done.

    Of one directive, or of all under way. Columns: `key`, `name`, and those of `lights_of`.
    """
    column = _UNIT_COUNT.c.directive_id
    counts = is_running(column) if directive_id is None else column == directive_id
    sums = _sums(_UNIT_COUNT, _UNIT_COUNT.c.unit_id).where(sight.of(apart(_UNIT_COUNT.c.unit_id)), counts)
    of_unit, late = sums.subquery(), _late(sight, moment, _TASK.c.unit_id, directive_id)
    share = of_unit.c.accepted * 1.0 / func.nullif(of_unit.c.unit_tasks - of_unit.c.withdrawn, 0)
    return (
        _with_late(of_unit, late)
        .join(_UNIT, _UNIT.c.id == of_unit.c.key)
        .add_columns(_UNIT.c.name)
        .order_by(func.coalesce(late.c.overdue, 0).desc(), func.coalesce(share, 2), of_unit.c.key)
    )


def ranked_items(sight: Sight, moment: Moment, directive_id: int) -> Select[Any]:
    """The items of a directive with what is `overdue` and `soon`, those with the most overdue first, then in order."""
    late = _late(sight, moment, _TASK.c.item_id, directive_id)
    overdue = func.coalesce(late.c.overdue, 0)
    return (
        select(
            _ITEM.c.id, _ITEM.c.position, _ITEM.c.number, _ITEM.c.text, _ITEM.c.state, _ITEM.c.next_moment,
            overdue.label("overdue"), func.coalesce(late.c.soon, 0).label("soon"),
        )
        .outerjoin(late, late.c.key == _ITEM.c.id)
        .where(_ITEM.c.directive_id == directive_id)
        .order_by(overdue.desc(), _ITEM.c.position)
    )  # fmt: skip


def by_item(connection: Connection, sight: Sight, ranked: Sequence[Row[Any]]) -> dict[int, Lights]:
    """The lights of each of these rows of `ranked_items`."""
    ids = [row.id for row in ranked]
    if sight.everything:
        sums = _sums(_ITEM_COUNT, _ITEM_COUNT.c.item_id).where(_ITEM_COUNT.c.item_id.in_(ids))
    else:
        sums = _counted_items(sight, ids)
    counted = {row.key: row for row in connection.execute(sums)}
    return {row.id: lights_of(counted[row.id], row) for row in ranked if row.id in counted}


def _counted_items(sight: Sight, ids: Sequence[int]) -> Select[Any]:
    """The same sums counted from the tasks themselves, for somebody who sees only some of an item's units."""
    state = _TASK.c.state
    return (
        select(
            _TASK.c.item_id.label("key"),
            func.count().label("unit_tasks"),
            _some(state == State.ACCEPTED).label("accepted"),
            _some(state == State.WITHDRAWN).label("withdrawn"),
            _some(_TASK.c.late_from.is_not(None)).label("running"),
        )
        .where(_TASK.c.item_id.in_(ids), sight.of_task)
        .group_by(_TASK.c.item_id)
    )


def with_sums(ranked: Select[Any]) -> Select[Any]:
    """`ranked_units` with the sums over all of them on every row, for `sums_of`."""
    columns = ranked.selected_columns
    return ranked.add_columns(*(func.sum(columns[name]).over().label(f"all_{name}") for name in _SUMMED))


def sums_of(rows: Sequence[Row[Any]]) -> Lights:
    """The lights over all units, from any row of `with_sums`."""
    if not rows:
        return Lights()
    return lights_of(SimpleNamespace(**{name: getattr(rows[0], f"all_{name}") for name in _SUMMED}))

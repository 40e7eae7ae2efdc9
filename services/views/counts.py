"""Sums of lights by directive, by unit and by item, for what the reader may see: from the kept counters and the late range."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Subquery, Table, case, func, select

from domain.unit_task import State
from models.columns import table
from models.counters import ItemCount, UnitCount
from models.directive import Directive, DirectiveState, Item
from models.organisation import Unit
from models.unit_task import UnitTask
from services.access import sees_unit, sees_unit_task
from services.sign_in import SignedIn
from services.views.lights import Lights, Moment, lights_of

_TASK, _ITEM, _UNIT, _DIRECTIVE = table(UnitTask), table(Item), table(Unit), table(Directive)
_UNIT_COUNT, _ITEM_COUNT = table(UnitCount), table(ItemCount)
RUNNING = (DirectiveState.PUBLISHED, DirectiveState.SUSPENDED)
_RUNNING = select(_DIRECTIVE.c.id).where(_DIRECTIVE.c.state.in_(RUNNING))


def is_running(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """That a directive's id is that of one under way."""
    return column.in_(_RUNNING)


def _some(condition: ColumnElement[bool], n: Any = 1) -> ColumnElement[Any]:
    return func.sum(case((condition, n), else_=0))


def _sums(kept: Table, by: ColumnElement[Any]) -> Select[Any]:
    """What the counters say, by a column: `counted`, `done`, `withdrawn`, `running`."""
    return select(
        by.label("key"),
        func.sum(kept.c.n).label("counted"),
        _some(kept.c.state == State.ACCEPTED, kept.c.n).label("done"),
        _some(kept.c.state == State.WITHDRAWN, kept.c.n).label("withdrawn"),
        _some(kept.c.clock_runs, kept.c.n).label("running"),
    ).group_by(by)


def _late(me: SignedIn, moment: Moment, by: ColumnElement[Any], *where: ColumnElement[bool]) -> Subquery:
    """What is overdue or due soon, by a column; it costs by how many these are."""
    return (
        select(
            by.label("key"),
            _some(_TASK.c.late_from <= moment.now).label("overdue"),
            _some(_TASK.c.late_from > moment.now).label("soon"),
        )
        .where(_TASK.c.late_from <= moment.soon_until, sees_unit_task(me), *where)
        .group_by(by)
        .subquery()
    )


def _with_late(sums: Subquery, late: Subquery) -> Select[Any]:
    return select(
        sums,
        func.coalesce(late.c.overdue, 0).label("overdue"),
        func.coalesce(late.c.soon, 0).label("soon"),
    ).outerjoin(late, late.c.key == sums.c.key)


def by_directive(connection: Connection, me: SignedIn, moment: Moment, ids: list[int]) -> dict[int, Lights]:
    """The lights of each of these directives."""
    seen = sees_unit(me, _UNIT_COUNT.c.unit_id)
    sums = _sums(_UNIT_COUNT, _UNIT_COUNT.c.directive_id).where(seen, _UNIT_COUNT.c.directive_id.in_(ids))
    late = _late(me, moment, _TASK.c.directive_id, _TASK.c.directive_id.in_(ids))
    return {row.key: lights_of(row) for row in connection.execute(_with_late(sums.subquery(), late))}


def ranked_units(me: SignedIn, moment: Moment, directive_id: int | None) -> Select[Any]:
    """Units with their sums, the most overdue first, then those with the smallest share done.

    Of one directive, or of all under way. Columns: `key`, `name`, and those of `lights_of`.
    """
    if directive_id is None:
        of_counts, of_tasks = is_running(_UNIT_COUNT.c.directive_id), is_running(_TASK.c.directive_id)
    else:
        of_counts = _UNIT_COUNT.c.directive_id == directive_id
        of_tasks = _TASK.c.directive_id == directive_id
    seen = sees_unit(me, _UNIT_COUNT.c.unit_id)
    sums = _sums(_UNIT_COUNT, _UNIT_COUNT.c.unit_id).where(seen, of_counts).subquery()
    late = _late(me, moment, _TASK.c.unit_id, of_tasks)
    share = sums.c.done * 1.0 / func.nullif(sums.c.counted - sums.c.withdrawn, 0)
    return (
        _with_late(sums, late)
        .join(_UNIT, _UNIT.c.id == sums.c.key)
        .add_columns(_UNIT.c.name)
        .order_by(func.coalesce(late.c.overdue, 0).desc(), func.coalesce(share, 2), sums.c.key)
    )


def ranked_items(me: SignedIn, moment: Moment, directive_id: int) -> Select[Any]:
    """The items of a directive, those with the most overdue first, then in their order."""
    late = _late(me, moment, _TASK.c.item_id, _TASK.c.directive_id == directive_id)
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


def by_item(connection: Connection, me: SignedIn, moment: Moment, ids: list[int]) -> dict[int, Lights]:
    """The lights of each of these items."""
    if sees_all_units(connection, me):
        sums = _sums(_ITEM_COUNT, _ITEM_COUNT.c.item_id).where(_ITEM_COUNT.c.item_id.in_(ids)).subquery()
    else:
        sums = _counted_items(me, ids)
    late = _late(me, moment, _TASK.c.item_id, _TASK.c.item_id.in_(ids))
    return {row.key: lights_of(row) for row in connection.execute(_with_late(sums, late))}


def _counted_items(me: SignedIn, ids: list[int]) -> Subquery:
    """The same sums counted from the tasks themselves, for somebody who sees only some of an item's units."""
    state = _TASK.c.state
    return (
        select(
            _TASK.c.item_id.label("key"),
            func.count().label("counted"),
            _some(state == State.ACCEPTED).label("done"),
            _some(state == State.WITHDRAWN).label("withdrawn"),
            _some(_TASK.c.late_from.is_not(None)).label("running"),
        )
        .where(_TASK.c.item_id.in_(ids), sees_unit_task(me))
        .group_by(_TASK.c.item_id)
        .subquery()
    )


def sees_all_units(connection: Connection, me: SignedIn) -> bool:
    """Whether no unit lies outside the reader's part of the tree."""
    outside = select(_UNIT.c.id).where(~sees_unit(me, _UNIT.c.id)).limit(1)
    return connection.execute(outside).first() is None

"""I11 for the counters that triggers keep: each is the count of the unit tasks it stands for, and no task is uncounted."""

from typing import Any

from sqlalchemy import ColumnElement, Table, func, literal, select, union_all

from models.columns import table
from models.counters import ItemCount, UnitCount
from models.directive import Item
from models.unit_task import UnitTask
from services.check_report import BrokenError, Look, Rule, named

_TASK, _ITEM = table(UnitTask), table(Item)
_SAYS = BrokenError("Its counter of unit tasks that are %(state)s says %(stored)s, counted: %(counted)s.")


def _recount(kept: Table, sort: str, *keys: str) -> Rule:
    """Differences between a table of counters and the tasks; `keys` name the columns both have, the subject first."""
    state, runs = _TASK.c.state, _TASK.c.late_from.is_not(None).label("clock_runs")
    counted = select(
        *(_TASK.c[key] for key in keys), state, runs, literal(0).label("stored"), literal(1).label("counted")
    )
    stored = select(*(kept.c[key] for key in keys), kept.c.state, kept.c.clock_runs, kept.c.n, literal(0))
    both = union_all(counted, stored).subquery()
    sums: tuple[ColumnElement[Any], ...] = (func.sum(both.c.stored), func.sum(both.c.counted))
    by = (*(both.c[key] for key in keys), both.c.state, both.c.clock_runs)
    columns = (named(sort, both.c[keys[0]]), both.c.state, sums[0].label("stored"), sums[1].label("counted"))
    return Rule("I11", _SAYS, select(*columns).group_by(*by).having(sums[0] != sums[1]))


_COUNTERS = (
    _recount(table(UnitCount), "unit", "unit_id", "directive_id"),
    _recount(table(ItemCount), "item", "item_id"),
    Rule(
        "I11",
        BrokenError("It names another directive than its item."),
        select(named("unit_task", _TASK.c.id))
        .join(_ITEM, _ITEM.c.id == _TASK.c.item_id)
        .where(_ITEM.c.directive_id != _TASK.c.directive_id),
    ),
)


def check_counters(look: Look) -> None:
    """Every kept counter against a recount."""
    look.count("counters", table(UnitCount))
    look.apply(*_COUNTERS)

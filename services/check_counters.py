"""I11 for what is derived from rows: each counter is the count of its unit tasks, and what was published is found."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Table, case, func, literal, select, union_all

from domain.unit_task import State
from models.columns import table
from models.counters import ItemCount, UnitCount
from models.directive import Item
from models.paper import Letter, LetterState
from models.unit_task import UnitTask
from services.check_report import BrokenError, Look, Rule, named
from services.search_index import ITEM, LETTER, PUBLISHED, indexed

_TASK, _ITEM, _LETTER = table(UnitTask), table(Item), table(Letter)
_SAYS = BrokenError("Its counter of %(what)s says %(stored)s, counted: %(counted)s.")
_WHAT = {
    "unit_tasks": literal(1),
    "accepted": case((_TASK.c.state == State.ACCEPTED, 1), else_=0),
    "withdrawn": case((_TASK.c.state == State.WITHDRAWN, 1), else_=0),
    "submitted": case((_TASK.c.state == State.SUBMITTED, 1), else_=0),
    "running": case((_TASK.c.late_from.is_not(None), 1), else_=0),
}


def _recounts(kept: Table, sort: str, *keys: str) -> Iterator[Rule]:
    """Differences between a table of counters and the tasks; `keys` name the columns both have, the subject first."""
    for what, one in _WHAT.items():
        counted = select(*(_TASK.c[key] for key in keys), literal(0).label("stored"), one.label("counted"))
        both = union_all(counted, select(*(kept.c[key] for key in keys), kept.c[what], literal(0))).subquery()
        sums = (func.sum(both.c.stored), func.sum(both.c.counted))
        columns: tuple[ColumnElement[Any], ...] = (
            named(sort, both.c[keys[0]]), literal(what).label("what"), sums[0].label("stored"), sums[1].label("counted"),
        )  # fmt: skip
        differing = select(*columns).group_by(*(both.c[key] for key in keys)).having(sums[0] != sums[1])
        yield Rule("I11", _SAYS, differing)


_COUNTERS = (
    *_recounts(table(UnitCount), "unit", "unit_id", "directive_id"),
    *_recounts(table(ItemCount), "item", "item_id"),
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


def check_search(look: Look) -> None:
    """Every published item and every issued letter is in the index of the search."""
    for index, record, published in (
        (ITEM, _ITEM, _ITEM.c.directive_id.in_(PUBLISHED)),
        (LETTER, _LETTER, _LETTER.c.state == LetterState.ISSUED),
    ):
        held = indexed(look.connection, index).subquery()
        missing = select(named(record.name, record.c.id)).where(
            published, record.c.id.not_in(select(held.c.id))
        )
        look.apply(Rule("I11", BrokenError("The search does not find it."), missing))

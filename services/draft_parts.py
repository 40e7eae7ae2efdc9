"""Who takes part in an item of a draft: kept as rows, named by a person, or a whole group of units."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from domain.errors import ConflictError, InvalidInputError, NotFoundError
from domain.unit_task import Role
from models.columns import table
from models.directive import Directive, DirectiveState, Item, ItemUnit
from models.organisation import AccountRole, Unit
from services.accounts import find_unit
from services.directives import lock_directive
from services.first_come import check_version
from services.rows import require_role
from services.transaction import Transaction

_DIRECTIVE, _ITEM, _PART, _UNIT = table(Directive), table(Item), table(ItemUnit), table(Unit)
_BETWEEN_NAMES = re.compile(r"[、，,；;\n]+")
_WEIGHT = {Role.COOPERATING: 0, Role.HANDLING: 1, Role.LEAD: 2}
GROUPED_BY = {"level": _UNIT.c.level, "grouping": _UNIT.c.grouping, "kind": _UNIT.c.kind}
"""By what units can be taken together: a group is named by one of these, a colon, and its value."""


@dataclass(frozen=True)
class TakesPart:
    """How a unit takes part, and how the paper named it."""

    role: Role
    named_as: str = ""


Parts = dict[int, TakesPart]
"""By unit."""


def open_draft(tx: Transaction, directive_id: int) -> Row[Any]:
    """The draft with its items, locked for whoever may change it."""
    require_role(tx, AccountRole.LEADER, AccountRole.SUPERVISION_OFFICE)
    return lock_directive(tx, directive_id, DirectiveState.DRAFT)


def item_seen(tx: Transaction, directive_id: int, item_id: int, version: int) -> Row[Any]:
    """The item, when it is still the one the person saw. Raises ConflictError naming who was first."""
    item = tx.one(select(_ITEM).where(_ITEM.c.id == item_id, _ITEM.c.directive_id == directive_id))
    check_version(tx, item.version if item else None, version, (f"item/{item_id}",))
    if item is None:
        raise ConflictError("Directive %(id)s has no item %(item)s.", id=directive_id, item=str(item_id))
    return item


def changed(tx: Transaction, directive_id: int, *item_ids: int) -> None:
    """Raise the version of the draft, and of those of its items."""
    tx.run(update(_DIRECTIVE).where(_DIRECTIVE.c.id == directive_id).values(version=_DIRECTIVE.c.version + 1))
    if item_ids:
        tx.run(update(_ITEM).where(_ITEM.c.id.in_(item_ids)).values(version=_ITEM.c.version + 1))


def parts_of(tx: Transaction, item_id: int) -> Parts:
    """Who takes part, in the order of the paper."""
    rows = tx.run(select(_PART).where(_PART.c.item_id == item_id).order_by(_PART.c.id))
    return {row.unit_id: TakesPart(Role(row.role), row.named_as) for row in rows}


def write_parts(tx: Transaction, item_id: int, parts: Mapping[int, TakesPart]) -> None:
    """Put these in the place of who took part until now."""
    tx.run(delete(_PART).where(_PART.c.item_id == item_id))
    rows = [
        {"item_id": item_id, "unit_id": unit, "role": part.role, "named_as": part.named_as}
        for unit, part in parts.items()
    ]
    if rows:
        tx.run(insert(_PART), rows)


def together(first: Mapping[int, TakesPart], second: Mapping[int, TakesPart]) -> Parts:
    """Everybody of both, each in the stronger of its roles."""
    return dict(first) | {
        unit: part
        for unit, part in second.items()
        if unit not in first or _WEIGHT[first[unit].role] < _WEIGHT[part.role]
    }


def units_called(tx: Transaction, names: str) -> list[int]:
    """The units of a list of names or codes. Raises InvalidInputError with every name that is nobody's."""
    found, problems = [], []
    for name in _BETWEEN_NAMES.split(names):
        if not name.strip():
            continue
        try:
            found.append(int(find_unit(tx.connection, name.strip()).id))
        except (NotFoundError, InvalidInputError) as error:
            problems.append(error)
    if problems:
        raise InvalidInputError("Some names are no unit's.", problems=tuple(problems))
    return list(dict.fromkeys(found))


def units_of_group(tx: Transaction, directive: Row[Any], group: str) -> list[int]:
    """The units below the issuer that a group (`level:3`) takes together. Raises InvalidInputError for none."""
    units = groups_below(tx.connection, directive.issuer_id).get(group)
    if not units:
        raise InvalidInputError("No unit belongs to the group %(group)s.", group=group)
    return units


def groups_below(connection: Connection, issuer_id: int) -> dict[str, list[int]]:
    """Every group of units below the issuer, by its name, with the units it takes together."""
    path = select(_UNIT.c.path).where(_UNIT.c.id == issuer_id).scalar_subquery()
    below = (
        func.substr(_UNIT.c.path, 1, func.length(path)) == path,
        _UNIT.c.id != issuer_id,
        _UNIT.c.abolished_at.is_(None),
    )
    found: dict[str, list[int]] = {}
    for row in connection.execute(select(_UNIT).where(*below).order_by(_UNIT.c.path)):
        for name, column in GROUPED_BY.items():
            value = getattr(row, column.name)
            if value not in ("", None):
                found.setdefault(f"{name}:{value}", []).append(row.id)
    return dict(sorted(found.items()))

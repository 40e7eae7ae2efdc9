"""The organisation as it changes: a unit is added, renamed, merged into another or abolished.

Nothing is deleted: an abolished unit keeps its row and its name, so every old paper stays readable, and its names
become aliases of the successor, so that a new paper that still uses them finds the right unit.
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import StringConstraints
from sqlalchemy import Row, func, insert, or_, select, update

from domain.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from domain.organisation_tree import MOST_LEVELS
from domain.unit_task import OPEN
from models.columns import table
from models.organisation import Account, AccountRole, Unit, UnitAlias, UnitSuccession
from models.rectification import MENDING, Rectification
from models.sign_in import WebSession
from models.unit_task import UnitTask
from services.account_admin import Address
from services.rows import require_manager
from services.setup import post_account
from services.succession import hand_over
from services.transaction import Answer, Request, Transaction, act

_UNIT, _ALIAS, _SUCCESSION, _ACCOUNT, _SESSION = (
    table(Unit),
    table(UnitAlias),
    table(UnitSuccession),
    table(Account),
    table(WebSession),
)
_TASK, _RECTIFICATION = table(UnitTask), table(Rectification)
UnitName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[\w./-]{1,40}$")]
LONGEST_PATH = 400


class Fate(StrEnum):
    """What becomes of a unit that is no more."""

    MERGED = "merged"
    ABOLISHED = "abolished"


class AddUnit(Request):
    """A unit below another, with the accounts of its two posts."""

    parent_id: int
    code: Code
    name: UnitName
    kind: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = "unit"
    email: Address = ""


class RenameUnit(Request):
    """Another name; the old one stays as an alias."""

    unit_id: int
    name: UnitName


class AbolishUnit(Request):
    """A unit that is no more, and which one succeeds it. Without a successor it may owe nothing."""

    unit_id: int
    successor_id: int | None = None
    fate: Fate = Fate.ABOLISHED


@act
def add_unit(tx: Transaction, request: AddUnit) -> Answer:
    """Add it as the last below its superior. Raises ConflictError for a code or name that is taken."""
    require_manager(tx)
    parent = _unit(tx, request.parent_id)
    if parent.level >= MOST_LEVELS:
        raise RefusedError("The tree is at most %(most)s levels deep.", most=MOST_LEVELS)
    if tx.one(select(_UNIT.c.id).where(_UNIT.c.code == request.code)) is not None:
        raise ConflictError("The code %(code)s is taken.", code=request.code)
    _require_free_name(tx, request.name, parent.id)
    last = tx.run(select(func.max(_UNIT.c.position)).where(_UNIT.c.parent_id == parent.id)).scalar()
    row: dict[str, Any] = {"code": request.code, "name": request.name, "kind": request.kind, "grouping": ""}
    row |= {"parent_id": parent.id, "level": parent.level + 1, "path": "", "position": (last or 0) + 1}
    new = int(tx.run(insert(_UNIT).returning(_UNIT.c.id), row | {"email": request.email}).scalar_one())
    tx.run(update(_UNIT).where(_UNIT.c.id == new).values(path=f"{parent.path}{new}/"))
    posts = (AccountRole.UNIT_OFFICER, AccountRole.UNIT_HEAD)
    tx.run(insert(_ACCOUNT), [post_account(request.code, request.email, new, role) for role in posts])
    tx.record("add_unit", f"unit/{new}", name=request.name, code=request.code, below=parent.id)
    return {"unit_id": new}


@act
def rename_unit(tx: Transaction, request: RenameUnit) -> Answer:
    """Rename it. Old papers keep the old name, new ones may use either."""
    require_manager(tx)
    unit = _unit(tx, request.unit_id)
    if unit.name == request.name:
        raise InvalidInputError("This is its name already.")
    _require_free_name(tx, request.name, unit.parent_id, except_id=unit.id)
    tx.run(update(_UNIT).where(_UNIT.c.id == unit.id).values(name=request.name))
    _add_aliases(tx, unit.id, [unit.name], "renamed")
    tx.record("rename_unit", f"unit/{unit.id}", before=unit.name, after=request.name)
    return {"name": request.name}


@act
def abolish_unit(tx: Transaction, request: AbolishUnit) -> Answer:
    """End a unit: its accounts close, what it owes and the units below it go to the successor.

    Raises RefusedError for the root, for a successor below it, and, without one, where anything is still owed.
    """
    require_manager(tx)
    unit = _unit(tx, request.unit_id)
    if unit.parent_id is None:
        raise RefusedError("The unit at the top cannot be abolished.")
    tasks = 0
    if request.successor_id is None:
        _require_nothing_owed(tx, unit)
    else:
        tasks = _succeed(tx, unit, request)
    accounts = _close_accounts(tx, unit.id)
    tx.run(update(_UNIT).where(_UNIT.c.id == unit.id).values(abolished_at=tx.now))
    action = "merge_unit" if request.fate is Fate.MERGED else "abolish_unit"
    tx.record(action, f"unit/{unit.id}", successor=request.successor_id, unit_tasks=tasks, accounts=accounts)
    return {"unit_tasks": tasks, "accounts": accounts}


def _succeed(tx: Transaction, unit: Row[Any], request: AbolishUnit) -> int:
    assert request.successor_id is not None
    successor = _unit(tx, request.successor_id)
    if successor.path.startswith(unit.path):
        raise RefusedError("A unit cannot be succeeded by itself or by one below it.")
    row = {"from_id": unit.id, "to_id": successor.id, "kind": request.fate, "effective_at": tx.now}
    succession = int(tx.run(insert(_SUCCESSION).returning(_SUCCESSION.c.id), row).scalar_one())
    names = [unit.name, *tx.run(select(_ALIAS.c.alias).where(_ALIAS.c.unit_id == unit.id)).scalars()]
    _add_aliases(tx, successor.id, names, request.fate)
    _move_children(tx, unit, successor)
    return hand_over(tx, unit.id, successor.id, succession)


def _move_children(tx: Transaction, unit: Row[Any], successor: Row[Any]) -> None:
    """The units below come below the successor, after those it has; their whole branches with them."""
    below = select(_UNIT).where(_UNIT.c.path.startswith(unit.path, autoescape=True), _UNIT.c.id != unit.id)
    branch = tx.run(below.order_by(_UNIT.c.path)).all()
    last = tx.run(select(func.max(_UNIT.c.position)).where(_UNIT.c.parent_id == successor.id)).scalar() or 0
    for row in branch:
        path = successor.path + row.path.removeprefix(unit.path)
        level = row.level - unit.level + successor.level
        if level > MOST_LEVELS or len(path) > LONGEST_PATH:
            raise RefusedError("The tree is at most %(most)s levels deep.", most=MOST_LEVELS)
        moved: dict[str, Any] = {"path": path, "level": level}
        if row.parent_id == unit.id:
            last += 1
            moved |= {"parent_id": successor.id, "position": last}
        tx.run(update(_UNIT).where(_UNIT.c.id == row.id).values(**moved))


def _require_nothing_owed(tx: Transaction, unit: Row[Any]) -> None:
    owed = (
        select(_UNIT.c.id).where(_UNIT.c.parent_id == unit.id, _UNIT.c.abolished_at.is_(None)),
        select(_TASK.c.id).where(_TASK.c.unit_id == unit.id, _TASK.c.state.in_(OPEN)),
        select(_RECTIFICATION.c.id).where(
            _RECTIFICATION.c.unit_id == unit.id, _RECTIFICATION.c.state.in_(MENDING)
        ),
    )
    if any(tx.one(what.limit(1)) is not None for what in owed):
        raise RefusedError("%(unit)s has open tasks or units below it: name its successor.", unit=unit.name)


def _close_accounts(tx: Transaction, unit_id: int) -> int:
    mine = select(_ACCOUNT.c.id).where(_ACCOUNT.c.unit_id == unit_id)
    sessions = (_SESSION.c.account_id.in_(mine), _SESSION.c.ended_at.is_(None))
    tx.run(update(_SESSION).where(*sessions).values(ended_at=tx.now))
    posts = (_ACCOUNT.c.unit_id == unit_id, _ACCOUNT.c.active)
    return int(tx.run(update(_ACCOUNT).where(*posts).values(active=False)).rowcount)


def _unit(tx: Transaction, unit_id: int) -> Row[Any]:
    """The unit, locked. Raises NotFoundError for one that is not there or no more."""
    there = (_UNIT.c.id == unit_id, _UNIT.c.abolished_at.is_(None))
    row = tx.one(select(_UNIT).where(*there).with_for_update())
    if row is None:
        raise NotFoundError("There is no unit %(id)s.", id=unit_id)
    return row


def _require_free_name(tx: Transaction, name: str, parent_id: int | None, except_id: int = 0) -> None:
    """Under one superior a name or alias means one unit."""
    siblings = (_UNIT.c.parent_id == parent_id, _UNIT.c.abolished_at.is_(None), _UNIT.c.id != except_id)
    aliased = select(_ALIAS.c.unit_id).where(_ALIAS.c.alias == name)
    taken = select(_UNIT.c.id).where(*siblings, or_(_UNIT.c.name == name, _UNIT.c.id.in_(aliased)))
    if tx.one(taken.limit(1)) is not None:
        raise ConflictError("The name %(name)s is taken under the same superior.", name=name)


def _add_aliases(tx: Transaction, unit_id: int, names: list[str], reason: str) -> None:
    known = set(tx.run(select(_ALIAS.c.alias).where(_ALIAS.c.unit_id == unit_id)).scalars())
    known.add(tx.run(select(_UNIT.c.name).where(_UNIT.c.id == unit_id)).scalar_one())
    new = [name for name in dict.fromkeys(names) if name not in known]
    if new:
        tx.run(insert(_ALIAS), [{"unit_id": unit_id, "alias": name, "reason": reason} for name in new])

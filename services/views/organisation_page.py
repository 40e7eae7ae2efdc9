"""The organisation as an administrator sees it: one unit, what is below it, what became of units, who signs in."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from domain.errors import NotFoundError
from domain.unit_task import OPEN
from models.columns import table
from models.organisation import Account, Unit, UnitAlias, UnitSuccession
from models.unit_task import UnitTask
from services.office import Office
from store.sessions import reading

_UNIT, _ALIAS, _SUCCESSION, _ACCOUNT, _TASK = (
    table(Unit),
    table(UnitAlias),
    table(UnitSuccession),
    table(Account),
    table(UnitTask),
)
BELOW_SHOWN = 500


@dataclass(frozen=True)
class Below:
    """A unit right below the one shown. `units` counts all below it, `accounts` those that are open."""

    id: int
    code: str
    name: str
    kind: str
    units: int
    accounts: int
    open_tasks: int


@dataclass(frozen=True)
class OrganisationView:
    """One unit with its place. `above` are its superiors from the root down; `heirs` what became of it."""

    unit: Row[Any]
    above: tuple[Row[Any], ...]
    aliases: tuple[Row[Any], ...]
    below: tuple[Below, ...]
    below_in_all: int
    abolished: tuple[Row[Any], ...]
    """Units right below it that are no more."""
    heirs: tuple[Row[Any], ...]
    open_tasks: int
    accounts: tuple[Row[Any], ...]


def organisation_view(office: Office, unit_id: int) -> OrganisationView | None:
    """One unit, the root for 0; None where the site has no units. Raises NotFoundError for an unknown one."""
    with reading(office.engine) as session:
        connection = session.connection()
        wanted = _UNIT.c.id == unit_id if unit_id else _UNIT.c.parent_id.is_(None)
        unit = connection.execute(select(_UNIT).where(wanted)).first()
        if unit is None and unit_id:
            raise NotFoundError("There is no unit %(id)s.", id=unit_id)
        if unit is None:
            return None
        children = (_UNIT.c.parent_id == unit.id, _UNIT.c.abolished_at.is_(None))
        ids = [int(part) for part in unit.path.split("/") if part][:-1]
        gone = (_UNIT.c.parent_id == unit.id, _UNIT.c.abolished_at.is_not(None))
        heirs = select(_UNIT.c.id, _UNIT.c.name, _SUCCESSION.c.kind, _SUCCESSION.c.effective_at)
        return OrganisationView(
            unit=unit,
            above=_rows(connection, select(_UNIT).where(_UNIT.c.id.in_(ids)).order_by(_UNIT.c.level)),
            aliases=_rows(
                connection, select(_ALIAS).where(_ALIAS.c.unit_id == unit.id).order_by(_ALIAS.c.id)
            ),
            below=_below(connection, children),
            below_in_all=_count(connection, select(_UNIT.c.id).where(*children)),
            abolished=_rows(connection, select(_UNIT).where(*gone).order_by(_UNIT.c.id)),
            heirs=_rows(
                connection,
                heirs.join(_SUCCESSION, _SUCCESSION.c.to_id == _UNIT.c.id).where(
                    _SUCCESSION.c.from_id == unit.id
                ),
            ),
            open_tasks=_count(
                connection, select(_TASK.c.id).where(_TASK.c.unit_id == unit.id, _TASK.c.state.in_(OPEN))
            ),
            accounts=_rows(
                connection, select(_ACCOUNT).where(_ACCOUNT.c.unit_id == unit.id).order_by(_ACCOUNT.c.id)
            ),
        )


def _rows(connection: Connection, chosen: Any) -> tuple[Row[Any], ...]:
    return tuple(connection.execute(chosen).all())


def _count(connection: Connection, chosen: Any) -> int:
    return int(connection.execute(select(func.count()).select_from(chosen.subquery())).scalar_one())


def _below(connection: Connection, children: tuple[Any, ...]) -> tuple[Below, ...]:
    inner = _UNIT.alias()
    deeper = select(func.count()).where(
        inner.c.path.like(_UNIT.c.path + "%"), inner.c.id != _UNIT.c.id, inner.c.abolished_at.is_(None)
    )
    accounts = select(func.count()).where(_ACCOUNT.c.unit_id == _UNIT.c.id, _ACCOUNT.c.active)
    tasks = select(func.count()).where(_TASK.c.unit_id == _UNIT.c.id, _TASK.c.state.in_(OPEN))
    chosen = select(
        _UNIT.c.id,
        _UNIT.c.code,
        _UNIT.c.name,
        _UNIT.c.kind,
        deeper.correlate(_UNIT).scalar_subquery().label("units"),
        accounts.scalar_subquery().label("accounts"),
        tasks.scalar_subquery().label("open_tasks"),
    )
    rows = connection.execute(
        chosen.where(*children).order_by(_UNIT.c.position, _UNIT.c.id).limit(BELOW_SHOWN)
    )
    return tuple(
        Below(row.id, row.code, row.name, row.kind, row.units, row.accounts, row.open_tasks) for row in rows
    )

"""Whose act it is: accounts by login, by the post that has the right, and units by what a person calls them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, case, or_, select
from sqlmodel import Session

from domain.errors import InvalidInputError, NotAllowedError, NotFoundError
from models.columns import table
from models.engine import Site
from models.organisation import Account, AccountRole, Unit, UnitAlias
from models.rectification import Rectification
from models.unit_task import UnitTask
from services.office import Actor, Office
from store.sessions import reading

_ACCOUNT, _UNIT, _ALIAS, _SITE = table(Account), table(Unit), table(UnitAlias), table(Site)
_TASK, _RECTIFICATION = table(UnitTask), table(Rectification)
_ACTIVE = select(_ACCOUNT).where(_ACCOUNT.c.active).order_by(_ACCOUNT.c.id).limit(1)


def actor_of(account: Row[Any]) -> Actor:
    """A row of `account` as somebody who acts."""
    return Actor(f"account:{account.login}", account.id, account.unit_id, account.role)


def actor_by_login(office: Office, login: str) -> Actor:
    """The account of that login. Raises NotFoundError, or NotAllowedError where it is closed."""
    with reading(office.engine) as session:
        row = session.connection().execute(select(_ACCOUNT).where(_ACCOUNT.c.login == login)).first()
    if row is None:
        raise NotFoundError("There is no account %(login)s.", login=login)
    if not row.active:
        raise NotAllowedError("The account %(login)s is closed.", login=login)
    return actor_of(row)


def officer_of_unit_task(office: Office, unit_task_id: int) -> Actor:
    """The officer of the unit whose task it is. Raises NotFoundError."""
    found = select(_TASK.c.unit_id).where(_TASK.c.id == unit_task_id)
    with reading(office.engine) as session:
        unit = session.connection().execute(found).scalar()
        if unit is None:
            raise NotFoundError("There is no unit task %(id)s.", id=unit_task_id)
        return _holder(session, unit, (AccountRole.UNIT_OFFICER,))


def officer_of_rectification(office: Office, rectification_id: int) -> Actor:
    """The officer of the unit that must mend. Raises NotFoundError."""
    found = select(_RECTIFICATION.c.unit_id).where(_RECTIFICATION.c.id == rectification_id)
    with reading(office.engine) as session:
        unit = session.connection().execute(found).scalar()
        if unit is None:
            raise NotFoundError("There is no rectification %(id)s.", id=rectification_id)
        return _holder(session, unit, (AccountRole.UNIT_OFFICER,))


def root_actor(office: Office, *roles: AccountRole) -> Actor:
    """The first active account of the root unit with one of `roles`, in their order. Raises NotFoundError."""
    with reading(office.engine) as session:
        root = session.connection().execute(select(_SITE.c.root_unit_id)).scalar()
        if root is None:
            raise NotFoundError("This site has no organisation yet: run `duban org import FILE`.")
        return _holder(session, root, roles)


def _holder(session: Session, unit_id: int, roles: Sequence[AccountRole]) -> Actor:
    """The account of the unit with the first of `roles` that somebody holds."""
    rank = case({role.value: at for at, role in enumerate(roles)}, value=_ACCOUNT.c.role)
    mine = _ACTIVE.where(_ACCOUNT.c.unit_id == unit_id, _ACCOUNT.c.role.in_(roles))
    row = session.connection().execute(mine.order_by(None).order_by(rank, _ACCOUNT.c.id)).first()
    if row is None:
        raise NotFoundError("No active account of that unit is %(role)s.", role=roles[0])
    return actor_of(row)


def unit_called(office: Office, text: str) -> Row[Any]:
    """The unit (id, code, name) with that code, or the only one of that name or alias.

    Raises NotFoundError, or InvalidInputError naming the codes where several units are called so.
    """
    with reading(office.engine) as session:
        return find_unit(session.connection(), text)


def find_unit(connection: Connection, text: str) -> Row[Any]:
    """The same, on a connection."""
    columns: tuple[Any, ...] = (_UNIT.c.id, _UNIT.c.code, _UNIT.c.name)
    named = select(_ALIAS.c.unit_id).where(_ALIAS.c.alias == text)
    by_name: Select[Any] = select(*columns).where(
        or_(_UNIT.c.name == text, _UNIT.c.id.in_(named)), _UNIT.c.abolished_at.is_(None)
    )
    by_code = connection.execute(select(*columns).where(_UNIT.c.code == text)).first()
    if by_code is not None:
        return by_code
    found = connection.execute(by_name.order_by(_UNIT.c.id).limit(5)).all()
    if not found:
        raise NotFoundError("No unit has the code or the name %(name)s.", name=text)
    if len(found) > 1:
        raise InvalidInputError(
            "Several units are called %(name)s: name one by its code (%(codes)s).",
            name=text,
            codes=", ".join(row.code for row in found),
        )
    return found[0]

"""The accounts of the site as an administrator sees them, and one of them with its sessions and its link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select

from domain.errors import NotFoundError
from models.columns import table
from models.organisation import Account, Unit
from models.sign_in import Credential, OneTimeLink, WebSession
from services.office import Office
from store.sessions import reading

_ACCOUNT, _UNIT, _CREDENTIAL, _SESSION, _LINK = (
    table(Account),
    table(Unit),
    table(Credential),
    table(WebSession),
    table(OneTimeLink),
)
PAGE = 50


@dataclass(frozen=True)
class AccountFilter:
    """Empty fields leave everything. `text` stands in the login, the name, or the unit's name or code."""

    text: str = ""
    role: str = ""
    closed: bool = False
    """Closed accounts instead of open ones."""


@dataclass(frozen=True)
class AccountList:
    """A page of accounts by id. `next` is where the next page goes on, 0 at the end."""

    accounts: tuple[Row[Any], ...]
    count: int
    next: int


@dataclass(frozen=True)
class AccountView:
    """One account. `link_ends`: until when a link waits to be used."""

    account: Row[Any]
    sessions: int
    link_ends: datetime | None


def account_list(office: Office, now: datetime, wanted: AccountFilter, after: int = 0) -> AccountList:
    """The accounts the filter leaves, after the row `after`."""
    chosen = _chosen(now).where(*_narrowed(wanted))
    with reading(office.engine) as session:
        connection = session.connection()
        count = int(connection.execute(select(func.count()).select_from(chosen.subquery())).scalar_one())
        page = chosen.where(_ACCOUNT.c.id > after).order_by(_ACCOUNT.c.id).limit(PAGE + 1)
        rows = connection.execute(page).all()
    return AccountList(tuple(rows[:PAGE]), count, rows[PAGE - 1].id if len(rows) > PAGE else 0)


def account_view(office: Office, now: datetime, account_id: int) -> AccountView:
    """One account. Raises NotFoundError."""
    open_ones = (_SESSION.c.account_id == account_id, *_open(now))
    waiting = (_LINK.c.account_id == account_id, _LINK.c.used_at.is_(None), _LINK.c.ends_at > now)
    with reading(office.engine) as session:
        connection = session.connection()
        row = connection.execute(_chosen(now).where(_ACCOUNT.c.id == account_id)).first()
        if row is None:
            raise NotFoundError("There is no account %(login)s.", login=account_id)
        sessions = connection.execute(
            select(func.count()).select_from(_SESSION).where(*open_ones)
        ).scalar_one()
        link_ends = connection.execute(select(func.max(_LINK.c.ends_at)).where(*waiting)).scalar()
    return AccountView(row, int(sessions), link_ends)


def account_ids(office: Office) -> tuple[int, ...]:
    """All active accounts that have no password yet, in their order."""
    without = (_ACCOUNT.c.active, _ACCOUNT.c.id.not_in(select(_CREDENTIAL.c.account_id)))
    with reading(office.engine) as session:
        chosen = select(_ACCOUNT.c.id).where(*without).order_by(_ACCOUNT.c.id)
        return tuple(session.connection().execute(chosen).scalars())


def logins_of(office: Office, ids: tuple[int, ...]) -> list[Row[Any]]:
    """Id, login, role and unit of accounts, in the order of the tree."""
    columns = (_ACCOUNT.c.id, _ACCOUNT.c.login, _ACCOUNT.c.role, _UNIT.c.name.label("unit"), _UNIT.c.code)
    chosen = select(*columns).outerjoin(_UNIT, _UNIT.c.id == _ACCOUNT.c.unit_id)
    with reading(office.engine) as session:
        rows: Sequence[Any] = session.connection().execute(chosen.order_by(_UNIT.c.path, _ACCOUNT.c.id)).all()
    wanted = set(ids)
    return [row for row in rows if row.id in wanted]


def _open(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (_SESSION.c.ended_at.is_(None), _SESSION.c.ends_at > now)


def _chosen(now: datetime) -> Select[Any]:
    seen = select(func.max(_SESSION.c.seen_at)).where(_SESSION.c.account_id == _ACCOUNT.c.id)
    signed_in = select(func.count()).where(_SESSION.c.account_id == _ACCOUNT.c.id, *_open(now))
    return (
        select(
            _ACCOUNT,
            _UNIT.c.name.label("unit"),
            _UNIT.c.code.label("unit_code"),
            _CREDENTIAL.c.changed_at.label("password_since"),
            (func.coalesce(_CREDENTIAL.c.totp_secret, "") != "").label("has_factor"),
            seen.scalar_subquery().label("seen_at"),
            signed_in.scalar_subquery().label("sessions"),
        )
        .outerjoin(_UNIT, _UNIT.c.id == _ACCOUNT.c.unit_id)
        .outerjoin(_CREDENTIAL, _CREDENTIAL.c.account_id == _ACCOUNT.c.id)
    )


def _narrowed(wanted: AccountFilter) -> list[ColumnElement[bool]]:
    narrowed: list[ColumnElement[bool]] = [_ACCOUNT.c.active.is_(not wanted.closed)]
    if wanted.role:
        narrowed.append(_ACCOUNT.c.role == wanted.role)
    if wanted.text:
        columns = (_ACCOUNT.c.login, _ACCOUNT.c.name, _UNIT.c.name, _UNIT.c.code)
        narrowed.append(or_(*(column.contains(wanted.text, autoescape=True) for column in columns)))
    return narrowed

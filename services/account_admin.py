"""Accounts as an administrator manages them: added, changed, closed, opened again, signed out, given links."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints
from sqlalchemy import Row, delete, func, insert, select, update

from domain.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from domain.headers import safe_address
from models.columns import table
from models.organisation import Account, AccountRole, Unit
from models.sign_in import Credential, OneTimeLink, WebSession
from services.office import Actor, Office
from services.one_time_links import LINK_LASTS
from services.rows import require_manager
from services.tokens import hash_of, new_token
from services.transaction import Answer, Request, Transaction, act

_ACCOUNT, _UNIT, _SESSION, _LINK, _CREDENTIAL = (
    table(Account),
    table(Unit),
    table(WebSession),
    table(OneTimeLink),
    table(Credential),
)
Login = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\s:/]+$")
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]


def _address(text: str) -> str:
    """One plain address, or none."""
    return safe_address(text.strip()) if text.strip() else ""


Address = Annotated[str, Field(max_length=254), AfterValidator(_address)]


class AccountFields(Request):
    """What an account is: `name` says which post it is of; only an administrator can be of no unit."""

    name: Name
    role: AccountRole
    unit_id: int | None = None
    email: Address = ""
    language: Literal["", "zh_CN", "en"] = ""
    wants_mail: bool = True


class AddAccount(AccountFields):
    """A new account; its login never changes."""

    login: Login


class ChangeAccount(AccountFields):
    """The same fields of an account that is there."""

    account_id: int


class OnAccount(Request):
    """One account."""

    account_id: int


class KeepLinks(Request):
    """A link for each account, by the hashes of their tokens."""

    token_sha256: dict[int, str] = Field(repr=False)


@act
def add_account(tx: Transaction, request: AddAccount) -> Answer:
    """A new account, without a password until its link is used. Raises ConflictError for a login that is taken."""
    require_manager(tx)
    _check_unit(tx, request)
    if tx.one(select(_ACCOUNT.c.id).where(_ACCOUNT.c.login == request.login)) is not None:
        raise ConflictError("The login %(login)s is taken.", login=request.login)
    row = request.model_dump() | {"telephone": "", "active": True}
    new = int(tx.run(insert(_ACCOUNT).returning(_ACCOUNT.c.id), row).scalar_one())
    tx.record("add_account", f"account/{new}", login=request.login, role=request.role, unit=request.unit_id)
    return {"account_id": new}


@act
def change_account(tx: Transaction, request: ChangeAccount) -> Answer:
    """Change it. Another role or unit is in force at the account's next request: a session carries no rights."""
    require_manager(tx)
    row = _locked(tx, request.account_id)
    _check_unit(tx, request)
    if request.role != AccountRole.ADMINISTRATOR:
        _keep_an_administrator(tx, row)
    changed = {
        name: value
        for name, value in request.model_dump(exclude={"account_id"}).items()
        if getattr(row, name) != value
    }
    if changed:
        tx.run(update(_ACCOUNT).where(_ACCOUNT.c.id == row.id).values(**changed))
        tx.record("change_account", f"account/{row.id}", **changed)
    return {"changed": sorted(changed)}


@act
def close_account(tx: Transaction, request: OnAccount) -> Answer:
    """Close it: every session ends, every link is void. Raises RefusedError for the last administrator."""
    require_manager(tx)
    row = _locked(tx, request.account_id)
    _keep_an_administrator(tx, row)
    tx.run(update(_ACCOUNT).where(_ACCOUNT.c.id == row.id).values(active=False))
    tx.run(delete(_LINK).where(_LINK.c.account_id == row.id))
    ended = _end_sessions(tx, row.id)
    tx.record("close_account", f"account/{row.id}", sessions=ended)
    return {"sessions": ended}


@act
def open_account(tx: Transaction, request: OnAccount) -> Answer:
    """Open a closed one again; it signs in with the password it had, or with a new link."""
    require_manager(tx)
    row = _locked(tx, request.account_id)
    tx.run(update(_ACCOUNT).where(_ACCOUNT.c.id == row.id).values(active=True))
    tx.record("open_account", f"account/{row.id}")
    return {}


@act
def end_sessions(tx: Transaction, request: OnAccount) -> Answer:
    """Sign it out everywhere at once."""
    require_manager(tx)
    row = _locked(tx, request.account_id)
    ended = _end_sessions(tx, row.id)
    tx.record("end_sessions", f"account/{row.id}", sessions=ended)
    return {"sessions": ended}


@act
def clear_factor(tx: Transaction, request: OnAccount) -> Answer:
    """Take away a second factor whose device was lost; every session ends with it."""
    require_manager(tx)
    row = _locked(tx, request.account_id)
    mine = update(_CREDENTIAL).where(_CREDENTIAL.c.account_id == row.id)
    tx.run(mine.values(totp_secret="", totp_step=0))
    _end_sessions(tx, row.id)
    tx.record("clear_factor", f"account/{row.id}")
    return {}


def make_links(office: Office, actor: Actor, now: datetime, account_ids: Collection[int]) -> dict[int, str]:
    """A fresh token for each account, in one act; older ones no longer work."""
    tokens = {account_id: new_token() for account_id in account_ids}
    hashes = {account_id: hash_of(token) for account_id, token in tokens.items()}
    keep_links(office, actor, now, KeepLinks(token_sha256=hashes))
    return tokens


@act
def keep_links(tx: Transaction, request: KeepLinks) -> Answer:
    """Keep a link for each; one row of the trail tells of all."""
    require_manager(tx)
    ids = sorted(request.token_sha256)
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        tx.run(delete(_LINK).where(_LINK.c.account_id.in_(some)))
        kept = {"made_at": tx.now, "ends_at": tx.now + LINK_LASTS}
        tx.run(
            insert(_LINK), [kept | {"account_id": i, "token_sha256": request.token_sha256[i]} for i in some]
        )
    tx.record("make_links", "accounts", accounts=len(ids))
    return {"links": len(ids)}


def _locked(tx: Transaction, account_id: int) -> Row[Any]:
    row = tx.one(select(_ACCOUNT).where(_ACCOUNT.c.id == account_id).with_for_update())
    if row is None:
        raise NotFoundError("There is no account %(login)s.", login=account_id)
    return row


def _check_unit(tx: Transaction, request: AccountFields) -> None:
    if request.unit_id is None:
        if request.role is not AccountRole.ADMINISTRATOR:
            raise InvalidInputError("Name the unit: only an administrator can be of none.", field="unit")
        return
    there = (_UNIT.c.id == request.unit_id, _UNIT.c.abolished_at.is_(None))
    if tx.one(select(_UNIT.c.id).where(*there)) is None:
        raise NotFoundError("There is no unit %(id)s.", id=request.unit_id)


def _keep_an_administrator(tx: Transaction, row: Row[Any]) -> None:
    """Raise RefusedError where nobody could manage the site any more."""
    administrators = (_ACCOUNT.c.role == AccountRole.ADMINISTRATOR, _ACCOUNT.c.active)
    if row.role != AccountRole.ADMINISTRATOR or not row.active:
        return
    others = select(func.count()).select_from(_ACCOUNT).where(*administrators, _ACCOUNT.c.id != row.id)
    if not tx.run(others).scalar_one():
        raise RefusedError("This is the last administrator: make another one first.")


def _end_sessions(tx: Transaction, account_id: int) -> int:
    mine = (_SESSION.c.account_id == account_id, _SESSION.c.ended_at.is_(None))
    return int(tx.run(update(_SESSION).where(*mine).values(ended_at=tx.now)).rowcount)

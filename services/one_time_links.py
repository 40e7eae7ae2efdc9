"""The one-time link with which an account sets its password: at the first start, for a new account, after a loss."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import Field
from sqlalchemy import Row, delete, insert, select, update

from domain.errors import NotFoundError
from models.columns import table
from models.organisation import Account
from models.sign_in import Credential, OneTimeLink, WebSession
from services.office import Actor, Office
from services.passwords import check_password, hash_password
from services.rows import require_manager
from services.tokens import hash_of, new_token
from services.transaction import Answer, Request, Transaction, act
from store.sessions import reading

_ACCOUNT, _CREDENTIAL, _LINK, _SESSION = (
    table(Account),
    table(Credential),
    table(OneTimeLink),
    table(WebSession),
)
LINK_LASTS = timedelta(days=7)


class KeepLink(Request):
    """A link for an account, by the hash of its token."""

    account_id: int
    token_sha256: str = Field(repr=False)


class UseLink(Request):
    """A password, as its hash, for the account of an unused link."""

    token_sha256: str = Field(repr=False)
    password_hash: str = Field(repr=False)


def make_link(office: Office, actor: Actor, now: datetime, account_id: int) -> str:
    """A fresh token for the account; older ones of it no longer work. Raises NotFoundError, NotAllowedError."""
    token = new_token()
    keep_link(office, actor, now, KeepLink(account_id=account_id, token_sha256=hash_of(token)))
    return token


@act
def keep_link(tx: Transaction, request: KeepLink) -> Answer:
    """Keep a link. An administrator does it, or the operator at the command line."""
    require_manager(tx)
    if tx.one(select(_ACCOUNT.c.id).where(_ACCOUNT.c.id == request.account_id)) is None:
        raise NotFoundError("There is no account %(login)s.", login=request.account_id)
    tx.run(delete(_LINK).where(_LINK.c.account_id == request.account_id))
    ends = tx.now + LINK_LASTS
    tx.run(insert(_LINK), request.model_dump() | {"made_at": tx.now, "ends_at": ends})
    tx.record("make_link", f"account/{request.account_id}")
    return {"ends_at": ends.isoformat()}


def login_of_link(office: Office, now: datetime, token: str) -> str:
    """The login whose link it is. Raises NotFoundError for one that is unknown, used or too old."""
    with reading(office.engine) as session:
        return str(_known(session.connection().execute(_link(hash_of(token), now)).first()).login)


def use_link(office: Office, now: datetime, token: str, password: str) -> str:
    """Set the password of the link's account; answers its login. Raises NotFoundError, RefusedError."""
    login = login_of_link(office, now, token)
    check_password(password, login)
    hashed = hash_password(password)
    set_password(
        office, Actor(f"account:{login}"), now, UseLink(token_sha256=hash_of(token), password_hash=hashed)
    )
    return login


@act
def set_password(tx: Transaction, request: UseLink) -> Answer:
    """Use the link up: the password is set, every session of the account ends."""
    row = _known(tx.one(_link(request.token_sha256, tx.now).with_for_update(of=_LINK)))
    tx.run(update(_LINK).where(_LINK.c.token_sha256 == request.token_sha256).values(used_at=tx.now))
    kept = {"password_hash": request.password_hash, "changed_at": tx.now}
    mine = update(_CREDENTIAL).where(_CREDENTIAL.c.account_id == row.account_id)
    if not tx.run(mine.values(**kept)).rowcount:
        tx.run(insert(_CREDENTIAL), kept | {"account_id": row.account_id, "totp_secret": "", "totp_step": 0})
    open_ones = (_SESSION.c.account_id == row.account_id, _SESSION.c.ended_at.is_(None))
    tx.run(update(_SESSION).where(*open_ones).values(ended_at=tx.now))
    tx.record("set_password", f"account/{row.account_id}")
    return {"login": row.login}


def _link(token_sha256: str, now: datetime) -> Any:
    good = (_LINK.c.token_sha256 == token_sha256, _LINK.c.used_at.is_(None), _LINK.c.ends_at > now)
    return (
        select(_LINK.c.account_id, _ACCOUNT.c.login)
        .join(_ACCOUNT, _ACCOUNT.c.id == _LINK.c.account_id)
        .where(*good, _ACCOUNT.c.active)
    )


def _known(row: Row[Any] | None) -> Row[Any]:
    if row is None:
        raise NotFoundError("This link is not valid any more: ask the administrator for a new one.")
    return row

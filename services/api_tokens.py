"""Personal access tokens: made by an account for its own programs, shown once, ended at any time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import Field
from sqlalchemy import Row, func, insert, select, update

from domain.errors import NotAllowedError, NotFoundError
from models.api import ApiToken
from models.columns import table
from models.organisation import Account, AccountRole, Unit
from services.accounts import actor_of
from services.office import Actor, Office
from services.sign_in import SignedIn
from services.tokens import hash_of, new_token
from services.transaction import Answer, Request, Transaction, act
from store.sessions import reading, writing

_TOKEN, _ACCOUNT, _UNIT = table(ApiToken), table(Account), table(Unit)
MOST_DAYS = 366
USED_EVERY = timedelta(minutes=5)


class Scope(StrEnum):
    """What a token is good for; the account's own rights limit it further."""

    READ = "read"
    ACT = "act"


class WantedToken(Request):
    """What a token is called, what it is good for, and for how many days."""

    name: str = Field(min_length=1, max_length=80)
    scopes: tuple[Scope, ...] = Field(min_length=1)
    days: int = Field(ge=1, le=MOST_DAYS)


class KeepToken(WantedToken):
    """A token by its hash."""

    token_sha256: str = Field(repr=False)


class EndToken(Request):
    """A token that is good no longer."""

    token_id: int


@dataclass(frozen=True)
class Bearer:
    """Whose program it is, and what its token is good for."""

    me: SignedIn
    scopes: frozenset[Scope]


def make_token(office: Office, actor: Actor, now: datetime, wanted: WantedToken) -> str:
    """A fresh token, to be shown once. Raises NotAllowedError where nobody's account makes it."""
    token = f"duban_{new_token()}"
    keep_token(office, actor, now, KeepToken(token_sha256=hash_of(token), **wanted.model_dump()))
    return token


@act
def keep_token(tx: Transaction, request: KeepToken) -> Answer:
    """Keep a token for the account that acts."""
    account = _own(tx)
    row: dict[str, Any] = {"account_id": account, "name": request.name, "token_sha256": request.token_sha256}
    row |= {
        "scopes": list(request.scopes),
        "made_at": tx.now,
        "ends_at": tx.now + timedelta(days=request.days),
    }
    new = tx.run(insert(_TOKEN).returning(_TOKEN.c.id), row).scalar_one()
    tx.record("make_token", f"account/{account}", token=new, scopes=list(request.scopes))
    return {"token_id": new}


@act
def end_token(tx: Transaction, request: EndToken) -> Answer:
    """End one of the acting account's own tokens. Raises NotFoundError."""
    account = _own(tx)
    mine = (_TOKEN.c.id == request.token_id, _TOKEN.c.account_id == account, _TOKEN.c.ended_at.is_(None))
    if not tx.run(update(_TOKEN).where(*mine).values(ended_at=tx.now)).rowcount:
        raise NotFoundError("There is no token %(id)s.", id=request.token_id)
    tx.record("end_token", f"account/{account}", token=request.token_id)
    return {}


def _own(tx: Transaction) -> int:
    if tx.actor.account_id is None:
        raise NotAllowedError("%(who)s has not the right to do this.", who=tx.actor.name)
    return tx.actor.account_id


def tokens_of(office: Office, account_id: int) -> Sequence[Row[Any]]:
    """The tokens of an account that are still good or were, newest first; never the tokens themselves."""
    columns = (c for c in _TOKEN.c if c.name != "token_sha256")
    chosen = select(*columns).where(_TOKEN.c.account_id == account_id).order_by(_TOKEN.c.id.desc())
    with reading(office.engine) as session:
        return session.connection().execute(chosen).all()


def find_bearer(office: Office, now: datetime, token: str) -> Bearer | None:
    """Whose token it is; None where it has ended or its account is closed."""
    living = (_TOKEN.c.ended_at.is_(None), _TOKEN.c.ends_at > now, _ACCOUNT.c.active)
    chosen = (
        select(_ACCOUNT, _TOKEN.c.scopes, _TOKEN.c.used_at, _TOKEN.c.id.label("token_id"),
               func.coalesce(_UNIT.c.name, "").label("unit_name"), func.coalesce(_UNIT.c.path, "").label("path"))
        .join(_TOKEN, _TOKEN.c.account_id == _ACCOUNT.c.id)
        .outerjoin(_UNIT, _UNIT.c.id == _ACCOUNT.c.unit_id)
        .where(_TOKEN.c.token_sha256 == hash_of(token), *living)
    )  # fmt: skip
    with reading(office.engine) as session:
        row = session.connection().execute(chosen).first()
    if row is None:
        return None
    if row.used_at is None or row.used_at < now - USED_EVERY:
        with writing(office.engine) as session:
            session.connection().execute(
                update(_TOKEN).where(_TOKEN.c.id == row.token_id).values(used_at=now)
            )
    me = SignedIn(
        actor_of(row), row.login, AccountRole(row.role), row.unit_name, row.path, row.language, "", 0
    )
    return Bearer(me, frozenset(Scope(one) for one in row.scopes))

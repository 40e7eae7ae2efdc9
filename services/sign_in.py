"""Signing in: password and second factor, and the session that follows.

Whether a login exists nobody learns: the answer to a wrong one is the same, and takes as long.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

import pyotp
from pydantic import Field
from sqlalchemy import func, insert, select, update

from domain.errors import RefusedError
from models.columns import table
from models.organisation import Account, AccountRole, Unit
from models.sign_in import Credential, WebSession
from services.accounts import actor_of
from services.office import Actor, Office
from services.passwords import is_password
from services.throttles import check_throttle, count_failure, forget_failures, keys_of
from services.tokens import hash_of, new_token
from services.transaction import Answer, Request, Transaction, act
from store.sessions import reading, writing

_ACCOUNT, _UNIT, _CREDENTIAL, _SESSION = table(Account), table(Unit), table(Credential), table(WebSession)
IDLE, LONGEST = timedelta(hours=2), timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
TOTP_SECONDS = 30


def _wrong() -> RefusedError:
    """The one answer to everything that is not right."""
    return RefusedError("The login, the password or the code is not right.")


@dataclass(frozen=True)
class Attempt:
    """What somebody typed to sign in, and the address it came from."""

    login: str
    password: str
    code: str = ""
    address: str = ""


@dataclass(frozen=True)
class SignedIn:
    """Somebody signed in: as whom, in which unit (`path` is its place in the tree), in which language."""

    actor: Actor
    login: str
    role: AccountRole
    unit_name: str
    path: str
    language: str
    csrf: str
    session_id: int


class OpenSession(Request):
    """A session for an account that has proven itself. `totp_step` is the step of the code it showed."""

    account_id: int
    token_sha256: str = Field(repr=False)
    csrf: str = Field(repr=False)
    totp_step: int = 0


class EndSession(Request):
    """A session that ends before its time."""

    session_id: int


def sign_in(office: Office, now: datetime, attempt: Attempt) -> str:
    """The token of a new session. Raises RefusedError for what is not right, and after too many attempts."""
    keys = keys_of(attempt.login, attempt.address)
    check_throttle(office, now, keys)
    chosen = select(_ACCOUNT, _CREDENTIAL.c.password_hash, _CREDENTIAL.c.totp_secret, _CREDENTIAL.c.totp_step)
    chosen = chosen.join(_CREDENTIAL, _CREDENTIAL.c.account_id == _ACCOUNT.c.id)
    with reading(office.engine) as session:
        row = session.connection().execute(chosen.where(_ACCOUNT.c.login == attempt.login)).first()
    right = is_password(attempt.password, row.password_hash if row else None)
    step = step_of(attempt.code, row.totp_secret, row.totp_step, now) if row else 0
    if row is None or not right or not row.active or step is None:
        count_failure(office, now, keys)
        raise _wrong()
    forget_failures(office, attempt.login, attempt.address)
    token = new_token()
    request = OpenSession(account_id=row.id, token_sha256=hash_of(token), csrf=new_token(), totp_step=step)
    open_session(office, actor_of(row), now, request)
    return token


def step_of(code: str, secret: str, last: int, now: datetime) -> int | None:
    """The time step of the code, 0 where none is asked for, None where it is wrong or was used before."""
    if not secret:
        return 0
    at = int(now.timestamp()) // TOTP_SECONDS
    for step in (at, at - 1, at + 1):
        if step > last and compare_digest(pyotp.TOTP(secret).generate_otp(step), code.strip()):
            return step
    return None


@act
def open_session(tx: Transaction, request: OpenSession) -> Answer:
    """Open a session under a fresh token; a code is taken once."""
    if request.totp_step:
        fresh = (
            _CREDENTIAL.c.account_id == request.account_id,
            _CREDENTIAL.c.totp_step < request.totp_step,
        )
        if not tx.run(update(_CREDENTIAL).where(*fresh).values(totp_step=request.totp_step)).rowcount:
            raise _wrong()
    row = {"token_sha256": request.token_sha256, "account_id": request.account_id, "csrf": request.csrf}
    tx.run(insert(_SESSION), row | {"started_at": tx.now, "seen_at": tx.now, "ends_at": tx.now + LONGEST})
    tx.record("sign_in", f"account/{request.account_id}")
    return {}


@act
def end_session(tx: Transaction, request: EndSession) -> Answer:
    """Sign out; the token opens nothing from now on."""
    mine = (_SESSION.c.id == request.session_id, _SESSION.c.account_id == tx.actor.account_id)
    tx.run(update(_SESSION).where(*mine, _SESSION.c.ended_at.is_(None)).values(ended_at=tx.now))
    tx.record("sign_out", f"account/{tx.actor.account_id}")
    return {}


def find_session(office: Office, now: datetime, token: str) -> SignedIn | None:
    """Who holds the token; None where the session has ended, was idle for too long, or the account is closed."""
    columns = (_SESSION.c.csrf, _SESSION.c.seen_at, _SESSION.c.id.label("session_id"))
    living = (_SESSION.c.ended_at.is_(None), _SESSION.c.ends_at > now, _SESSION.c.seen_at > now - IDLE)
    chosen = (
        select(_ACCOUNT, *columns, func.coalesce(_UNIT.c.name, "").label("unit_name"), func.coalesce(_UNIT.c.path, "").label("path"))
        .join(_SESSION, _SESSION.c.account_id == _ACCOUNT.c.id)
        .outerjoin(_UNIT, _UNIT.c.id == _ACCOUNT.c.unit_id)
        .where(_SESSION.c.token_sha256 == hash_of(token), _ACCOUNT.c.active, *living)
    )  # fmt: skip
    with reading(office.engine) as session:
        row = session.connection().execute(chosen).first()
    if row is None:
        return None
    if row.seen_at < now - SEEN_EVERY:
        with writing(office.engine) as session:
            session.connection().execute(
                update(_SESSION).where(_SESSION.c.id == row.session_id).values(seen_at=now)
            )
    return SignedIn(
        actor=actor_of(row),
        login=row.login,
        role=AccountRole(row.role),
        unit_name=row.unit_name,
        path=row.path,
        language=row.language,
        csrf=row.csrf,
        session_id=row.session_id,
    )

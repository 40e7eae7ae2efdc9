"""Signing in through the identity provider of a site: who is on the way there, and the session at the end.

An account is never made here: the provider says who somebody is, the office decides who takes part.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from domain.errors import RefusedError
from models.columns import table
from models.oidc import OidcAttempt
from models.organisation import Account
from services.accounts import actor_of
from services.office import Office
from services.sign_in import OpenSession, open_session
from services.tokens import hash_of, new_token
from store.sessions import reading, writing

_ATTEMPT, _ACCOUNT = table(OidcAttempt), table(Account)
LONGEST_WAY = timedelta(minutes=10)


@dataclass(frozen=True)
class OnTheWay:
    """What ties an answer of the provider to the browser that was sent there, and to the page it had asked for."""

    state: str
    nonce: str
    verifier: str = field(repr=False)
    next: str = "/"


def set_out(office: Office, now: datetime, asked_for: str) -> tuple[str, OnTheWay]:
    """A token for the browser's cookie, and what goes with it to the provider. Good once, for LONGEST_WAY."""
    token = new_token()
    way = OnTheWay(new_token(), new_token(), new_token() + new_token(), asked_for)
    row = {"token_sha256": hash_of(token), "state": way.state, "nonce": way.nonce, "verifier": way.verifier}
    with writing(office.engine) as session:
        connection = session.connection()
        connection.execute(delete(_ATTEMPT).where(_ATTEMPT.c.ends_at <= now))
        connection.execute(insert(_ATTEMPT), row | {"next": way.next, "ends_at": now + LONGEST_WAY})
    return token, way


def come_back(office: Office, now: datetime, token: str, state: str) -> OnTheWay | None:
    """What the browser with that token was sent with; None for another browser, a second time, or too late."""
    mine = (_ATTEMPT.c.token_sha256 == hash_of(token), _ATTEMPT.c.state == state, _ATTEMPT.c.ends_at > now)
    columns = (_ATTEMPT.c.state, _ATTEMPT.c.nonce, _ATTEMPT.c.verifier, _ATTEMPT.c.next)
    with writing(office.engine) as session:
        row = session.connection().execute(delete(_ATTEMPT).where(*mine).returning(*columns)).first()
    return None if row is None else OnTheWay(*row)


def open_session_of(office: Office, now: datetime, login: str) -> str:
    """The token of a new session. Raises RefusedError where no active account has that login."""
    with reading(office.engine) as session:
        chosen = select(_ACCOUNT).where(_ACCOUNT.c.login == login, _ACCOUNT.c.active)
        row = session.connection().execute(chosen).first()
    if row is None:
        raise RefusedError("The sign-in through the identity provider did not succeed.")
    token = new_token()
    request = OpenSession(account_id=row.id, token_sha256=hash_of(token), csrf=new_token())
    open_session(office, actor_of(row), now, request)
    return token

"""What a person settles about their own account: password, second factor, language, mails, open sessions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import pyotp
from pydantic import Field
from sqlalchemy import Row, select, update

from domain.errors import NotAllowedError, RefusedError
from models.columns import table
from models.organisation import Account
from models.sign_in import Credential, WebSession
from services.office import Office
from services.passwords import check_password, hash_password, is_password
from services.sign_in import SignedIn, step_of
from services.transaction import Answer, Request, Transaction, act
from store.sessions import reading

_ACCOUNT, _CREDENTIAL, _SESSION = table(Account), table(Credential), table(WebSession)


class ChangePassword(Request):
    """The new password of the account that acts, as its hash. Every other session ends."""

    password_hash: str = Field(repr=False)
    session_id: int


class SetFactor(Request):
    """A second factor whose first code was shown; an empty secret takes it away."""

    secret: str = Field(default="", max_length=64, repr=False)
    step: int = 0


class SetPreferences(Request):
    """The language of pages and mails, and whether mails are wanted at all."""

    language: Literal["", "zh_CN", "en"] = ""
    wants_mail: bool = False


class EndOthers(Request):
    """Every session but this one ends."""

    session_id: int


def change_own_password(office: Office, me: SignedIn, now: datetime, old: str, new: str) -> None:
    """Raises RefusedError where the old one is not right or the new one is easily guessed."""
    if not is_password(old, _password_hash(office, me)):
        raise RefusedError("The old password is not right.")
    check_password(new, me.login)
    request = ChangePassword(password_hash=hash_password(new), session_id=me.session_id)
    change_password(office, me.actor, now, request)


@act
def change_password(tx: Transaction, request: ChangePassword) -> Answer:
    """Keep it."""
    account = _own(tx)
    kept = {"password_hash": request.password_hash, "changed_at": tx.now}
    tx.run(update(_CREDENTIAL).where(_CREDENTIAL.c.account_id == account).values(**kept))
    _end_others(tx, account, request.session_id)
    tx.record("change_password", f"account/{account}")
    return {}


def fresh_secret() -> str:
    """A secret for an authenticator, in base 32."""
    return pyotp.random_base32()


def address_of_secret(secret: str, login: str, site: str) -> str:
    """What an authenticator reads from the square."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=site)


def confirm_factor(office: Office, me: SignedIn, now: datetime, secret: str, code: str) -> None:
    """Take the second factor into use with a code made with it. Raises RefusedError for a wrong one."""
    step = step_of(code, secret, 0, now)
    if not step:
        raise RefusedError("This code does not belong to the secret shown.")
    set_factor(office, me.actor, now, SetFactor(secret=secret, step=step))


def drop_factor(office: Office, me: SignedIn, now: datetime, password: str) -> None:
    """Take the second factor away. Raises RefusedError where the password is not right."""
    if not is_password(password, _password_hash(office, me)):
        raise RefusedError("The old password is not right.")
    set_factor(office, me.actor, now, SetFactor())


@act
def set_factor(tx: Transaction, request: SetFactor) -> Answer:
    """Keep the secret, or take it away."""
    account = _own(tx)
    kept = {"totp_secret": request.secret, "totp_step": request.step}
    if not tx.run(update(_CREDENTIAL).where(_CREDENTIAL.c.account_id == account).values(**kept)).rowcount:
        raise RefusedError("A second factor goes with a password, and there is none here.")
    tx.record("set_factor" if request.secret else "drop_factor", f"account/{account}")
    return {}


@act
def set_preferences(tx: Transaction, request: SetPreferences) -> Answer:
    """Keep them."""
    account = _own(tx)
    tx.run(update(_ACCOUNT).where(_ACCOUNT.c.id == account).values(**request.model_dump()))
    tx.record("set_preferences", f"account/{account}", **request.model_dump())
    return {}


@act
def end_other_sessions(tx: Transaction, request: EndOthers) -> Answer:
    """Sign out everywhere else."""
    account = _own(tx)
    _end_others(tx, account, request.session_id)
    tx.record("end_other_sessions", f"account/{account}")
    return {}


def has_password(office: Office, me: SignedIn) -> bool:
    """Whether there is one here: who comes through the identity provider needs none."""
    return _credential(office, me) is not None


def has_factor(office: Office, me: SignedIn) -> bool:
    """Whether a second factor is in use."""
    credential = _credential(office, me)
    return credential is not None and bool(credential.totp_secret)


def wants_mail(office: Office, me: SignedIn) -> bool:
    """Whether mails are wanted."""
    with reading(office.engine) as session:
        mine = select(_ACCOUNT.c.wants_mail).where(_ACCOUNT.c.id == me.actor.account_id)
        return bool(session.connection().execute(mine).scalar_one())


def open_sessions(office: Office, me: SignedIn, now: datetime) -> Sequence[Any]:
    """The sessions of the account that are open now, newest first."""
    mine = (
        _SESSION.c.account_id == me.actor.account_id,
        _SESSION.c.ended_at.is_(None),
        _SESSION.c.ends_at > now,
    )
    columns = (_SESSION.c.id, _SESSION.c.started_at, _SESSION.c.seen_at)
    with reading(office.engine) as session:
        return (
            session.connection().execute(select(*columns).where(*mine).order_by(_SESSION.c.id.desc())).all()
        )


def _password_hash(office: Office, me: SignedIn) -> str | None:
    credential = _credential(office, me)
    return None if credential is None else str(credential.password_hash)


def _credential(office: Office, me: SignedIn) -> Row[Any] | None:
    with reading(office.engine) as session:
        mine = select(_CREDENTIAL).where(_CREDENTIAL.c.account_id == me.actor.account_id)
        return session.connection().execute(mine).first()


def _end_others(tx: Transaction, account: int, session_id: int) -> None:
    others = (_SESSION.c.account_id == account, _SESSION.c.id != session_id, _SESSION.c.ended_at.is_(None))
    tx.run(update(_SESSION).where(*others).values(ended_at=tx.now))


def _own(tx: Transaction) -> int:
    if tx.actor.account_id is None:
        raise NotAllowedError("%(who)s has not the right to do this.", who=tx.actor.name)
    return tx.actor.account_id

"""How an account signs in: its password, its sessions, one-time links, and what slows a guesser down."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.columns import instant, key, maybe_instant, ref


class Credential(SQLModel, table=True):
    """The password of an account as an argon2id hash, and its second factor where it has one."""

    __tablename__ = "credential"

    account_id: int = Field(primary_key=True, foreign_key="account.id")
    password_hash: str = Field(max_length=200)
    changed_at: datetime = instant()
    totp_secret: str = Field(default="", max_length=64)
    """Empty until a code made with it was shown."""
    totp_step: int = 0
    """The time step of the last code taken: a code is good once."""


class WebSession(SQLModel, table=True):
    """Somebody signed in. The cookie holds a token; here is only its hash, so this table opens no door."""

    __tablename__ = "web_session"

    id: int | None = key()
    token_sha256: str = Field(unique=True, max_length=64)
    account_id: int = ref("account.id", index=True)
    csrf: str = Field(max_length=64)
    started_at: datetime = instant()
    seen_at: datetime = instant()
    ends_at: datetime = instant()
    ended_at: datetime | None = maybe_instant()


class OneTimeLink(SQLModel, table=True):
    """A link with which an account sets its password, once and within its days."""

    __tablename__ = "one_time_link"

    token_sha256: str = Field(primary_key=True, max_length=64)
    account_id: int = ref("account.id", index=True)
    made_at: datetime = instant()
    ends_at: datetime = instant()
    used_at: datetime | None = maybe_instant()


class Throttle(SQLModel, table=True):
    """Failed sign-ins of one account or one address since a moment."""

    __tablename__ = "throttle"

    key: str = Field(primary_key=True, max_length=200)
    since: datetime = instant()
    failures: int

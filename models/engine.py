"""The engine's own rows: outbox, leases, runs of the calendar, incidents, audit, settings of the site."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import BIG_ID, instant, json_column, key, maybe_instant


class OutboxKind(StrEnum):
    """What the relay is to do."""

    POKE = "poke"
    """Signal-with-start the owner of a row."""
    ISSUE_LETTER = "issue_letter"
    """A letter's hold has passed: give it its number."""
    WRITE_BULLETIN = "write_bulletin"
    """A job's period has come: count, and keep the bulletin."""


class Outbox(SQLModel, table=True):
    """Something to be done after a commit, not before `next_at`, at least once."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "done_at", "next_at"),)

    id: int | None = key()
    kind: str = Field(max_length=20)
    aggregate: str = Field(max_length=20)
    aggregate_id: str = Field(max_length=60)
    dedupe_key: str = Field(unique=True, max_length=200)
    clock_version: int = 0
    created_at: datetime = instant()
    next_at: datetime = instant()
    attempts: int = 0
    lease_until: datetime | None = maybe_instant()
    fence: int = 0
    done_at: datetime | None = maybe_instant()
    parked_at: datetime | None = maybe_instant()
    error: str = Field(default="", max_length=500)


class Lease(SQLModel, table=True):
    """Who holds a role that only one process may play; `fence` grows with every change of hands."""

    __tablename__ = "lease"

    name: str = Field(primary_key=True, max_length=40)
    holder: str = Field(max_length=80)
    fence: int
    until: datetime = instant()


class CalendarRun(SQLModel, table=True):
    """That a wall-clock job has run for a period: once, by its primary key."""

    __tablename__ = "calendar_run"

    job: str = Field(primary_key=True, max_length=40)
    period: str = Field(primary_key=True, max_length=20)
    at: datetime = instant()


class Bulletin(SQLModel, table=True):
    """A digest, brief or circular of the office's rhythm."""

    __tablename__ = "bulletin"
    __table_args__ = (UniqueConstraint("kind", "period"),)

    id: int | None = key()
    kind: str = Field(max_length=40)
    period: str = Field(max_length=20)
    at: datetime = instant()
    figures: dict[str, Any] = json_column()


class Heartbeat(SQLModel, table=True):
    """What a worker last said of itself."""

    __tablename__ = "heartbeat"

    worker: str = Field(primary_key=True, max_length=80)
    at: datetime = instant()
    state: dict[str, Any] = json_column()


class Incident(SQLModel, table=True):
    """Something a person must look at. One open row for a key."""

    __tablename__ = "incident"

    id: int | None = key()
    kind: str = Field(max_length=40)
    key: str = Field(unique=True, max_length=200)
    detail: str = Field(max_length=1000)
    opened_at: datetime = instant()
    closed_at: datetime | None = maybe_instant()


class Idempotency(SQLModel, table=True):
    """The answer already given to a request, by who asked, which act and the asker's key."""

    __tablename__ = "idempotency"

    actor: str = Field(primary_key=True, max_length=120)
    act: str = Field(primary_key=True, max_length=40)
    key: str = Field(primary_key=True, max_length=255)
    request_sha256: str = Field(max_length=64)
    answer: dict[str, Any] = json_column()
    at: datetime = instant()


class Audit(SQLModel, table=True):
    """The trail: hash-chained, sealed with a key kept elsewhere; triggers refuse UPDATE and DELETE."""

    __tablename__ = "audit"

    seq: int = Field(primary_key=True, sa_type=BIG_ID, sa_column_kwargs={"autoincrement": False})
    at: datetime = instant()
    actor: str = Field(max_length=120)
    action: str = Field(max_length=40)
    subject: str = Field(max_length=80, index=True)
    detail: dict[str, Any] = json_column()
    key_id: str = Field(max_length=20)
    prev_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)
    seal: str = Field(max_length=64)


class AuditHead(SQLModel, table=True):
    """The end of the chain, one row; whoever appends locks it."""

    __tablename__ = "audit_head"

    id: int = Field(primary_key=True)
    seq: int = Field(sa_type=BIG_ID)
    hash: str = Field(max_length=64)


class CalendarDay(SQLModel, table=True):
    """An exception to Monday-to-Friday: a day off, or a make-up working day."""

    __tablename__ = "calendar_day"

    day: date = Field(primary_key=True)
    off: bool
    name: str = Field(default="", max_length=40)


class CalendarYear(SQLModel, table=True):
    """A year whose notice was imported; other years are provisional."""

    __tablename__ = "calendar_year"

    year: int = Field(primary_key=True)
    certain: bool


class Site(SQLModel, table=True):
    """What is true of this installation as a whole; one row."""

    __tablename__ = "site"

    id: int = Field(primary_key=True)
    name: str = Field(max_length=120)
    mark: str = Field(max_length=10)
    time_zone: str = Field(max_length=60)
    root_unit_id: int | None = Field(default=None)
    created_at: datetime = instant()
    is_play: bool = False

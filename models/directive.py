"""What was published: the central document, the directive, its items and who must act on each."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import BIG_ID, instant, json_column, key, maybe_instant, ref


class DirectiveState(StrEnum):
    """Where a directive stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class ItemState(StrEnum):
    """Where an item stands; it follows its directive and closes when its last unit task has."""

    DRAFT = "draft"
    OPEN = "open"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class CentralDocument(SQLModel, table=True):
    """A paper that came in, as text, with the hash of its bytes."""

    __tablename__ = "central_document"

    id: int | None = key()
    title: str = Field(max_length=300)
    number: str = Field(default="", max_length=80)
    issuer: str = Field(default="", max_length=120)
    sha256: str = Field(max_length=64, index=True)
    text: str
    received_at: datetime = instant()


class Directive(SQLModel, table=True):
    """A directive: a document broken into items, published by an issuer, watched to its closing report."""

    __tablename__ = "directive"

    id: int | None = key()
    title: str = Field(max_length=300)
    document_id: int | None = ref("central_document.id", nullable=True)
    issuer_id: int = ref("unit.id")
    state: str = Field(max_length=20)
    horizon: date
    """Up to this civil day periods are opened; ongoing work closes its slice here."""
    policy: dict[str, Any] = json_column()
    published_by: int | None = ref("account.id", nullable=True)
    published_at: datetime | None = maybe_instant()
    starts_at: datetime | None = maybe_instant()
    """Publication plus the hold in which the issuer can take it back."""
    closed_at: datetime | None = maybe_instant()
    suspended_at: datetime | None = maybe_instant()
    withdrawn_reason: str = ""
    mid_term_done_at: datetime | None = maybe_instant()
    version: int = 1
    clock_version: int = 0
    seen_clock_version: int = 0
    next_moment: datetime | None = maybe_instant(index=True)


class Item(SQLModel, table=True):
    """One thing to be done. The policy is frozen into it when published, so a later edit never moves it."""

    __tablename__ = "item"
    __table_args__ = (
        UniqueConstraint("directive_id", "position"),
        Index("ix_item_waiting", "state", "next_moment"),
    )

    id: int | None = key()
    directive_id: int = ref("directive.id", index=True)
    position: int
    number: str = Field(max_length=40)
    heading_path: list[str] = json_column()
    text: str
    role_mode: str = Field(max_length=20)
    deadline_phrases: list[str] = json_column()
    frequency: str = Field(max_length=20)
    due_day: int | None = None
    due_on: date | None = None
    unmatched: list[dict[str, Any]] = json_column()
    anchor: dict[str, Any] = json_column()
    ladder: dict[str, Any] = json_column()
    text_sha256: str = Field(max_length=64)
    state: str = Field(max_length=20)
    closed_at: datetime | None = maybe_instant()
    version: int = 1
    clock_version: int = 0
    seen_clock_version: int = 0
    next_moment: datetime | None = maybe_instant()


class ItemUnit(SQLModel, table=True):
    """That a unit takes part in an item, and how."""

    __tablename__ = "item_unit"
    __table_args__ = (UniqueConstraint("item_id", "unit_id"),)

    id: int | None = key()
    item_id: int = ref("item.id", index=True)
    unit_id: int = ref("unit.id", index=True)
    role: str = Field(max_length=20)
    named_as: str = Field(default="", max_length=200)


class Amendment(SQLModel, table=True):
    """A change to an item after it was published: what it said before and after, and why.

    `before` and `after` hold the text, the date and the units by role, as far as they differ.
    """

    __tablename__ = "amendment"

    id: int | None = key()
    item_id: int = ref("item.id", index=True)
    account_id: int = ref("account.id")
    at: datetime = instant()
    reason: str
    before: dict[str, Any] = json_column()
    after: dict[str, Any] = json_column()


class Instruction(SQLModel, table=True):
    """What a leader wrote on a directive, an item or a unit task, and the item it became.

    `about` is the kind of record it was written on, `about_id` which one.
    """

    __tablename__ = "instruction"

    id: int | None = key()
    item_id: int = Field(foreign_key="item.id", unique=True, sa_type=BIG_ID)
    account_id: int = ref("account.id", index=True)
    given_at: datetime = instant()
    about: str = Field(max_length=20)
    about_id: int = Field(sa_type=BIG_ID)


class ItemPeriod(SQLModel, table=True):
    """One round of an item, once it is open."""

    __tablename__ = "item_period"
    __table_args__ = (UniqueConstraint("item_id", "period"),)

    id: int | None = key()
    item_id: int = ref("item.id", index=True)
    period: str = Field(max_length=20)
    deadline: datetime = instant()
    acknowledge_by: datetime | None = maybe_instant()
    opened_at: datetime = instant()
    assigned_at: datetime | None = maybe_instant()
    """When every unit had its task; None while the fan-out is under way."""
    closed_at: datetime | None = maybe_instant()

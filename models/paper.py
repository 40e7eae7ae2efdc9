"""What the office tells and issues: notices (the in-app inbox), letters with their registers, mails."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import instant, json_column, key, maybe_instant, ref


class NoticeKind(StrEnum):
    """Why somebody is told; one mail template of the same name each."""

    ASSIGNMENT = "assignment"
    REMIND = "remind"
    TELL_SUPERIOR = "tell_superior"
    LETTER = "letter"
    RETURNED = "returned"
    EXTENSION_DECIDED = "extension_decided"
    DISPUTE_DECIDED = "dispute_decided"
    AMENDED = "amended"
    SUPERSEDED = "superseded"
    """A rung that a higher one overtook: recorded, told to nobody."""


class Notice(SQLModel, table=True):
    """One telling, once, under its unique key. It is the inbox row of `unit_id` as well.

    `rung` is the ladder's rung, or the kind itself for what has no rung (then `serial` tells tellings apart).
    The three Temporal ids name the activity that wrote it; empty where a person's act did.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("unit_task_id", "clock", "rung", "deadline_version", "rectification_id"),
        Index("ix_notice_inbox", "unit_id", "read_at"),
    )

    id: int | None = key()
    kind: str = Field(max_length=30)
    item_id: int = ref("item.id", index=True)
    unit_task_id: int = ref("unit_task.id")
    rectification_id: int = Field(default=0)
    """0 where the notice is about the task itself (a NULL would not be unique)."""
    unit_id: int = ref("unit.id")
    clock: str = Field(max_length=20)
    rung: str = Field(max_length=40)
    deadline_version: int
    letter_id: int | None = ref("letter.id", index=True, nullable=True)
    at: datetime = instant()
    read_at: datetime | None = maybe_instant()
    workflow_id: str = Field(default="", max_length=80)
    run_id: str = Field(default="", max_length=40)
    activity_id: str = Field(default="", max_length=20)


class LetterState(StrEnum):
    """A letter is drafted, signed, and issued when its hold has passed; only then it takes its number."""

    DRAFT = "draft"
    SIGNED = "signed"
    ISSUED = "issued"
    TAKEN_BACK = "taken_back"
    OBSOLETE = "obsolete"
    """Every task it names was closed before it was issued."""


class Letter(SQLModel, table=True):
    """A numbered paper. `content` is the frozen structure all its forms are made of."""

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("issuer_id", "kind", "year", "number"),
        Index("ix_letter_state", "state", "issued_at"),
    )

    id: int | None = key()
    dedupe_key: str = Field(unique=True, max_length=200)
    kind: str = Field(max_length=30)
    statutory_kind: str = Field(max_length=10)
    directive_id: int = ref("directive.id", index=True)
    item_id: int | None = ref("item.id", nullable=True)
    issuer_id: int = ref("unit.id")
    state: str = Field(max_length=20)
    title: str = Field(max_length=300)
    content: dict[str, Any] = json_column()
    content_sha256: str = Field(max_length=64)
    drafted_at: datetime = instant()
    signed_at: datetime | None = maybe_instant()
    signed_by: int | None = ref("account.id", nullable=True)
    """None where the policy lets this kind issue by itself."""
    issue_at: datetime | None = maybe_instant()
    issued_at: datetime | None = maybe_instant()
    year: int | None = None
    number: int | None = None
    document_number: str = Field(default="", max_length=60)
    dated_on: date | None = None
    workflow_id: str = Field(default="", max_length=80)
    run_id: str = Field(default="", max_length=40)
    activity_id: str = Field(default="", max_length=20)


class LetterUnit(SQLModel, table=True):
    """A unit a letter is about, with the task it names."""

    __tablename__ = "letter_unit"
    __table_args__ = (UniqueConstraint("letter_id", "unit_task_id"),)

    id: int | None = key()
    letter_id: int = ref("letter.id", index=True)
    unit_id: int = ref("unit.id", index=True)
    unit_task_id: int = ref("unit_task.id", index=True)
    rectification_id: int | None = ref("rectification.id", nullable=True)


class LetterNumber(SQLModel, table=True):
    """The register: the last number taken for an issuer, a kind and a year."""

    __tablename__ = "letter_number"

    issuer_id: int = Field(primary_key=True, foreign_key="unit.id")
    kind: str = Field(primary_key=True, max_length=30)
    year: int = Field(primary_key=True)
    last: int


class MailState(StrEnum):
    """`unknown`: the connection broke after the message was given; it is sent again with the same id."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    FAILED = "failed"
    DIGESTED = "digested"
    INBOX_ONLY = "inbox_only"
    """There was no mail server when it was written: the inbox told it, and it never leaves."""


class Mail(SQLModel, table=True):
    """One message to one address. `about` says of which table `about_id` is a row: notice, letter, or a digest's first mail."""

    __tablename__ = "mail"
    __table_args__ = (
        UniqueConstraint("about", "about_id", "account_id"),
        Index("ix_mail_due", "state", "next_at"),
        Index("ix_mail_recipient", "recipient", "sent_at"),
    )

    id: int | None = key()
    about: str = Field(max_length=20)
    about_id: int
    account_id: int = ref("account.id")
    recipient: str = Field(max_length=254)
    kind: str = Field(max_length=30)
    dedupe_key: str = Field(unique=True, max_length=250)
    """Made of natural keys; the Message-ID is its hash, so every attempt carries the same one."""
    state: str = Field(max_length=20)
    attempts: int = 0
    created_at: datetime = instant()
    next_at: datetime = instant()
    lease_until: datetime | None = maybe_instant()
    sent_at: datetime | None = maybe_instant()
    digest_id: int | None = ref("mail.id", nullable=True)
    answer: str = Field(default="", max_length=300)
    answered_at: datetime | None = maybe_instant()
    """Since when a server has been answering without taking it; None while none can be reached."""

"""The mending that a circular orders of a unit, with its own clock and its own proof."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import instant, key, maybe_instant, ref


class RectificationState(StrEnum):
    """Ordered, planned (the reply to the circular), submitted, and verified (销号)."""

    ORDERED = "ordered"
    PLANNED = "planned"
    SUBMITTED = "submitted"
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"


MENDING = (RectificationState.ORDERED, RectificationState.PLANNED, RectificationState.SUBMITTED)
"""Open: something is still to be done about it."""


class Rectification(SQLModel, table=True):
    """One unit's rectification of one problem that a circular named."""

    __tablename__ = "rectification"
    __table_args__ = (UniqueConstraint("letter_id", "unit_task_id"),)

    id: int | None = key()
    letter_id: int = ref("letter.id", index=True)
    item_id: int = ref("item.id", index=True)
    unit_task_id: int = ref("unit_task.id", index=True)
    unit_id: int = ref("unit.id", index=True)
    problem: str
    state: str = Field(max_length=20)
    opened_at: datetime = instant()
    reply_by: datetime = instant()
    reply_level: int = -1
    replied_at: datetime | None = maybe_instant()
    plan: str = ""
    deadline: datetime = instant()
    deadline_version: int = 1
    deadline_since: datetime = instant()
    complete_level: int = -1
    submitted_at: datetime | None = maybe_instant()
    submitted_by: int | None = ref("account.id", nullable=True)
    report: str = ""
    failed_times: int = 0
    verified_at: datetime | None = maybe_instant()
    verified_by: int | None = ref("account.id", nullable=True)
    version: int = 1
    clock_version: int = 0
    seen_clock_version: int = 0
    next_moment: datetime | None = maybe_instant(index=True)


class RectificationVerification(SQLModel, table=True):
    """One decision on a rectification handed in."""

    __tablename__ = "rectification_verification"

    id: int | None = key()
    rectification_id: int = ref("rectification.id", index=True)
    submitted_at: datetime = instant()
    account_id: int = ref("account.id")
    at: datetime = instant()
    accepted: bool
    reason: str = ""

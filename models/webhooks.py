"""Webhooks: addresses elsewhere that are told what happens here."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.columns import BIG_ID, instant, json_column, key, maybe_instant, ref


class WebhookEvent(StrEnum):
    """What a webhook can be told."""

    PUBLISHED = "published"
    OVERDUE = "overdue"
    LETTER_ISSUED = "letter_issued"
    CLOSED = "closed"
    TEST = "test"
    """Asked for by an administrator, for this webhook alone."""


class Webhook(SQLModel, table=True):
    """An address that is told of events, in the order of the audit trail. There is no queue: `after_seq` is its place."""

    __tablename__ = "webhook"

    id: int | None = key()
    account_id: int = ref("account.id")
    url: str = Field(max_length=500)
    secret: str = Field(max_length=80)
    """Signs every delivery, so it is kept as it is; a page shows it once."""
    events: list[str] = json_column()
    after_seq: int = Field(sa_type=BIG_ID)
    """The last row of the audit trail that is done with."""
    made_at: datetime = instant()
    ended_at: datetime | None = maybe_instant()
    failing_since: datetime | None = maybe_instant()
    next_at: datetime = instant()
    """Not tried before."""
    answer: str = Field(default="", max_length=200)
    """What the last delivery came to."""
    answered_at: datetime | None = maybe_instant()

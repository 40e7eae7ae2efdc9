"""The task of one unit in one round of an item, and everything that is done to it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Computed, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.columns import Instant, instant, json_column, key, maybe_instant, ref

LATE_FROM = """CASE
 WHEN held OR state NOT IN ('assigned', 'acknowledged', 'returned') THEN NULL
 WHEN state = 'assigned' AND acknowledge_by IS NOT NULL AND (role = 'cooperating' OR acknowledge_by < deadline)
 THEN acknowledge_by
 WHEN role <> 'cooperating' THEN deadline END"""
"""The first of the clocks that run (`domain.ladder.is_overdue`): the database derives it from the row itself."""


WAITS = text("decided_at IS NULL")


class UnitTask(SQLModel, table=True):
    """A unit's task. `acknowledge_level` and `complete_level` are the highest ladder levels done (-1: none)."""

    __tablename__ = "unit_task"
    __table_args__ = (
        UniqueConstraint("item_id", "period", "unit_id"),
        Index("ix_unit_task_item_state", "item_id", "state"),
        Index("ix_unit_task_unit_state", "unit_id", "state"),
        Index("ix_unit_task_directive", "directive_id", "deadline"),
        Index(
            "ix_unit_task_late",
            "late_from",
            "directive_id",
            "item_id",
            "unit_id",
            sqlite_where=text("late_from IS NOT NULL"),
            postgresql_where=text("late_from IS NOT NULL"),
        ),
    )

    id: int | None = key()
    directive_id: int = ref("directive.id")
    """Its item's; here so that a directive's tasks are found without their items."""
    item_id: int = ref("item.id")
    period: str = Field(max_length=20)
    unit_id: int = ref("unit.id")
    role: str = Field(max_length=20)
    state: str = Field(max_length=20)
    suspended_in: str | None = Field(default=None, max_length=20)
    held: bool = False
    """An extension request waits for an answer."""
    assigned_at: datetime = instant()
    acknowledge_by: datetime | None = maybe_instant()
    acknowledged_at: datetime | None = maybe_instant()
    acknowledge_level: int = -1
    deadline: datetime = instant()
    original_deadline: datetime = instant()
    deadline_version: int = 1
    deadline_since: datetime = instant()
    complete_level: int = -1
    progress: int = 0
    submitted_at: datetime | None = maybe_instant()
    returned_times: int = 0
    extended_times: int = 0
    closed_at: datetime | None = maybe_instant()
    closed_with_lead: bool = False
    version: int = 1
    late_from: datetime | None = Field(
        default=None, sa_column=Column(Instant, Computed(LATE_FROM, persisted=True))
    )
    """The instant from which it is overdue as it stands; None where nobody's clock runs. Never written."""


class Acknowledgement(SQLModel, table=True):
    """The receipt (签收): who acknowledged which text, and when. An amended item is acknowledged once more."""

    __tablename__ = "acknowledgement"

    id: int | None = key()
    unit_task_id: int = ref("unit_task.id", index=True)
    account_id: int = ref("account.id")
    text_sha256: str = Field(max_length=64)
    at: datetime = instant()


class ProgressReport(SQLModel, table=True):
    """What a unit reports: how far, what hinders, what comes next."""

    __tablename__ = "progress_report"

    id: int | None = key()
    unit_task_id: int = ref("unit_task.id", index=True)
    account_id: int = ref("account.id")
    at: datetime = instant()
    progress: int
    text: str
    problem: str = ""
    next_step: str = ""


class EvidenceFile(SQLModel, table=True):
    """Bytes once, whoever gave them; the file lies under its hash and is never deleted."""

    __tablename__ = "evidence_file"

    sha256: str = Field(primary_key=True, max_length=64)
    size: int
    media_type: str = Field(max_length=120)
    stored_at: datetime = instant()


class Evidence(SQLModel, table=True):
    """A piece of proof given for a task. A later piece of the same name is a new version of it."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("unit_task_id", "name", "version"),)

    id: int | None = key()
    unit_task_id: int = ref("unit_task.id", index=True)
    sha256: str = Field(foreign_key="evidence_file.sha256", index=True, max_length=64)
    name: str = Field(max_length=200)
    version: int
    effective_on: date
    uploaded_at: datetime = instant()
    account_id: int = ref("account.id")
    submission_id: int | None = ref("submission.id", index=True, nullable=True)


class Submission(SQLModel, table=True):
    """A request to close the task (报送), with the statement of what was done."""

    __tablename__ = "submission"

    id: int | None = key()
    unit_task_id: int = ref("unit_task.id", index=True)
    account_id: int = ref("account.id")
    at: datetime = instant(index=True)
    text: str


class Review(SQLModel, table=True):
    """The decision on a submission, by somebody other than the one who submitted it."""

    __tablename__ = "review"

    id: int | None = key()
    submission_id: int = Field(foreign_key="submission.id", unique=True)
    account_id: int = ref("account.id")
    at: datetime = instant(index=True)
    accepted: bool
    reason: str = ""
    same_evidence: list[dict[str, Any]] = json_column()
    """The same bytes given elsewhere, as the reviewer saw them."""


class SpotCheck(SQLModel, table=True):
    """回头看: an accepted task looked at again, and kept as it is or opened again."""

    __tablename__ = "spot_check"

    id: int | None = key()
    unit_task_id: int = ref("unit_task.id", index=True)
    account_id: int = ref("account.id")
    at: datetime = instant()
    kept: bool
    reason: str = ""


class Extension(SQLModel, table=True):
    """A request for more time and its answer."""

    __tablename__ = "extension"
    __table_args__ = (
        Index("ix_extension_waiting", "unit_task_id", sqlite_where=WAITS, postgresql_where=WAITS),
    )

    id: int | None = key()
    unit_task_id: int = ref("unit_task.id", index=True)
    account_id: int = ref("account.id")
    asked_at: datetime = instant()
    reason: str
    proposed: date
    decided_at: datetime | None = maybe_instant()
    decided_by: int | None = ref("account.id", nullable=True)
    granted: date | None = None
    answer: str = ""


class Dispute(SQLModel, table=True):
    """「不属职责」: a unit says the task is not its own; the supervision office decides."""

    __tablename__ = "dispute"
    __table_args__ = (
        Index("ix_dispute_waiting", "unit_task_id", sqlite_where=WAITS, postgresql_where=WAITS),
    )

    id: int | None = key()
    unit_task_id: int = ref("unit_task.id", index=True)
    account_id: int = ref("account.id")
    raised_at: datetime = instant()
    reason: str
    decided_at: datetime | None = maybe_instant()
    decided_by: int | None = ref("account.id", nullable=True)
    upheld: bool | None = None
    answer: str = ""


class DeadlineChange(SQLModel, table=True):
    """Every deadline a task has had: its version, since when, and why."""

    __tablename__ = "deadline_change"
    __table_args__ = (UniqueConstraint("unit_task_id", "deadline_version"),)

    id: int | None = key()
    unit_task_id: int = ref("unit_task.id", index=True)
    deadline_version: int
    deadline: datetime = instant()
    since: datetime = instant()
    reason: str = Field(max_length=40)

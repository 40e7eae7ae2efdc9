"""Counts of unit tasks, kept by triggers in the transaction that changes one (migrations), recounted by `duban check`.

They are derived: a backup leaves them out, and restoring the unit tasks makes them anew. `running` counts the tasks
that can become overdue as they stand, which is those with a `late_from`.
"""

from sqlmodel import Field, SQLModel

from models.columns import BIG_ID

DERIVED = {"info": {"derived": True}, "sqlite_with_rowid": False}


class UnitCount(SQLModel, table=True):
    """How the tasks of one unit in one directive stand."""

    __tablename__ = "unit_count"
    __table_args__ = DERIVED

    directive_id: int = Field(primary_key=True, foreign_key="directive.id", sa_type=BIG_ID)
    unit_id: int = Field(primary_key=True, foreign_key="unit.id", sa_type=BIG_ID)
    unit_tasks: int
    accepted: int
    withdrawn: int
    submitted: int
    running: int


class ItemCount(SQLModel, table=True):
    """How the tasks of one item stand, all its periods and units together."""

    __tablename__ = "item_count"
    __table_args__ = DERIVED

    item_id: int = Field(primary_key=True, foreign_key="item.id", sa_type=BIG_ID)
    unit_tasks: int
    accepted: int
    withdrawn: int
    submitted: int
    running: int

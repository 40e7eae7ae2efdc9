"""Counts of unit tasks, kept by triggers in the transaction that changes one (migrations), recounted by `duban check`.

They are derived: a backup leaves them out, and restoring the unit tasks makes them anew. A count of 0 has no row.
`clock_runs` is whether the task can become overdue as it stands: it has a `late_from`.
"""

from sqlmodel import Field, SQLModel

from models.columns import BIG_ID

DERIVED = {"info": {"derived": True}, "sqlite_with_rowid": False}


class UnitCount(SQLModel, table=True):
    """How many tasks of a directive a unit has in a state."""

    __tablename__ = "unit_count"
    __table_args__ = DERIVED

    directive_id: int = Field(primary_key=True, foreign_key="directive.id", sa_type=BIG_ID)
    unit_id: int = Field(primary_key=True, foreign_key="unit.id", sa_type=BIG_ID)
    state: str = Field(primary_key=True, max_length=20)
    clock_runs: bool = Field(primary_key=True)
    n: int


class ItemCount(SQLModel, table=True):
    """How many tasks of an item are in a state, all its periods and units together."""

    __tablename__ = "item_count"
    __table_args__ = DERIVED

    item_id: int = Field(primary_key=True, foreign_key="item.id", sa_type=BIG_ID)
    state: str = Field(primary_key=True, max_length=20)
    clock_runs: bool = Field(primary_key=True)
    n: int

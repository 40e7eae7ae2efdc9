"""Column makers shared by the tables."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, DateTime, Dialect, Integer, Table
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC and read back aware in UTC on every database.

    A naive one is refused: nobody could say which instant it means.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"a naive datetime is no instant: {value!r}"
            raise ValueError(msg)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- the type's interface
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BIG_ID = BigInteger().with_variant(Integer(), "sqlite")
"""64-bit ids; SQLite's row id is 64 bits wide under the name INTEGER."""


def key() -> Any:
    """A primary key the database counts up."""
    return Field(default=None, primary_key=True, sa_type=BIG_ID)


def ref(target: str, *, index: bool = False, nullable: bool = False) -> Any:
    """A reference to another table's id."""
    if nullable:
        return Field(default=None, foreign_key=target, index=index, nullable=True, sa_type=BIG_ID)
    return Field(foreign_key=target, index=index, sa_type=BIG_ID)


def instant(*, index: bool = False) -> Any:
    """An aware instant, kept in UTC."""
    return Field(sa_type=Instant, index=index)


def maybe_instant(*, index: bool = False) -> Any:
    """An aware instant or nothing."""
    return Field(default=None, sa_type=Instant, nullable=True, index=index)


def json_column() -> Any:
    """Plain JSON: lists, objects, strings, numbers."""
    return Field(sa_column=Column(JSON, nullable=False))


def table(model: type[SQLModel]) -> Table:
    """The Core table of a table class, for statements on the writing path."""
    found = model.metadata.tables[str(model.__tablename__)]
    assert isinstance(found, Table)
    return found

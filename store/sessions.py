"""Engines, and the two kinds of session: one that may write, one that cannot.

SQLite's default begins a transaction late, so that what was read before the first write is not
protected: of 800 concurrent read-then-write updates most are lost without an error. A writing session
therefore begins with BEGIN IMMEDIATE; a reading one begins with BEGIN on a connection that refuses
writes, and never waits for a writer (WAL). On PostgreSQL the reading session is a READ ONLY transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from domain.errors import InvalidInputError

WRITES = "duban_writes"


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///file` or `postgresql+psycopg://...`. Raises InvalidInputError otherwise."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InvalidInputError("%(url)s is no database address.", url=url.split("@")[-1]) from error
    if parsed.drivername.startswith("sqlite"):
        engine = create_engine(parsed, connect_args={"timeout": 5, "check_same_thread": False}, pool_size=16)
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
        return engine
    if parsed.drivername.startswith("postgresql"):
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_size=16, pool_pre_ping=True)
    raise InvalidInputError(
        "%(name)s is no database that Duban knows: use sqlite or postgresql.", name=parsed.drivername
    )


def _on_sqlite_connect(connection: Any, record: object) -> None:  # noqa: ARG001 -- the event's interface
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=5000",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    raw = connection.connection.driver_connection
    assert raw is not None
    raw.execute(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
    raw.execute("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session that may write; it commits at the end, or rolls back when an error leaves it."""
    with Session(engine.execution_options(**{WRITES: True}), expire_on_commit=False) as session:
        yield session
        session.commit()


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that sees one moment of the database and cannot change it."""
    options = {} if engine.dialect.name == "sqlite" else {"postgresql_readonly": True}
    with Session(engine.execution_options(**options)) as session:
        yield session
        session.rollback()

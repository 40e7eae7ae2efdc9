"""Engines, and the two kinds of session: one that may write, one that cannot.

SQLite's default begins a transaction late, so that what was read before the first write is not
protected: of 800 concurrent read-then-write updates most are lost without an error. A writing session
therefore begins with BEGIN IMMEDIATE; a reading one begins with BEGIN on a connection that refuses
writes, and never waits for a writer (WAL). On PostgreSQL it is a READ ONLY transaction, and REPEATABLE
READ, so that all its statements see the same moment.

The two kinds have connections of their own: turning one connection from writing to reading and back
makes SQLite forget every prepared statement, which costs more than the statements of a short act.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from domain.errors import InvalidInputError

_READERS: WeakKeyDictionary[Engine, Engine] = WeakKeyDictionary()
"""To each engine of a SQLite file the one whose connections refuse writes."""


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///file` or `postgresql+psycopg://...`. Raises InvalidInputError otherwise."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InvalidInputError(
            "%(url)s is no database address.", url=url.rsplit("@", maxsplit=1)[-1]
        ) from error
    if parsed.drivername.startswith("sqlite"):
        return _sqlite_pair(parsed)
    if parsed.drivername.startswith("postgresql"):
        postgres = parsed.set(drivername="postgresql+psycopg")
        # without it the row count of an INSERT ... SELECT would be -1 here, though not on SQLite
        counting = {"preserve_rowcount": True}
        return create_engine(postgres, pool_size=16, pool_pre_ping=True, execution_options=counting)
    raise InvalidInputError(
        "%(name)s is no database that Duban knows: use sqlite or postgresql.", name=parsed.drivername
    )


def _sqlite_pair(url: URL) -> Engine:
    """The engine that writes; the one that reads is known by it and disposed of with it."""
    engine, reader = _sqlite(url, "BEGIN IMMEDIATE"), _sqlite(url, "BEGIN")
    event.listen(reader, "connect", _on_reading_connect)

    def dispose(close: bool = True) -> None:
        Engine.dispose(engine, close)
        reader.dispose(close)

    engine.dispose = dispose  # type: ignore[method-assign]
    _READERS[engine] = reader
    return engine


def _sqlite(url: URL, begin: str) -> Engine:
    """An engine whose transactions begin with the statement `begin`.

    The dialect says it, and nothing listens to the engine's own events: one listener for "begin" or for
    "engine_disposed", and each statement looks for listeners, which made a short act 11 % dearer.
    """
    arguments = {"timeout": 5, "check_same_thread": False, "cached_statements": 512}
    engine = create_engine(url, connect_args=arguments, pool_size=16, pool_use_lifo=True)
    event.listen(engine, "connect", _on_sqlite_connect)

    def do_begin(connection: PoolProxiedConnection) -> None:
        connection.execute(begin)

    engine.dialect.do_begin = do_begin  # type: ignore[method-assign, assignment]  # an instance gets no self
    return engine


def _on_sqlite_connect(connection: Any, record: object) -> None:  # noqa: ARG001 -- the event's interface
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=5000",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_reading_connect(connection: Any, record: object) -> None:  # noqa: ARG001 -- the event's interface
    connection.execute("PRAGMA query_only=ON")


@contextmanager
def writing_connection(engine: Engine) -> Iterator[Connection]:
    """The connection of a writing session without the session, which costs more than a short act's statements."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session that may write; it commits at the end, or rolls back when an error leaves it."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.commit()


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that sees one moment of the database and cannot change it."""
    reader = _READERS.get(engine) or engine.execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    )
    with Session(reader) as session:
        yield session
        session.rollback()

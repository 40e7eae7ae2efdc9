"""Two kinds of session: the writing one loses no update, the reading one cannot write and does not wait."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from domain.errors import InvalidInputError
from models.columns import table
from models.engine import Lease
from store.sessions import open_engine, reading, writing

THREADS, TIMES = 8, 100
NOON = datetime(2026, 3, 2, 12, tzinfo=timezone(timedelta(hours=8)))
LEASE = table(Lease)


@pytest.fixture
def counter(engine: Engine) -> Engine:
    """A database with one row to count in."""
    with writing(engine) as session:
        session.connection().execute(insert(LEASE), {"name": "n", "holder": "", "fence": 0, "until": NOON})
    return engine


def fence(engine: Engine) -> int:
    with reading(engine) as session:
        return int(session.connection().execute(select(LEASE.c.fence)).scalar_one())


def count_up(engine: Engine, *, lock: bool = True) -> None:
    """Read the counter, then write one more."""
    look = select(LEASE.c.fence)
    with writing(engine) as session:
        connection = session.connection()
        seen = connection.execute(look.with_for_update() if lock else look).scalar_one()
        connection.execute(update(LEASE).values(fence=seen + 1))


def count_together(engine: Engine, *, lock: bool = True) -> int:
    """Every thread counts up a hundred times, asking again where it was told that the database is busy.

    Answers what was kept: less than all of it means that updates were lost without an error.
    """

    def work(_: int) -> None:
        done = 0
        while done < TIMES:
            try:
                count_up(engine, lock=lock)
            except OperationalError:
                continue
            done += 1

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
    return fence(engine)


def test_eight_threads_that_read_and_then_write_lose_nothing(counter: Engine) -> None:
    assert count_together(counter) == THREADS * TIMES


def test_without_our_begin_sqlite_loses_updates(sqlite_engine: Engine) -> None:
    """What the test above guards against: it can fail."""
    with writing(sqlite_engine) as session:
        row = {"name": "n", "holder": "", "fence": 0, "until": NOON}
        session.connection().execute(insert(LEASE), row)
    del sqlite_engine.dialect.do_begin  # what is left is the driver's own, late one

    assert count_together(sqlite_engine) < THREADS * TIMES


def test_without_a_row_lock_postgresql_loses_updates(postgres_engine: Engine) -> None:
    """Why every act locks what it reads."""
    with writing(postgres_engine) as session:
        row = {"name": "n", "holder": "", "fence": 0, "until": NOON}
        session.connection().execute(insert(LEASE), row)

    assert count_together(postgres_engine, lock=False) < THREADS * TIMES


def test_a_reading_session_cannot_write_and_leaves_no_trace_on_its_connection(counter: Engine) -> None:
    for _ in range(20):  # more than the pool holds: each connection has served both kinds
        with pytest.raises(DBAPIError, match=r"(?i)read-?only"), reading(counter) as session:
            session.connection().execute(update(LEASE).values(fence=7))
        count_up(counter)

    assert fence(counter) == 20


def test_a_reading_session_does_not_wait_for_a_writer(counter: Engine) -> None:
    with writing(counter) as session:
        session.connection().execute(update(LEASE).values(fence=5))
        started = time.perf_counter()
        assert fence(counter) == 0
        assert time.perf_counter() - started < 1
    assert fence(counter) == 5


def test_a_reading_session_sees_one_moment(counter: Engine) -> None:
    with reading(counter) as session:
        before = session.connection().execute(select(LEASE.c.fence)).scalar_one()
        count_up(counter)
        after = session.connection().execute(select(LEASE.c.fence)).scalar_one()

    assert (before, after, fence(counter)) == (0, 0, 1)


def test_an_error_in_a_writing_session_undoes_all_of_it(counter: Engine) -> None:
    def change_and_fail() -> None:
        with writing(counter) as session:
            session.connection().execute(update(LEASE).values(fence=9))
            raise LookupError

    with pytest.raises(LookupError):
        change_and_fail()

    assert fence(counter) == 0


def test_a_naive_datetime_is_refused_when_written_and_when_compared(counter: Engine) -> None:
    naive = NOON.replace(tzinfo=None)

    with pytest.raises(StatementError, match="naive datetime"), writing(counter) as session:
        session.connection().execute(update(LEASE).values(until=naive))
    with pytest.raises(StatementError, match="naive datetime"), reading(counter) as session:
        session.connection().execute(select(LEASE.c.fence).where(LEASE.c.until > naive))


@pytest.mark.parametrize(
    "what",
    [LEASE.c.until, func.min(LEASE.c.until), func.max(LEASE.c.until), func.coalesce(LEASE.c.until, NOON)],
    ids=["column", "min", "max", "coalesce"],
)
def test_an_instant_comes_back_aware_and_in_utc(counter: Engine, what: Any) -> None:
    with reading(counter) as session:
        found = session.connection().execute(select(what)).scalar_one()

    assert found == NOON
    assert found.utcoffset() == timedelta(0)


def test_instants_are_compared_as_instants_whatever_their_zone(counter: Engine) -> None:
    same = NOON.astimezone(UTC)

    with reading(counter) as session:
        found = session.connection().execute(select(LEASE.c.fence).where(LEASE.c.until == same)).all()

    assert len(found) == 1


def test_sqlite_syncs_every_commit_and_keeps_foreign_keys(sqlite_engine: Engine) -> None:
    with reading(sqlite_engine) as session:
        values = [
            session.connection().execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("synchronous", "foreign_keys", "journal_mode", "busy_timeout")
        ]

    assert values == [2, 1, "wal", 5000]


def test_rows_written_out_of_rows_are_counted(counter: Engine) -> None:
    another = select(LEASE.c.holder, LEASE.c.fence, LEASE.c.until, text("'another'"))
    copying = insert(LEASE).from_select(["holder", "fence", "until", "name"], another)

    with writing(counter) as session:
        assert session.connection().execute(copying).rowcount == 1


@pytest.mark.parametrize("url", ["no address", "mysql://host/db", "", "oracle+x://h"])
def test_an_address_of_another_database_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError):
        open_engine(url)


def test_a_refused_address_does_not_show_its_password() -> None:
    with pytest.raises(InvalidInputError) as refusal:
        open_engine("mysql://office:secret@host/db")
    assert "secret" not in str(refusal.value)


def test_a_database_is_opened_by_the_plain_name_of_its_kind(tmp_path: Path) -> None:
    assert open_engine("postgresql://u:p@localhost/d").dialect.driver == "psycopg"
    assert open_engine(f"sqlite:///{tmp_path / 'a.db'}").dialect.name == "sqlite"

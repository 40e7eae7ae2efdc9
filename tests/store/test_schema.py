from collections.abc import Callable

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from store.schema import migrate
from store.sessions import writing


def test_the_migrations_make_every_table_and_column_of_the_models(
    engine: Engine, empty_engines: Callable[[], Engine]
) -> None:
    made = empty_engines()
    migrate(made)
    for database in (engine, made):
        found = inspect(database)
        for table in SQLModel.metadata.sorted_tables:
            assert {column["name"] for column in found.get_columns(table.name)} == set(table.columns.keys())


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit"])
def test_the_database_refuses_to_change_the_trail(engine: Engine, statement: str) -> None:
    row = (
        "INSERT INTO audit (seq, at, actor, action, subject, detail, key_id, prev_hash, hash, seal) "
        "VALUES (1, '2026-01-01 00:00:00', 'a', 'b', 'c', '{}', 'k', 'p', 'h', 's')"
    )
    with writing(engine) as session:
        session.connection().execute(text(row))

    with pytest.raises(DBAPIError, match="the audit trail is never changed"), writing(engine) as session:
        session.connection().execute(text(statement))

    with writing(engine) as session:
        assert session.connection().execute(text("SELECT actor FROM audit")).scalars().all() == ["a"]

"""The migrations lead to the tables that the models say."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine
from sqlmodel import SQLModel

from store.sessions import reading


def test_a_migrated_database_has_exactly_the_tables_of_the_models(engine: Engine) -> None:
    with reading(engine) as session:
        differences = compare_metadata(MigrationContext.configure(session.connection()), SQLModel.metadata)

    assert differences == []

"""The migrations lead to the tables that the models say."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine
from sqlmodel import SQLModel

from store.sessions import reading


def _is_ours(name: str | None, kind: str, parents: object) -> bool:
    """Not the search index, which each database has in its own way and no table class describes."""
    return kind != "table" or not str(name).startswith("search_")


def test_a_migrated_database_has_exactly_the_tables_of_the_models(engine: Engine) -> None:
    with reading(engine) as session:
        opts = {"include_name": _is_ours}
        context = MigrationContext.configure(session.connection(), opts=opts)
        differences = compare_metadata(context, SQLModel.metadata)

    assert differences == []

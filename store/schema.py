"""The schema, brought to its newest version by the migrations."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from store.sessions import writing

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the database to `revision`, in one transaction: the old schema or the new one, never between."""
    config = _config()
    with writing(engine) as session:
        config.attributes["connection"] = session.connection()
        command.upgrade(config, revision)


def newest_revision() -> str:
    """The version that `migrate` brings a database to."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def revision_of(connection: Connection) -> str | None:
    """The version a database has; None where it has no schema of ours."""
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config

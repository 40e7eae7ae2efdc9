"""The schema, brought to its newest version by the migrations."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from store.sessions import writing

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the database to `revision`, in one transaction: the old schema or the new one, never between."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(engine) as session:
        config.attributes["connection"] = session.connection()
        command.upgrade(config, revision)

"""What a test of backup and restore compares."""

from typing import Any

from sqlalchemy import Engine, select
from sqlmodel import SQLModel

from store.sessions import reading

SETTINGS = {"language": "zh_CN", "time_zone": "Asia/Shanghai", "smtp_url": None}


def rows_of(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """All rows there are, also those of tables that the database derives and no backup holds."""
    with reading(engine) as session:
        connection = session.connection()
        return {
            t.name: [tuple(row) for row in connection.execute(select(t).order_by(*t.primary_key.columns))]
            for t in SQLModel.metadata.sorted_tables
        }

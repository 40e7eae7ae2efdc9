"""Pages by number, for ranked rows: their order changes from day to day, so no row can mark where a page ends."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, func

from domain.errors import NotFoundError


@dataclass(frozen=True)
class Pager:
    """Which page of how many, and how many rows there are on all of them."""

    page: int
    pages: int
    count: int


def page_of(
    connection: Connection, ranked: Select[Any], page: int, size: int
) -> tuple[list[Row[Any]], Pager]:
    """The rows of that page, from 1. Raises NotFoundError for one that is not there; the first is always there."""
    within = ranked.add_columns(func.count().over().label("among"))
    rows = list(connection.execute(within.limit(size).offset(max(page - 1, 0) * size)).all())
    if page < 1 or (page > 1 and not rows):
        raise NotFoundError("There is no page %(page)s.", page=page)
    count = int(rows[0].among) if rows else 0
    return rows, Pager(page, max(1, -(-count // size)), count)

"""Where a list that is read page by page goes on: after a row, by its instant and its id, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, and_, or_

from domain.errors import InvalidInputError


@dataclass(frozen=True)
class Cursor:
    """The last row shown."""

    at: datetime
    id: int

    @property
    def text(self) -> str:
        """As it stands in an address."""
        return f"{self.at.strftime('%Y%m%dT%H%M%S.%fZ')}_{self.id}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """From an address; None for an empty one. Raises InvalidInputError."""
        if not text:
            return None
        at, _, row_id = text.partition("_")
        try:
            return cls(datetime.strptime(at, "%Y%m%dT%H%M%S.%f%z"), int(row_id))
        except ValueError as error:
            raise InvalidInputError("%(text)s is no place in this list.", text=text[:40]) from error


def older_than(cursor: Cursor | None, at: Any, row_id: Any) -> tuple[ColumnElement[bool], ...]:
    """The condition of the rows that come after the cursor."""
    if cursor is None:
        return ()
    return (or_(at < cursor.at, and_(at == cursor.at, row_id < cursor.id)),)

"""Looking at the rows of an office, and holding that a refused act changed none of them."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from sqlalchemy import Engine, Row, select
from sqlmodel import SQLModel

from models.columns import table
from models.engine import Audit, Outbox, OutboxKind
from models.unit_task import UnitTask
from store.sessions import reading

Raised = TypeVar("Raised", bound=Exception)


class Looking:
    """What a test sees of an office."""

    units: dict[str, int]

    @property
    def engine(self) -> Engine:
        """The database."""
        raise NotImplementedError

    def rows(self, model: type[SQLModel], *where: Any) -> list[Row[Any]]:
        """The rows of a table by their primary key."""
        t = table(model)
        with reading(self.engine) as session:
            statement = select(t).where(*where).order_by(*t.primary_key.columns)
            return list(session.connection().execute(statement).all())

    def row(self, model: type[SQLModel], row_id: Any) -> Row[Any]:
        """The row of that id."""
        (found,) = self.rows(model, table(model).c.id == row_id)
        return found

    def count(self, model: type[SQLModel], *where: Any) -> int:
        """How many rows there are."""
        return len(self.rows(model, *where))

    def tasks(self, item_id: int) -> dict[str, Row[Any]]:
        """The unit tasks of an item's newest period by the code of their unit."""
        codes = {unit_id: code for code, unit_id in self.units.items()}
        found = self.rows(UnitTask, table(UnitTask).c.item_id == item_id)
        return {codes[row.unit_id]: row for row in found}

    def task(self, item_id: int, code: str) -> Row[Any]:
        return self.tasks(item_id)[code]

    def pokes(self) -> list[tuple[str, int]]:
        """Every poke ever asked for: owner and clock version."""
        found = self.rows(Outbox, table(Outbox).c.kind == OutboxKind.POKE)
        return [(f"{row.aggregate}/{row.aggregate_id}", row.clock_version) for row in found]

    def audit(self, action: str) -> list[Row[Any]]:
        """The rows of the trail that record one kind of act."""
        return self.rows(Audit, table(Audit).c.action == action)

    def actions(self) -> list[str]:
        """What the audit trail says was done, in order."""
        return [row.action for row in self.rows(Audit)]


Hashes = dict[str, str]


def snapshot(engine: Engine) -> Hashes:
    """A hash of every row of every table: two are equal when nothing at all was changed."""
    found: Hashes = {}
    with reading(engine) as session:
        for name, t in SQLModel.metadata.tables.items():
            rows = session.connection().execute(select(t).order_by(*t.primary_key.columns)).all()
            found[name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


@contextmanager
def refused(scene: Looking, error: type[Raised], match: str) -> Iterator[pytest.ExceptionInfo[Raised]]:
    """What is done inside is refused with that error, and not one row is changed by it."""
    before = snapshot(scene.engine)
    with pytest.raises(error, match=match) as refusal:
        yield refusal
    after = snapshot(scene.engine)
    assert [name for name in before if before[name] != after[name]] == []

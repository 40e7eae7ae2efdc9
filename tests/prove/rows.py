"""Two databases compared row by row: what was decided must be equal, ids and the traces of retries may differ.

An id is replaced by the natural name of the row it means (unit code, item position, period...), so that two runs
that wrote the same rows in another order are equal, and a row that is doubled or missing is named.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Table, select
from sqlmodel import SQLModel

from store.sessions import reading

Rows = dict[str, Counter[str]]

NATURAL: dict[str, tuple[str, ...]] = {
    "unit": ("code",),
    "account": ("login",),
    "central_document": ("sha256",),
    "directive": ("title",),
    "item": ("directive_id", "position"),
    "unit_task": ("item_id", "period", "unit_id"),
    "letter": ("dedupe_key",),
    "rectification": ("letter_id", "unit_task_id"),
    "notice": ("unit_task_id", "clock", "rung", "deadline_version", "rectification_id"),
    "mail": ("dedupe_key",),
    "submission": ("unit_task_id", "at"),
    "extension": ("unit_task_id", "asked_at"),
    "dispute": ("unit_task_id", "raised_at"),
}
"""What names a row of a table that others refer to, in an order in which each needs only those before it."""

OF_PROCESSES = frozenset({"heartbeat", "lease", "incident"})
"""Tables about processes, not about the office; what is left of incidents is looked at by itself."""

NOT_COMPARED: dict[str, frozenset[str]] = {
    "audit": frozenset({"seq", "key_id", "prev_hash", "hash", "seal"}),
    "audit_head": frozenset({"hash"}),
    "outbox": frozenset({"attempts", "lease_until", "fence", "error"}),
    "mail": frozenset({"attempts", "lease_until", "answer"}),
    "notice": frozenset({"run_id", "activity_id"}),
    "letter": frozenset({"run_id", "activity_id"}),
}
"""Columns that count attempts, hold hashes, or name a run of the Temporal server."""

ABOUT = {"notice": "notice", "letter": "letter", "digest": "mail"}
OWNER = re.compile(r"^(directive|item|rectification|letter|unit_task|unit)/(\d+)(.*)$")
ID_IN_DETAIL = {"letter": "letter", "unit": "unit", "to_unit": "unit"}


class Names:
    """The natural name of each id of each table."""

    def __init__(self) -> None:
        self._names: dict[str, dict[Any, str]] = {}

    def add(self, t: Table, rows: list[dict[str, Any]]) -> None:
        """Learn the names of a table's rows."""
        keys = NATURAL[t.name]
        self._names[t.name] = {
            row["id"]: "/".join(str(self.value(t, row, key)) for key in keys) for row in rows
        }

    def of(self, table_name: str, row_id: Any) -> str:
        """The name of a row; of one that is missing, its id."""
        return self._names.get(table_name, {}).get(row_id, f"?{row_id}")

    def value(self, t: Table, row: dict[str, Any], column: str) -> Any:
        """A value with the ids in it replaced."""
        value = row[column]
        if value is None:
            return None
        for key in t.columns[column].foreign_keys:
            if key.column.name == "id":
                return self.of(key.column.table.name, value)
        if t.name == "notice" and column == "rectification_id":
            return self.of("rectification", value) if value else ""
        if t.name == "mail" and column == "about_id":
            return self.of(ABOUT[row["about"]], value)
        if t.name == "outbox" and column == "aggregate_id" and row["aggregate"] in NATURAL:
            return self.of(row["aggregate"], int(value))
        return self.plain(value)

    def plain(self, value: Any) -> Any:
        """Text that begins like `item/3`, and the details of the trail, with names for ids."""
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, dict):
            return {
                k: self.of(ID_IN_DETAIL[k], v) if k in ID_IN_DETAIL and isinstance(v, int) else v
                for k, v in value.items()
            }
        if isinstance(value, str) and (found := OWNER.match(value)):
            return f"{found[1]}/{self.of(found[1], int(found[2]))}{found[3]}"
        return value


def rows_of(engine: Engine) -> Rows:
    """Every row that is compared, as text, with how often it is there."""
    tables = {name: t for name, t in SQLModel.metadata.tables.items() if name not in OF_PROCESSES}
    with reading(engine) as session:
        connection = session.connection()
        found = {
            name: [dict(row) for row in connection.execute(select(t)).mappings()]
            for name, t in tables.items()
        }
    names = Names()
    for name in NATURAL:
        names.add(tables[name], found[name])
    return {name: Counter(_text(names, tables[name], row) for row in rows) for name, rows in found.items()}


def _text(names: Names, t: Table, row: dict[str, Any]) -> str:
    left_out = NOT_COMPARED.get(t.name, frozenset()) | ({"id"} if t.name != "site" else set())
    return repr({column: names.value(t, row, column) for column in row if column not in left_out})


def differences(one: Rows, other: Rows) -> list[str]:
    """A line for each row that is in one and not in the other; none when they are equal."""
    return [
        f"{name}: {sign} {count} x {row}"
        for name in one
        for sign, more, fewer in (("missing", one, other), ("too many", other, one))
        for row, count in _less(more[name], fewer[name])
    ]


def _less(more: Counter[str], fewer: Counter[str]) -> Iterator[tuple[str, int]]:
    yield from sorted((more - fewer).items())

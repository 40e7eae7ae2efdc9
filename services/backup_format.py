"""How a backup is written: a file of lines for each table, the evidence, the settings, and a manifest written last.

It is the same for every database: a line is a JSON list of the values of one row, in the order in which the
manifest names the columns; instants and days are in ISO form. A folder without its manifest is no backup.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Date, Table
from sqlmodel import SQLModel

import models.api
import models.counters
import models.directive
import models.engine
import models.oidc
import models.organisation
import models.paper
import models.rectification
import models.sign_in
import models.unit_task
import models.webhooks  # noqa: F401 -- the tables register themselves
from domain.errors import InvalidInputError, NotFoundError, RefusedError
from models.columns import Instant
from store.folders import sync_folder

FORMAT = 1
MANIFEST, SETTINGS, TABLES, EVIDENCE = "manifest.json", "settings.json", "tables", "evidence"
ALL_TABLES: tuple[Table, ...] = tuple(
    table for table in SQLModel.metadata.sorted_tables if not table.info.get("derived")
)
"""Every table, after those it refers to, but those that the database itself derives from others."""


def columns_of(table: Table) -> tuple[Column[Any], ...]:
    """The columns that are written, so not those that the database derives from the row."""
    return tuple(column for column in table.columns if column.computed is None)


@dataclass(frozen=True)
class TableFile:
    """One table's file: its columns, how many rows, and what the file must hash to."""

    columns: list[str]
    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `trail` is where the audit trail ended: sequence number and hash."""

    format: int
    made_at: str
    schema: str
    trail: tuple[int, str]
    settings_sha256: str
    tables: dict[str, TableFile]
    evidence: list[str]
    damaged: list[str]
    """Evidence that was damaged or missing already when the backup was made."""


def write_file(path: Path, octets: bytes) -> str:
    """Write a file that outlives a power cut; its hash."""
    with path.open("xb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
    return hashlib.sha256(octets).hexdigest()


def hash_of(path: Path) -> str:
    """The hash of a file, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Finish the backup: the manifest, sealed with its own hash against damage."""
    content = asdict(manifest)
    write_file(folder / MANIFEST, _octets({"sha256": _digest(content), **content}))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a finished backup.

    Raises NotFoundError where there is none, InvalidInputError where it is damaged or no manifest of ours, and
    RefusedError where a newer Duban wrote it.
    """
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
        wrote = content["format"]
        digest = content.pop("sha256")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFoundError(
            "%(folder)s holds no finished backup: it has no manifest.", folder=str(folder)
        ) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidInputError(
            "The manifest of %(folder)s is no manifest of a backup.", folder=str(folder)
        ) from error
    if isinstance(wrote, int) and wrote > FORMAT:
        raise RefusedError("The backup in %(folder)s was made by a newer Duban.", folder=str(folder))
    if digest != _digest(content):
        raise InvalidInputError("The manifest of %(folder)s is damaged.", folder=str(folder))
    content["tables"] = {name: TableFile(**one) for name, one in content["tables"].items()}
    return Manifest(**content | {"trail": (content["trail"][0], content["trail"][1])})


def _octets(content: Any) -> bytes:
    return json.dumps(content, indent=1, sort_keys=True).encode()


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(_octets(content)).hexdigest()


def as_line(values: Any) -> bytes:
    """One row as a line."""
    return json.dumps(values, default=_iso, separators=(",", ":")).encode() + b"\n"


def _iso(value: Any) -> str:
    assert isinstance(value, (date, datetime)), f"no column holds {value!r}"
    return value.isoformat()


def rows_in(path: Path, table: Table, columns: list[str]) -> Iterator[dict[str, Any]]:
    """The rows of a table's file as they are inserted."""
    readers = [_reader(table.c[name].type) for name in columns]
    with path.open("rb") as file:
        for line in file:
            values = zip(columns, readers, json.loads(line), strict=True)
            yield {
                name: value if value is None or read is None else read(value) for name, read, value in values
            }


def _reader(kind: Any) -> Any:
    if isinstance(kind, Instant):
        return datetime.fromisoformat
    return date.fromisoformat if isinstance(kind, Date) else None

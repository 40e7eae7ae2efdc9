"""Restoring a backup into an empty database and an empty evidence folder: all of it, or no row of it.

Everything is verified before anything is written. The evidence comes first, then all rows in one transaction; what
a crash leaves is evidence that no row names, and the next attempt takes it up.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Table,
    bindparam,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)

from domain.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from services.backup import FILES, PAGE, Progress, in_silence
from services.backup_format import (
    ALL_TABLES,
    EVIDENCE,
    SETTINGS,
    TABLES,
    Manifest,
    columns_of,
    hash_of,
    read_manifest,
    rows_in,
)  # fmt: skip
from services.search_index import index_all
from store.evidence import FolderStore
from store.schema import migrate, newest_revision
from store.sessions import reading, writing


@dataclass(frozen=True)
class Restored:
    """What was restored; `trail` is where the audit trail ended, `settings` are those of the office it was made in."""

    made_at: str
    rows: int
    files: int
    trail: tuple[int, str]
    settings: Mapping[str, Any]


def restore(folder: Path, engine: Engine, evidence: FolderStore, progress: Progress = in_silence) -> Restored:
    """Restore the backup in `folder`. Nothing is written unless all of it is sound and both targets are empty.

    Raises NotFoundError for an unfinished backup, InvalidInputError for a damaged one, RefusedError for one of
    another version, ConflictError where the database has rows or the evidence folder other files.
    """
    manifest = read_manifest(folder)
    source = FolderStore(folder / EVIDENCE)
    _require_ours(folder, manifest)
    _require_sound(folder, manifest, source)
    _require_empty(engine, evidence, manifest)
    for done, sha256 in enumerate(manifest.evidence, 1):
        if not evidence.take(source, sha256):
            raise _damaged(folder, sha256)
        progress(FILES, done, len(manifest.evidence))
    migrate(engine)
    with writing(engine) as session:
        for t in ALL_TABLES:
            _load(session.connection(), t, folder, manifest, progress)
        index_all(session.connection())
    settings = json.loads((folder / SETTINGS).read_bytes())
    rows = sum(one.rows for one in manifest.tables.values())
    return Restored(manifest.made_at, rows, len(manifest.evidence), manifest.trail, settings)


def _require_ours(folder: Path, manifest: Manifest) -> None:
    """Tables and columns are those of this version."""
    if manifest.schema != newest_revision():
        raise RefusedError(
            "The backup in %(folder)s has the schema %(theirs)s, this Duban has %(ours)s: restore it with the Duban that made it.",
            folder=str(folder),
            theirs=manifest.schema,
            ours=newest_revision(),
        )
    expected = {t.name: [column.name for column in columns_of(t)] for t in ALL_TABLES}
    if {name: one.columns for name, one in manifest.tables.items()} != expected:
        raise InvalidInputError("The backup in %(folder)s is not of an office of ours.", folder=str(folder))


def _require_sound(folder: Path, manifest: Manifest, source: FolderStore) -> None:
    """Every octet is read and hashed."""
    expected = {f"{TABLES}/{name}.jsonl": one.sha256 for name, one in manifest.tables.items()}
    expected[SETTINGS] = manifest.settings_sha256
    for name, sha256 in expected.items():
        try:
            sound = hash_of(folder / name) == sha256
        except OSError:
            sound = False
        if not sound:
            raise _damaged(folder, name)
    for sha256 in manifest.evidence:
        try:
            sound = source.verify(sha256)
        except (NotFoundError, OSError):
            sound = False
        if not sound:
            raise _damaged(folder, sha256)


def _damaged(folder: Path, name: str) -> InvalidInputError:
    return InvalidInputError(
        "The backup in %(folder)s is damaged: %(name)s is missing or not what was written.",
        folder=str(folder),
        name=name,
    )


def _require_empty(engine: Engine, evidence: FolderStore, manifest: Manifest) -> None:
    with reading(engine) as session:
        connection = session.connection()
        there = set(inspect(connection).get_table_names())
        for t in ALL_TABLES:
            if t.name in there and connection.execute(select(1).select_from(t).limit(1)).first() is not None:
                raise ConflictError("The database is not empty: %(table)s has rows.", table=t.name)
    if set(evidence.hashes()) - set(manifest.evidence):
        raise ConflictError("The evidence folder is not empty.")


def _load(connection: Connection, t: Table, folder: Path, manifest: Manifest, progress: Progress) -> None:
    """Insert a table's rows, references to rows of its own afterwards, and count on from its last id."""
    total, done = manifest.tables[t.name].rows, 0
    own = [column.name for column in t.columns if any(key.column.table is t for key in column.foreign_keys)]
    path = folder / TABLES / f"{t.name}.jsonl"
    for page in _pages(rows_in(path, t, manifest.tables[t.name].columns)):
        connection.execute(insert(t), [row | dict.fromkeys(own) for row in page])
        done += len(page)
        progress(t.name, done, total)
    if done != total:
        raise _damaged(folder, t.name)
    for name in own:
        later = update(t).where(t.c.id == bindparam("row")).values({name: bindparam("refers_to")})
        for page in _pages(rows_in(path, t, manifest.tables[t.name].columns)):
            values = [{"row": row["id"], "refers_to": row[name]} for row in page if row[name] is not None]
            if values:
                connection.execute(later, values)
    if connection.dialect.name == "postgresql" and t.autoincrement_column is not None:
        _count_on(connection, t.autoincrement_column)


def _count_on(connection: Connection, key: Column[Any]) -> None:
    """PostgreSQL counts ids in a sequence, which inserted ids do not move."""
    found = text("SELECT pg_get_serial_sequence(:name, :column)")
    sequence = connection.execute(found, {"name": key.table.name, "column": key.name}).scalar()
    if sequence is not None:
        last = connection.execute(select(func.max(key))).scalar()
        values = {"sequence": sequence, "last": last or 1, "used": last is not None}
        connection.execute(text("SELECT setval(CAST(:sequence AS regclass), :last, :used)"), values)


def _pages(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while page := list(islice(rows, PAGE)):
        yield page

"""A backup of one moment: every table, every file of evidence, the settings without secrets. Never the audit key.

It is made while the office works: the rows are read in one transaction, and a file of evidence is there before its
row and never changes. Evidence shares its octets with the backup where both lie in one file system.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, select

from domain.errors import ConflictError, NotFoundError
from models.columns import table
from models.unit_task import EvidenceFile
from services.backup_format import (
    ALL_TABLES,
    EVIDENCE,
    FORMAT,
    SETTINGS,
    TABLES,
    Manifest,
    TableFile,
    as_line,
    columns_of,
    write_file,
    write_manifest,
)  # fmt: skip
from services.office import Office
from services.trail import end_of_trail
from store.evidence import EvidenceStore, FolderStore
from store.folders import sync_folder
from store.schema import revision_of
from store.sessions import reading

Progress = Callable[[str, int, int], None]
"""Told what is being done (a table's name, or `files` of evidence), how much of it is done, and of how much."""

_FILE = table(EvidenceFile)
PAGE = 2000
FILES = "files"


def in_silence(what: str, done: int, total: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Backup:
    """What was backed up. `damaged` are hashes of evidence that was damaged or missing already: see `duban check`."""

    folder: Path
    rows: int
    files: int
    damaged: tuple[str, ...]


@dataclass(frozen=True)
class What:
    """What is backed up beside the database: the evidence, and the settings without secrets."""

    evidence: EvidenceStore
    settings: Mapping[str, Any]


def backup(
    office: Office, what: What, folder: Path, now: datetime, progress: Progress = in_silence
) -> Backup:
    """Write a backup into `folder`, which is new or empty. Its manifest comes last, so half a backup is none.

    Raises ConflictError where something lies in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ConflictError(
            "%(folder)s is not empty: a backup needs a folder of its own.", folder=str(folder)
        )
    (folder / TABLES).mkdir()
    with reading(office.engine) as session:
        connection = session.connection()
        tables = {t.name: _write_table(connection, t, folder, progress) for t in ALL_TABLES}
        trail = end_of_trail(connection)
        schema = str(revision_of(connection))
        hashes = list(connection.execute(select(_FILE.c.sha256).order_by(_FILE.c.sha256)).scalars())
    damaged = _take_evidence(what.evidence, hashes, folder, progress)
    settings_sha256 = write_file(folder / SETTINGS, as_line(dict(what.settings)))
    kept = sorted(set(hashes) - set(damaged))
    write_manifest(
        folder, Manifest(FORMAT, now.isoformat(), schema, trail, settings_sha256, tables, kept, damaged)
    )
    return Backup(folder, sum(one.rows for one in tables.values()), len(kept), tuple(damaged))


def _write_table(connection: Connection, t: Table, folder: Path, progress: Progress) -> TableFile:
    """Row by row in the order of the key, so that memory stays small and equal tables make equal files."""
    total = int(connection.execute(select(func.count()).select_from(t)).scalar_one())
    digest, done = hashlib.sha256(), 0
    columns = columns_of(t)
    chosen = select(*columns).order_by(*t.primary_key.columns).execution_options(yield_per=PAGE)
    path = folder / TABLES / f"{t.name}.jsonl"
    with connection.execute(chosen) as rows, path.open("xb") as file:
        for page in rows.partitions():
            octets = b"".join(as_line(tuple(row)) for row in page)
            digest.update(octets)
            file.write(octets)
            done += len(page)
            progress(t.name, done, total)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder / TABLES)
    return TableFile([column.name for column in columns], done, digest.hexdigest())


def _take_evidence(source: EvidenceStore, hashes: list[str], folder: Path, progress: Progress) -> list[str]:
    """Every file, hashed as it lies in the backup; those that could not be taken whole."""
    store, damaged = FolderStore(folder / EVIDENCE), []
    for done, sha256 in enumerate(hashes, 1):
        try:
            sound = store.take(source, sha256, link=True)
        except (NotFoundError, OSError):
            sound = False
        if not sound:
            damaged.append(sha256)
        progress(FILES, done, len(hashes))
    return damaged

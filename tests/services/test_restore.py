"""What is no whole backup of this version is refused, and so is a target with anything in it."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert
from sqlmodel import SQLModel

from domain.errors import ConflictError, DubanError, InvalidInputError, NotFoundError, RefusedError
from models.columns import table
from models.engine import Audit
from models.unit_task import Evidence
from services.backup_format import ALL_TABLES
from services.check import check
from services.restore import Restored, restore
from store.evidence import FolderStore
from store.schema import migrate
from store.sessions import open_engine, writing
from tests.office import Scene, snapshot
from tests.services.backups import rows_of
from tests.services.story import ENDED


@pytest.fixture
def sqlite_target(tmp_path: Path) -> Engine:
    engine = open_engine(f"sqlite:///{tmp_path / 'target.db'}")
    migrate(engine)
    return engine


Damage = Callable[[Path], None]


def refuses(folder: Path, engine: Engine, tmp_path: Path, error: type[DubanError], match: str) -> None:
    """Nothing at all was written."""
    store = FolderStore(tmp_path / "refused")
    before, kept = snapshot(engine), store.hashes()
    with pytest.raises(error, match=match):
        restore(folder, engine, store)
    assert snapshot(engine) == before
    assert store.hashes() == kept
    engine.dispose()


def edit(folder: Path, **changed: Any) -> None:
    """Change the manifest, and its hash with it, as another program would write it."""
    from services import backup_format

    content = json.loads((folder / "manifest.json").read_bytes()) | changed
    del content["sha256"]
    (folder / "manifest.json").write_text(json.dumps({"sha256": backup_format._digest(content), **content}))


def any_evidence(folder: Path) -> Path:
    return next(path for path in sorted((folder / "evidence").glob("??/??/*")))


def cut(path: Path) -> None:
    octets = path.read_bytes()
    path.unlink()
    path.write_bytes(octets[:-1])


DAMAGES: dict[str, Damage] = {
    "a table is cut": lambda folder: cut(folder / "tables" / "unit_task.jsonl"),
    "a table is gone": lambda folder: (folder / "tables" / "mail.jsonl").unlink(),
    "an empty table is gone": lambda folder: (folder / "tables" / "lease.jsonl").unlink(),
    "the settings are cut": lambda folder: cut(folder / "settings.json"),
    "the settings are gone": lambda folder: (folder / "settings.json").unlink(),
    "a file is cut": lambda folder: cut(any_evidence(folder)),
    "a file is gone": lambda folder: any_evidence(folder).unlink(),
    "all evidence is gone": lambda folder: shutil.rmtree(folder / "evidence"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_refused(
    sqlite_backup: Path, sqlite_target: Engine, tmp_path: Path, damage: str
) -> None:
    DAMAGES[damage](sqlite_backup)

    refuses(sqlite_backup, sqlite_target, tmp_path, InvalidInputError, "is damaged")


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "no manifest of a backup"),
        ("[1]", "no manifest of a backup"),
        ('{"format": 1}', "no manifest of a backup"),
        ('{"name": "somebody else\'s"}', "no manifest of a backup"),
        ('{"format": 1, "sha256": "00"}', "damaged"),
    ],
)
def test_what_is_no_manifest_is_refused(
    sqlite_backup: Path, sqlite_target: Engine, tmp_path: Path, text: str, match: str
) -> None:
    (sqlite_backup / "manifest.json").write_text(text)

    refuses(sqlite_backup, sqlite_target, tmp_path, InvalidInputError, match)


def test_a_manifest_changed_by_one_figure_is_refused(
    sqlite_backup: Path, sqlite_target: Engine, tmp_path: Path
) -> None:
    manifest = sqlite_backup / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"made_at": "2026', '"made_at": "2025'))

    refuses(sqlite_backup, sqlite_target, tmp_path, InvalidInputError, "damaged")


def test_a_newer_backup_is_refused(sqlite_backup: Path, sqlite_target: Engine, tmp_path: Path) -> None:
    edit(sqlite_backup, format=2, something="new")

    refuses(sqlite_backup, sqlite_target, tmp_path, RefusedError, "newer Duban")


def test_a_backup_of_another_schema_is_refused(
    sqlite_backup: Path, sqlite_target: Engine, tmp_path: Path
) -> None:
    edit(sqlite_backup, schema="9999")

    refuses(sqlite_backup, sqlite_target, tmp_path, RefusedError, "schema 9999")


def test_a_backup_with_other_tables_is_refused(
    sqlite_backup: Path, sqlite_target: Engine, tmp_path: Path
) -> None:
    tables = json.loads((sqlite_backup / "manifest.json").read_bytes())["tables"]
    del tables["mail"]
    edit(sqlite_backup, tables=tables)

    refuses(sqlite_backup, sqlite_target, tmp_path, InvalidInputError, "not of an office of ours")


def test_a_folder_that_is_no_folder_is_refused(sqlite_target: Engine, tmp_path: Path) -> None:
    refuses(tmp_path / "nothing", sqlite_target, tmp_path, NotFoundError, "no finished backup")


def test_nothing_is_restored_over_rows(sqlite_backup: Path, sqlite_target: Engine, tmp_path: Path) -> None:
    with writing(sqlite_target) as session:
        t: Any = table(Audit).metadata.tables["audit_head"]
        session.connection().execute(insert(t), {"id": 1, "seq": 0, "hash": "0" * 64})

    refuses(sqlite_backup, sqlite_target, tmp_path, ConflictError, "audit_head has rows")


def test_nothing_is_restored_among_other_evidence(
    sqlite_backup: Path, sqlite_target: Engine, tmp_path: Path
) -> None:
    place = tmp_path / "refused" / "ab" / "cd"
    place.mkdir(parents=True)
    (place / ("abcd" + "0" * 60)).write_bytes(b"mine")

    refuses(sqlite_backup, sqlite_target, tmp_path, ConflictError, "evidence folder is not empty")


def test_every_table_is_backed_up(sqlite_backup: Path) -> None:
    """Also those that another piece of work adds later."""
    names = {path.stem for path in (sqlite_backup / "tables").iterdir()}

    derived = {"unit_count", "item_count"}
    assert names == set(SQLModel.metadata.tables) - derived
    assert table(Evidence).name in names


def test_a_restore_tells_what_it_did(sqlite_backup: Path, sqlite_target: Engine, tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "restored")
    result = restore(sqlite_backup, sqlite_target, store)

    assert isinstance(result, Restored)
    kept = {t.name for t in ALL_TABLES}
    assert result.rows == sum(len(rows) for name, rows in rows_of(sqlite_target).items() if name in kept)
    assert result.files == len(store.hashes()) > 0
    assert result.made_at == ENDED.isoformat()
    sqlite_target.dispose()


def test_what_was_restored_is_found_and_counted(
    sqlite_story: tuple[Scene, Path], sqlite_backup: Path, sqlite_target: Engine, tmp_path: Path
) -> None:
    store = FolderStore(tmp_path / "restored")
    restore(sqlite_backup, sqlite_target, store)
    report = check(replace(sqlite_story[0].office, engine=sqlite_target), store)

    assert report.findings == ()
    assert report.checked["counters"] > 0
    sqlite_target.dispose()

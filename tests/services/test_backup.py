"""A backup is one moment of the office; restored, it is that office again, and whatever is not whole is refused."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select
from sqlmodel import SQLModel

from domain.errors import ConflictError, DubanError, InvalidInputError, NotFoundError, RefusedError
from models.columns import table
from models.engine import Audit
from models.unit_task import Evidence
from services.backup import Backup, What, backup
from services.backup_format import ALL_TABLES
from services.check import check
from services.office import Office
from services.restore import Restored, restore
from services.trail import Anchor, verify_trail
from store.evidence import FolderStore
from store.keys import make_key_file
from store.schema import migrate
from store.sessions import open_engine, reading, writing
from tests.office import HANDLING, Scene, snapshot
from tests.services.story import ENDED, Story

LATER = date(2026, 9, 30)
SETTINGS = {"language": "zh_CN", "time_zone": "Asia/Shanghai", "smtp_url": None}


def back_up(story: Story, folder: Path, **more: Any) -> Backup:
    return backup(story.scene.office, What(story.store, SETTINGS), folder, ENDED, **more)


@pytest.fixture
def made(story: Story, tmp_path: Path) -> Path:
    """A backup of the story."""
    back_up(story, tmp_path / "backup")
    return tmp_path / "backup"


@pytest.fixture
def sqlite_backup(sqlite_story: tuple[Scene, Path], tmp_path: Path) -> Path:
    """A backup of the story on SQLite, for what is the same on both databases."""
    scene, folder = sqlite_story
    engine = open_engine(f"sqlite:///{folder / 'duban.db'}")
    office = replace(scene.office, engine=engine)
    backup(office, What(FolderStore(folder / "evidence"), SETTINGS), tmp_path / "backup", ENDED)
    engine.dispose()
    return tmp_path / "backup"


@pytest.fixture
def target(story: Story, request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """An empty database of the same kind."""
    return empty(story.scene.engine.dialect.name, request, tmp_path)


def empty(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if kind == "postgresql":
        databases: Callable[[str], Engine] = request.getfixturevalue("postgres_databases")
        return databases("template0")
    return open_engine(f"sqlite:///{tmp_path / 'restored.db'}")


def rows_of(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with reading(engine) as session:
        connection = session.connection()
        return {
            t.name: [tuple(row) for row in connection.execute(select(t).order_by(*t.primary_key.columns))]
            for t in ALL_TABLES
        }


def restored_at(engine: Engine, office: Office) -> Office:
    return replace(office, engine=engine)


def test_what_is_restored_is_the_same_office(
    story: Story, made: Path, target: Engine, tmp_path: Path
) -> None:
    store = FolderStore(tmp_path / "restored")
    result = restore(made, target, store)
    office = restored_at(target, story.scene.office)
    last = story.scene.rows(Audit)[-1]

    assert rows_of(target) == rows_of(story.scene.engine)
    assert store.hashes() == story.store.hashes()
    assert result.settings == SETTINGS
    assert result.trail == (last.seq, last.hash)
    assert check(office, store).findings == ()
    assert verify_trail(office, anchor=Anchor(last.seq, last.hash, "")).ok


def test_the_restored_office_goes_on(story: Story, made: Path, target: Engine, tmp_path: Path) -> None:
    """New rows get new ids on both databases, and the trail goes on where it ended."""
    store = FolderStore(tmp_path / "restored")
    restore(made, target, store)
    office = restored_at(target, story.scene.office)
    scene = replace(story.scene, office=office)
    published = scene.publish(scene.item(("A", HANDLING), due=LATER), now=ENDED)
    scene.live(ENDED)

    assert published.id == 4
    assert published.items == (8,)
    assert check(office, store).findings == ()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_is_restored_into_either_database(
    story: Story, made: Path, request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    engine = empty(kind, request, tmp_path)
    restore(made, engine, FolderStore(tmp_path / "restored"))

    assert rows_of(engine) == rows_of(story.scene.engine)
    engine.dispose()


def test_the_same_office_makes_the_same_files(story: Story, made: Path, tmp_path: Path) -> None:
    back_up(story, tmp_path / "again")
    files = sorted(path.relative_to(made) for path in made.rglob("*") if path.is_file())

    assert len(files) > len(ALL_TABLES) + 10
    assert [
        path for path in files if (made / path).read_bytes() != (tmp_path / "again" / path).read_bytes()
    ] == []


def test_a_backup_is_of_one_moment_though_the_office_goes_on(
    story: Story, target: Engine, tmp_path: Path
) -> None:
    scene = story.scene
    before = rows_of(scene.engine)
    acts: list[str] = []

    def meanwhile(what: str, done: int, total: int) -> None:
        """Somebody publishes after each table."""
        acts.append(what)
        if done == total and what != "files":
            scene.publish(scene.item(("A", HANDLING), due=LATER), now=ENDED, title=what)

    back_up(story, tmp_path / "backup", progress=meanwhile)
    restore(tmp_path / "backup", target, FolderStore(tmp_path / "restored"))

    assert len(acts) > 10
    assert rows_of(scene.engine) != before
    assert rows_of(target) == before


def test_progress_is_told_to_the_last_row_and_file(story: Story, tmp_path: Path) -> None:
    told: dict[str, tuple[int, int]] = {}
    result = back_up(
        story, tmp_path / "backup", progress=lambda what, done, total: told.update({what: (done, total)})
    )
    files = told.pop("files")

    assert all(done == total for done, total in told.values())
    assert result.rows == sum(done for done, _ in told.values())
    assert files == (result.files, result.files)


def test_evidence_shares_its_octets_with_the_backup_but_not_with_the_restored(
    story: Story, made: Path, target: Engine, tmp_path: Path
) -> None:
    restore(made, target, FolderStore(tmp_path / "restored"))
    for sha256 in story.store.hashes():
        place = Path(sha256[:2]) / sha256[2:4] / sha256
        inodes = [
            (root / place).stat().st_ino for root in (story.folder, made / "evidence", tmp_path / "restored")
        ]

        assert inodes[0] == inodes[1] != inodes[2]


def test_the_audit_key_is_in_no_backup(story: Story, tmp_path: Path) -> None:
    ring = make_key_file(tmp_path / "keys" / "audit.json")
    office = replace(story.scene.office, keys=ring)
    keyed = replace(story, scene=replace(story.scene, office=office))
    keyed.scene.publish(keyed.scene.item(("A", HANDLING), due=LATER), now=ENDED)
    back_up(keyed, tmp_path / "backup")
    key = ring.keys[ring.current]
    contents = [path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file()]

    assert any(ring.current.encode() in content for content in contents)
    assert not [content for content in contents if key in content or key.hex().encode() in content]


def test_damaged_evidence_does_not_stop_the_backup_and_is_named(
    story: Story, target: Engine, tmp_path: Path
) -> None:
    gone, changed, *_ = story.store.hashes()
    for sha256 in (gone, changed):
        path = story.folder / sha256[:2] / sha256[2:4] / sha256
        octets = path.read_bytes()
        path.unlink()
        if sha256 == changed:
            path.write_bytes(octets[:-1] + b"?")
    result = back_up(story, tmp_path / "backup")
    restore(tmp_path / "backup", target, FolderStore(tmp_path / "restored"))
    findings = check(restored_at(target, story.scene.office), FolderStore(tmp_path / "restored")).findings

    assert result.damaged == (gone, changed)
    assert [f.subject for f in findings] == [f"evidence_file/{gone}", f"evidence_file/{changed}"]


def test_a_backup_needs_a_folder_of_its_own(story: Story, made: Path) -> None:
    before = sorted(made.rglob("*"))

    with pytest.raises(ConflictError, match="not empty"):
        back_up(story, made)

    assert sorted(made.rglob("*")) == before


def test_a_backup_that_broke_off_is_none(story: Story, target: Engine, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        back_up(story, tmp_path / "backup", progress=_interrupt("notice"))

    with pytest.raises(NotFoundError, match="no finished backup"):
        restore(tmp_path / "backup", target, FolderStore(tmp_path / "restored"))


def _interrupt(at: str) -> Callable[[str, int, int], None]:
    def progress(what: str, done: int, total: int) -> None:
        if what == at:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize("at", ["files", "unit", "audit"])
def test_a_restore_that_broke_off_leaves_no_row_and_can_be_begun_again(
    story: Story, made: Path, target: Engine, tmp_path: Path, at: str
) -> None:
    store = FolderStore(tmp_path / "restored")
    with pytest.raises(KeyboardInterrupt):
        restore(made, target, store, _interrupt(at))

    migrate(target)
    assert not any(rows_of(target).values())

    restore(made, target, store)
    assert rows_of(target) == rows_of(story.scene.engine)


# what is refused


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

    assert names == set(SQLModel.metadata.tables)
    assert table(Evidence).name in names


def test_a_restore_tells_what_it_did(sqlite_backup: Path, sqlite_target: Engine, tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "restored")
    result = restore(sqlite_backup, sqlite_target, store)

    assert isinstance(result, Restored)
    assert result.rows == sum(len(rows) for rows in rows_of(sqlite_target).values())
    assert result.files == len(store.hashes()) > 0
    assert result.made_at == ENDED.isoformat()
    sqlite_target.dispose()

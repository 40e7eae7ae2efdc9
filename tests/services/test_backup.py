"""A backup is one moment of the office; restored, it is that office again, and whatever is not whole is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from domain.errors import ConflictError, NotFoundError
from models.engine import Audit
from services.backup import Backup, What, backup
from services.backup_format import ALL_TABLES
from services.check import check
from services.office import Office
from services.restore import restore
from services.trail import Anchor, verify_trail
from store.evidence import FolderStore
from store.keys import make_key_file
from store.schema import migrate
from store.sessions import open_engine
from tests.office import HANDLING
from tests.services.backups import SETTINGS, rows_of
from tests.services.story import ENDED, Story

LATER = date(2026, 9, 30)


def back_up(story: Story, folder: Path, **more: Any) -> Backup:
    return backup(story.scene.office, What(story.store, SETTINGS), folder, ENDED, **more)


@pytest.fixture
def made(story: Story, tmp_path: Path) -> Path:
    """A backup of the story."""
    back_up(story, tmp_path / "backup")
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

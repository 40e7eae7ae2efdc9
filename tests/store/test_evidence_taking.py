"""Taking evidence over from another store, as backup and restore do."""

import hashlib
import os
from io import BytesIO
from pathlib import Path

import pytest

from domain.errors import NotFoundError
from domain.evidence import EvidenceLimits
from store.evidence import EvidenceStore, FolderStore

WORDS = "已办结。".encode()
SHA256 = hashlib.sha256(WORDS).hexdigest()
PLACE = Path(SHA256[:2]) / SHA256[2:4] / SHA256


class Elsewhere:
    """A store that is no folder, such as one across a network."""

    def open(self, sha256: str) -> BytesIO:
        if sha256 != SHA256:
            raise NotFoundError("There is no evidence with the hash %(sha256)s.", sha256=sha256)
        return BytesIO(WORDS)


@pytest.fixture
def source(tmp_path: Path) -> FolderStore:
    store = FolderStore(tmp_path / "source")
    store.put(BytesIO(WORDS), "记录.txt", EvidenceLimits())
    return store


@pytest.fixture
def target(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "target")


def inode(folder: Path) -> int:
    return (folder / PLACE).stat().st_ino


@pytest.mark.parametrize("link", [False, True])
def test_what_is_taken_is_there_and_sound(
    source: FolderStore, target: FolderStore, tmp_path: Path, *, link: bool
) -> None:
    assert target.take(source, SHA256, link=link)
    assert target.verify(SHA256)
    assert target.hashes() == source.hashes() == [SHA256]
    assert (inode(tmp_path / "source") == inode(tmp_path / "target")) is link
    assert list((tmp_path / "target" / "tmp").iterdir()) == []


def test_it_is_copied_where_names_cannot_be_shared(
    source: FolderStore, target: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", _across)

    assert target.take(source, SHA256, link=True)
    assert inode(tmp_path / "source") != inode(tmp_path / "target")


def _across(*_: object) -> None:
    raise OSError(18, "another file system")


def test_it_is_copied_from_a_store_that_is_no_folder(target: FolderStore) -> None:
    elsewhere: EvidenceStore = Elsewhere()  # type: ignore[assignment]  # only `open` is asked of it

    assert target.take(elsewhere, SHA256, link=True)
    assert target.verify(SHA256)


@pytest.mark.parametrize("link", [False, True])
def test_what_is_damaged_is_not_kept(
    source: FolderStore, target: FolderStore, tmp_path: Path, *, link: bool
) -> None:
    file = tmp_path / "source" / PLACE
    file.chmod(0o600)
    file.write_bytes(b"?" + WORDS[1:])

    assert not target.take(source, SHA256, link=link)
    assert target.hashes() == []
    assert file.exists()


def test_what_is_there_already_is_looked_at_and_left(
    source: FolderStore, target: FolderStore, tmp_path: Path
) -> None:
    target.take(source, SHA256)
    before = inode(tmp_path / "target")

    assert target.take(source, SHA256)
    assert inode(tmp_path / "target") == before

    file = tmp_path / "target" / PLACE
    file.chmod(0o600)
    file.write_bytes(b"?" + WORDS[1:])

    assert not target.take(source, SHA256)


def test_what_the_source_has_not_cannot_be_taken(
    source: FolderStore, target: FolderStore, tmp_path: Path
) -> None:
    with pytest.raises(NotFoundError):
        target.take(source, "0" * 64)

    assert target.hashes() == []
    assert list((tmp_path / "target" / "tmp").iterdir()) == []

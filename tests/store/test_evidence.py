"""Evidence on disk: whole or not at all, once, and what its name says it is."""

import hashlib
import io
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from domain.errors import InvalidInputError, NotFoundError, RefusedError
from domain.evidence import MEGABYTE, EvidenceLimits
from store.evidence import EvidenceStore, FolderStore, evidence_store
from tests.store.evidence_samples import GOOD, pdf

LIMITS = EvidenceLimits()


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "evidence")


def files(root: Path) -> set[Path]:
    return {path.relative_to(root) for path in root.rglob("*") if path.is_file()}


def put(store: EvidenceStore, content: bytes, name: str = "说明.txt") -> str:
    return store.put(io.BytesIO(content), name, LIMITS).sha256


@pytest.mark.parametrize("name", GOOD)
def test_every_allowed_kind_is_kept_as_it_came(store: FolderStore, tmp_path: Path, name: str) -> None:
    content = GOOD[name]
    sha256 = hashlib.sha256(content).hexdigest()

    stored = store.put(io.BytesIO(content), name, LIMITS)

    assert (stored.sha256, stored.size, stored.existed) == (sha256, len(content), False)
    with store.open(sha256) as file:
        assert file.read() == content
    assert store.exists(sha256)
    assert store.size(sha256) == len(content)
    assert store.verify(sha256)
    assert files(tmp_path / "evidence") == {Path(sha256[:2], sha256[2:4], sha256)}


def test_the_type_is_the_one_the_content_proves(store: FolderStore) -> None:
    assert store.put(io.BytesIO(pdf()), "纪要.PDF", LIMITS).media_type == "application/pdf"


def test_the_same_content_is_kept_once_under_any_name(store: FolderStore, tmp_path: Path) -> None:
    first = store.put(io.BytesIO(b"x"), "a.txt", LIMITS)
    second = store.put(io.BytesIO(b"x"), "b.csv", LIMITS)

    assert (first.existed, second.existed) == (False, True)
    assert first.sha256 == second.sha256
    assert len(files(tmp_path / "evidence")) == 1


def test_nobody_may_write_to_what_is_kept(store: FolderStore, tmp_path: Path) -> None:
    sha256 = put(store, b"x")

    assert (tmp_path / "evidence" / sha256[:2] / sha256[2:4] / sha256).stat().st_mode & 0o222 == 0


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "a.txt"),
        (b"x", "a.exe"),
        (b"x", "../a.txt"),
        (b"MZ\x90\0" + b"\0" * 100, "a.pdf"),
        (pdf(), "a.png"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    store: FolderStore, tmp_path: Path, content: bytes, name: str
) -> None:
    with pytest.raises(RefusedError):
        store.put(io.BytesIO(content), name, LIMITS)

    assert files(tmp_path / "evidence") == set()


class Endless(io.RawIOBase):
    """Gives text for ever and counts how much was asked for."""

    given = 0

    def read(self, size: int = -1, /) -> bytes:
        self.given += size
        return b"x" * size


def test_a_file_without_end_is_cut_off_at_the_limit(store: FolderStore, tmp_path: Path) -> None:
    endless = Endless()

    with pytest.raises(RefusedError, match="5 MB"):
        store.put(endless, "a.txt", EvidenceLimits(file_bytes=5 * MEGABYTE))  # type: ignore[arg-type]

    assert endless.given == 6 * MEGABYTE
    assert files(tmp_path / "evidence") == set()


def test_a_file_of_exactly_the_limit_is_taken(store: FolderStore) -> None:
    limits = EvidenceLimits(file_bytes=2 * MEGABYTE)

    assert store.put(io.BytesIO(b"x" * 2 * MEGABYTE), "a.txt", limits).size == 2 * MEGABYTE


class Breaking(io.RawIOBase):
    """Gives one piece, then fails as a lost upload does."""

    pieces = 0

    def read(self, _size: int = -1, /) -> bytes:
        self.pieces += 1
        if self.pieces > 1:
            raise ConnectionResetError
        return b"x"


def test_an_upload_that_breaks_off_leaves_nothing_behind(store: FolderStore, tmp_path: Path) -> None:
    with pytest.raises(ConnectionResetError):
        store.put(Breaking(), "a.txt", LIMITS)  # type: ignore[arg-type]

    assert files(tmp_path / "evidence") == set()


@pytest.mark.parametrize(
    "sha256", ["0" * 64, "", "abc", "../../etc/passwd", "A" * 64, "0" * 64 + "\n", "/" * 64]
)
def test_what_is_not_there_is_not_found(store: FolderStore, sha256: str) -> None:
    assert not store.exists(sha256)
    with pytest.raises(NotFoundError):
        store.open(sha256)
    with pytest.raises(NotFoundError):
        store.size(sha256)
    with pytest.raises(NotFoundError):
        store.verify(sha256)


def damage(root: Path, sha256: str) -> None:
    path = root / sha256[:2] / sha256[2:4] / sha256
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    path.chmod(0o640)
    path.write_bytes(content)


def test_a_flipped_bit_is_found_and_a_new_copy_heals_it(store: FolderStore, tmp_path: Path) -> None:
    hashes = [put(store, f"第{number}份".encode()) for number in range(20)]
    (tmp_path / "evidence" / hashes[0][:2] / hashes[0][2:4] / "notes").write_text("not ours")
    assert store.scrub() == []

    damage(tmp_path / "evidence", hashes[3])
    damage(tmp_path / "evidence", hashes[11])

    assert store.scrub() == sorted([hashes[3], hashes[11]])
    assert not store.verify(hashes[3])
    put(store, "第3份".encode())
    assert store.scrub() == [hashes[11]]


def test_what_a_disk_cannot_read_counts_as_damaged(
    store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = put(store, b"x")

    def broken(*_args: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(hashlib, "file_digest", broken)
    assert store.scrub() == [sha256]


def test_only_old_leftovers_are_swept(store: FolderStore, tmp_path: Path) -> None:
    sha256 = put(store, b"x")
    now = datetime.now(UTC)
    for name, age in (("old", timedelta(hours=25)), ("young", timedelta(hours=1))):
        path = tmp_path / "evidence" / "tmp" / name
        path.write_bytes(b"half")
        moment = (now - age).timestamp()
        os.utime(path, (moment, moment))

    assert store.sweep_temp(now - timedelta(hours=24)) == 1
    assert files(tmp_path / "evidence") == {Path("tmp/young"), Path(sha256[:2], sha256[2:4], sha256)}


def test_everything_is_synced_before_put_returns(store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file before its rename, then every folder on the way to it."""
    events: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def watched_fsync(handle: int) -> None:
        events.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        fsync(handle)

    def watched_replace(self: Path, target: Path) -> Path:
        events.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(Path, "replace", watched_replace)
    sha256 = put(store, b"x")

    assert events[1:] == ["rename", sha256[2:4], sha256[:2], "evidence"]
    assert events[0].startswith("tmp")


PUTTER = """
import sys
from pathlib import Path
from domain.evidence import EvidenceLimits
from store.evidence import FolderStore

store = FolderStore(Path(sys.argv[1]))
print("ready", flush=True)
stored = store.put(sys.stdin.buffer, "a.txt", EvidenceLimits())
print(stored.sha256, flush=True)
"""


def start_put(root: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", PUTTER, str(root)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    return child


def wait_for_octets(root: Path, count: int) -> None:
    give_up = time.monotonic() + 20
    while sum(path.stat().st_size for path in (root / "tmp").iterdir()) < count:
        assert time.monotonic() < give_up
        time.sleep(0.01)


def writer(child: subprocess.Popen[bytes]) -> BinaryIO:
    assert child.stdin is not None
    return child.stdin  # type: ignore[return-value]


def test_killed_in_the_middle_no_half_file_has_a_final_name(tmp_path: Path) -> None:
    root = tmp_path / "evidence"
    content = b"0123456789abcdef" * (3 * MEGABYTE // 16)
    with start_put(root) as child:
        writer(child).write(content)
        writer(child).flush()
        wait_for_octets(root, 2 * MEGABYTE)
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()

    assert child.returncode == -signal.SIGKILL
    left = files(root)
    assert {path.parts[0] for path in left} == {"tmp"}
    store = FolderStore(root)
    assert store.scrub() == []
    assert store.sweep_temp(datetime.now(UTC) + timedelta(minutes=1)) == len(left) == 1
    assert store.put(io.BytesIO(content), "a.txt", LIMITS).existed is False


def test_killed_at_any_moment_what_has_a_final_name_is_whole(tmp_path: Path) -> None:
    """Thirty kills spread over the time that one put takes, from its first octet to its answer."""
    root = tmp_path / "evidence"
    content = b"fedcba9876543210" * (2 * MEGABYTE // 16)
    sha256 = hashlib.sha256(content).hexdigest()
    started = time.monotonic()
    with start_put(tmp_path / "timing") as child:
        started = time.monotonic()
        child.communicate(content)
    whole = time.monotonic() - started
    acknowledged = 0
    for step in range(30):
        with start_put(root) as child:
            writer(child).write(content)
            writer(child).close()
            time.sleep(whole * step / 24)
            os.kill(child.pid, signal.SIGKILL)
            assert child.stdout is not None
            answer = child.stdout.read()
        store = FolderStore(root)
        assert store.scrub() == []
        if answer:
            assert answer.decode().strip() == sha256
            assert store.size(sha256) == len(content)
            acknowledged += 1
        store.sweep_temp(datetime.now(UTC) + timedelta(minutes=1))
        assert all(path.name == sha256 for path in files(root))

    assert acknowledged < 30


@pytest.mark.parametrize("form", ["file://{}", "file://localhost{}"])
def test_a_file_url_is_a_folder(tmp_path: Path, form: str) -> None:
    folder = tmp_path / "佐证 材料"

    store = evidence_store(form.format(str(folder).replace(" ", "%20")))
    sha256 = put(store, b"x")

    assert (folder / sha256[:2] / sha256[2:4] / sha256).read_bytes() == b"x"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/evidence",
        "s3://bucket/evidence",
        "http://a/b",
        "file:relative",
        "file://host/a",
        "file:///a?b=c",
        "file:///a%00b",
    ],
)
def test_any_other_address_is_refused_and_told_what_is_supported(url: str) -> None:
    with pytest.raises(InvalidInputError, match="file:///"):
        evidence_store(url)

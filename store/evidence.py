"""Where the octets of evidence lie: under the name of their own hash, put there whole or not at all.

What arrives is written beside its place, hashed and judged on the way, synced, and then renamed: a crash at any
moment leaves a whole file under its name or none. The same octets are kept once. Nothing is ever deleted.
"""

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from domain.errors import InvalidInputError, NotFoundError
from domain.evidence import MEGABYTE, EvidenceLimits, kind_of_name, require_content
from store.evidence_content import media_type_of
from store.folders import sync_folder

SHA256 = re.compile(r"[0-9a-f]{64}")
READ_ONLY = 0o440
SUPPORTED = "file:///folder"


@dataclass(frozen=True)
class StoredFile:
    """What was put: its hash (its name from now on), size in octets, type; and whether it had been there."""

    sha256: str
    size: int
    media_type: str
    existed: bool


class EvidenceStore(Protocol):
    """A place for evidence, by the SHA-256 of the content in lower-case hexadecimal."""

    def put(self, stream: BinaryIO, name: str, limits: EvidenceLimits) -> StoredFile:
        """Keep what `stream` gives. RefusedError when its name, size or content may not be evidence."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """The content, to be closed by the caller. NotFoundError when there is none."""
        ...

    def exists(self, sha256: str) -> bool:
        """Whether there is such content."""
        ...

    def size(self, sha256: str) -> int:
        """Its size in octets. NotFoundError when there is none."""
        ...

    def verify(self, sha256: str) -> bool:
        """Whether the content still has its hash. NotFoundError when there is none."""
        ...


class FolderStore:
    """Evidence in a folder: `ab/cd/abcd...`, and `tmp` for what is on its way, in the same file system."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._temp = root / "tmp"
        self._temp.mkdir(parents=True, exist_ok=True)

    def put(self, stream: BinaryIO, name: str, limits: EvidenceLimits) -> StoredFile:
        """See EvidenceStore. After it returns the file survives a power cut; if it raises, nothing is left."""
        kind = kind_of_name(name)
        handle, path = mkstemp(dir=self._temp)
        temp = Path(path)
        try:
            with os.fdopen(handle, "w+b") as file:
                sha256, size = _copy(stream, file, limits)
                require_content(kind, media_type_of(file, size))
                os.fchmod(file.fileno(), READ_ONLY)
                os.fsync(file.fileno())
            existed = self._settle(temp, sha256)
        finally:
            temp.unlink(missing_ok=True)
        return StoredFile(sha256, size, kind.media_type, existed)

    def open(self, sha256: str) -> BinaryIO:
        """See EvidenceStore."""
        return self._find(sha256).open("rb")

    def exists(self, sha256: str) -> bool:
        """See EvidenceStore."""
        return SHA256.fullmatch(sha256) is not None and self._path(sha256).is_file()

    def size(self, sha256: str) -> int:
        """See EvidenceStore."""
        return self._find(sha256).stat().st_size

    def verify(self, sha256: str) -> bool:
        """See EvidenceStore."""
        with self._find(sha256).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256

    def take(self, source: EvidenceStore, sha256: str, *, link: bool = False) -> bool:
        """Take over the content of that hash from another store; with `link` share its octets where that is possible.

        Answers whether it is sound here; what is not is not kept. NotFoundError when the source has none.
        """
        final = self._path(sha256)
        if self.exists(sha256):
            return self._is_sound(sha256)
        final.parent.mkdir(parents=True, exist_ok=True)
        if not (link and isinstance(source, FolderStore) and _linked(source._find(sha256), final)):  # noqa: SLF001 -- of its own kind
            self._copy_from(source, sha256, final)
        sound = self._is_sound(sha256)
        if not sound:
            final.unlink()
        for folder in (final.parent, final.parent.parent, self._root):
            sync_folder(folder)
        return sound

    def _copy_from(self, source: EvidenceStore, sha256: str, final: Path) -> None:
        handle, path = mkstemp(dir=self._temp)
        temp = Path(path)
        try:
            with source.open(sha256) as octets, os.fdopen(handle, "wb") as file:
                shutil.copyfileobj(octets, file, MEGABYTE)
                file.flush()
                os.fchmod(file.fileno(), READ_ONLY)
                os.fsync(file.fileno())
            temp.replace(final)
        finally:
            temp.unlink(missing_ok=True)

    def hashes(self) -> list[str]:
        """The hashes of everything kept, in order."""
        found = sorted(self._root.glob("??/??/*"))
        return [path.name for path in found if self.exists(path.name) and path == self._path(path.name)]

    def scrub(self) -> list[str]:
        """Read everything; the hashes whose content is damaged or cannot be read, in order."""
        return [sha256 for sha256 in self.hashes() if not self._is_sound(sha256)]

    def sweep_temp(self, older_than: datetime) -> int:
        """Remove what a crash left on its way before `older_than` (aware, by the file system's clock)."""
        left = [path for path in self._temp.iterdir() if path.stat().st_mtime < older_than.timestamp()]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def _is_sound(self, sha256: str) -> bool:
        try:
            return self.verify(sha256)
        except OSError:  # a disk that cannot read it has lost it
            return False

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def _find(self, sha256: str) -> Path:
        if not self.exists(sha256):
            raise NotFoundError("There is no evidence with the hash %(sha256)s.", sha256=repr(sha256[:64]))
        return self._path(sha256)

    def _settle(self, temp: Path, sha256: str) -> bool:
        """Rename into place, which also heals a damaged copy. Whether there had been one."""
        final = self._path(sha256)
        existed = final.is_file()
        final.parent.mkdir(parents=True, exist_ok=True)
        temp.replace(final)
        for folder in (final.parent, final.parent.parent, self._root):  # others may have made them, unsynced
            sync_folder(folder)
        return existed


def evidence_store(url: str) -> FolderStore:
    """The store behind `url`: `file:///folder`. InvalidInputError for anything else."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    plain = parts.netloc in {"", "localhost"} and not parts.query and not parts.fragment
    if parts.scheme != "file" or not plain or not path.startswith("/") or "\0" in path:
        raise InvalidInputError(
            "Evidence cannot be kept at a %(scheme)s address of this form; supported: %(supported)s.",
            scheme=parts.scheme or "?",
            supported=SUPPORTED,
        )
    return FolderStore(Path(path))


def _linked(source: Path, to: Path) -> bool:
    """Whether the same octets now stand under both names; not so across file systems."""
    try:
        os.link(source, to)
    except OSError:
        return False
    return True


def _copy(stream: BinaryIO, file: BinaryIO, limits: EvidenceLimits) -> tuple[str, int]:
    """Write everything to `file` and to disk buffers; its hash and size. RefusedError at the first octet too many."""
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(MEGABYTE):
        size += len(chunk)
        limits.check_size(size)
        digest.update(chunk)
        file.write(chunk)
    limits.check_size(size)
    file.flush()
    return digest.hexdigest(), size

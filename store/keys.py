"""The audit key file: the keys that seal the trail, by id. It lies outside the database and outside every backup.

The folder is closed to others (700) and the file too (600). It is replaced whole or not at all. An id is made at
random, so that a key file made anew is seen not to be the one a trail was sealed with.
"""

import json
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import Any

from domain.audit import KeyRing
from domain.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from store.folders import sync_folder

FOLDER_MODE = 0o700
KEY_OCTETS = 32  # as long as what HMAC-SHA-256 gives
ID_OCTETS = 8
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_key_file(path: Path) -> KeyRing:
    """Make the file with its first key. ConflictError where there is one: a lost key is a trail nobody can verify.

    Folders that are not there yet are made for the owner alone.
    """
    path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    first = secrets.token_hex(ID_OCTETS)
    ring = KeyRing(first, {first: secrets.token_bytes(KEY_OCTETS)})
    try:
        with _written(path, ring) as temp:
            os.link(temp, path)  # unlike a rename it never replaces what is there
    except FileExistsError as error:
        raise ConflictError("There is an audit key file already: %(path)s.", path=str(path)) from error
    sync_folder(path.parent)
    return ring


def load_key_ring(path: Path) -> KeyRing:
    """The keys of the file.

    Raises NotFoundError where there is none, RefusedError where others than its owner may read it, and
    InvalidInputError where it is damaged.
    """
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError as error:
        raise NotFoundError("There is no audit key file %(path)s.", path=str(path)) from error
    with os.fdopen(handle, "rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & OTHERS:
            raise RefusedError(
                "The audit key file %(path)s is open to others (mode %(mode)s): make it 600, and change the key.",
                path=str(path),
                mode=f"{mode:o}",
            )
        text = file.read()
    try:
        return _ring(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InvalidInputError("%(path)s is no audit key file, or a damaged one.", path=str(path)) from error


def add_key(path: Path) -> str:
    """Put a new key into the file, not in use yet; its id. See `services.trail` for the change to it."""
    ring = load_key_ring(path)
    new = secrets.token_hex(ID_OCTETS)
    _replace(path, KeyRing(ring.current, {**ring.keys, new: secrets.token_bytes(KEY_OCTETS)}))
    return new


def use_key(path: Path, key_id: str) -> KeyRing:
    """Seal with that key of the file from now on. The others stay: what they sealed is verified with them."""
    ring = load_key_ring(path)
    if key_id not in ring.keys:
        raise NotFoundError("The audit key file has no key %(id)s.", id=key_id)
    ring = KeyRing(key_id, ring.keys)
    _replace(path, ring)
    return ring


def _ring(data: dict[str, Any]) -> KeyRing:
    keys = {str(name): bytes.fromhex(text) for name, text in data["keys"].items()}
    current = data["current"]
    if current not in keys or any(len(key) != KEY_OCTETS for key in keys.values()):
        raise ValueError("a key is missing or cut")
    return KeyRing(current, keys)


@contextmanager
def _written(path: Path, ring: KeyRing) -> Iterator[Path]:
    """The ring on disk beside `path`, in a file for the owner alone; what is left of it afterwards is removed."""
    handle, name = mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp opens it with mode 600
    temp = Path(name)
    keys = {key_id: key.hex() for key_id, key in ring.keys.items()}
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump({"current": ring.current, "keys": keys}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        yield temp
    finally:
        temp.unlink(missing_ok=True)


def _replace(path: Path, ring: KeyRing) -> None:
    with _written(path, ring) as temp:
        temp.replace(path)
    sync_folder(path.parent)

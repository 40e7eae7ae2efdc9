"""The audit chain: each row carries the hash of the one before and a seal made with a key kept elsewhere.

A change, a deletion or an insertion breaks the hashes; somebody who recomputes the whole chain lacks the
key. A cut-off tail is found by comparing the last sequence number with an anchor kept outside the database.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

START = "0" * 64
"""What the first row names as the hash of the row before it."""

_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True)
class KeyRing:
    """The keys by id, and the one to seal with now. They live outside database and backup."""

    current: str
    keys: Mapping[str, bytes]


@dataclass(frozen=True)
class Entry:
    """One row of the chain as it is hashed. `at` is an ISO instant in UTC, `detail` plain JSON."""

    seq: int
    at: str
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    key_id: str


@dataclass(frozen=True)
class Sealed:
    """An entry with its three strings as stored."""

    entry: Entry
    prev_hash: str
    hash: str
    seal: str


def canonical(entry: Entry, prev_hash: str) -> bytes:
    """The bytes that are hashed: JSON with sorted keys, no blanks, UTF-8. A test pins them."""
    fields = [
        entry.seq,
        entry.at,
        entry.actor,
        entry.action,
        entry.subject,
        dict(entry.detail),
        entry.key_id,
        prev_hash,
    ]
    # Half a character, put in by hand, must not stop the walk.
    return _JSON.encode(fields).encode("utf-8", "surrogatepass")


def seal(entry: Entry, prev_hash: str, key: bytes) -> Sealed:
    """The entry linked behind `prev_hash` and sealed with HMAC-SHA-256 under `key`."""
    return Sealed(entry, prev_hash, *_hash_and_seal(entry, prev_hash, key))


def _hash_and_seal(entry: Entry, prev_hash: str, key: bytes) -> tuple[str, str]:
    digest = hashlib.sha256(canonical(entry, prev_hash)).hexdigest()
    return digest, hmac.digest(key, digest.encode(), "sha256").hex()


@dataclass(frozen=True)
class Verdict:
    """Whether the chain holds; otherwise the first bad row and what is wrong with it.

    Where rows are missing `bad_seq` is the first that should be there; a row put in is called as it calls itself.
    """

    rows: int
    last_hash: str
    bad_seq: int | None = None
    reason: str = ""

    @property
    def ok(self) -> bool:
        return self.bad_seq is None


def verify(rows: Iterable[Sealed], keys: Mapping[str, bytes], *, expected_rows: int | None = None) -> Verdict:
    """Walk the chain in order of `seq`. `keys` are the keys by id; `expected_rows` is the anchor's count."""
    prev, count = START, 0
    for row in rows:
        count += 1
        reason = _fault(row, prev, count, keys)
        if reason:
            return Verdict(count, prev, min(row.entry.seq, count), reason)
        prev = row.hash
    if expected_rows is not None and count < expected_rows:
        return Verdict(count, prev, count + 1, "missing: rows were cut off at the end")
    return Verdict(count, prev)


def _fault(row: Sealed, prev: str, count: int, keys: Mapping[str, bytes]) -> str:
    if row.entry.seq != count:
        return "missing: a row was taken out or put in"
    if row.prev_hash != prev:
        return "unlinked: the row before it was changed"
    key = keys.get(row.entry.key_id)
    if key is None:
        return "unsealed: its key is not in the key file"
    wanted_hash, wanted_seal = _hash_and_seal(row.entry, prev, key)
    if row.hash != wanted_hash:
        return "changed: its text does not match its hash"
    # A plain comparison: the seal stands in the table anyway, and anything at all may have been put there.
    return "" if row.seal == wanted_seal else "forged: its seal was not made with the key"

"""The trail as it lies in the database: verified in one pass, its key changed by a row signed with the old one,
and its end written down outside the database, so that a tail that was cut off is missed.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, bindparam, select

from domain.audit import START, Entry, KeyRing, Sealed, Verdict, verify
from domain.errors import InvalidInputError, NotFoundError, RefusedError, WrongStateError
from models.columns import table
from models.engine import Audit, AuditHead
from services.office import Actor, Office
from services.transaction import Answer, Request, Transaction, act
from store.folders import sync_folder
from store.keys import add_key, load_key_ring, use_key
from store.sessions import reading

_AUDIT, _HEAD = table(Audit), table(AuditHead)
_PAGE = select(_AUDIT).where(_AUDIT.c.seq > bindparam("after")).order_by(_AUDIT.c.seq).limit(5000)
_FIRST = -(2**63)
ROTATE_KEY = "rotate_key"


@dataclass(frozen=True)
class Anchor:
    """Where the trail ended at an instant (ISO, UTC), kept where nobody with the database alone can reach it."""

    seq: int
    hash: str
    at: str


class AnnounceKey(Request):
    """The audit key that rows are to be sealed with from now on."""

    key_id: str


def verify_trail(office: Office, *, anchor: Anchor | None = None) -> Verdict:
    """Walk the whole trail, of any length, in little memory. With an anchor a cut tail is found as well."""
    with reading(office.engine) as session:
        return verify_on(session.connection(), office.keys.keys, anchor)


def verify_on(connection: Connection, keys: Mapping[str, bytes], anchor: Anchor | None) -> Verdict:
    """The same on a connection: the chain, then its head, the keys' announcements and the anchor."""
    head = end_of_trail(connection)
    walk = _Walk(anchor)
    expected = max(head[0], anchor.seq if anchor else 0)
    verdict = verify(walk.through(_rows(connection)), keys, expected_rows=expected)
    if walk.fault:
        return replace(verdict, bad_seq=walk.fault[0], reason=walk.fault[1])
    if verdict.ok and (verdict.rows, verdict.last_hash) != head:
        return replace(
            verdict,
            bad_seq=min(verdict.rows, head[0]) + 1,
            reason="unheaded: the trail ends elsewhere than its head says",
        )
    return verdict


def end_of_trail(connection: Connection) -> tuple[int, str]:
    """Sequence number and hash of the last row, as the head has them."""
    head = connection.execute(select(_HEAD.c.seq, _HEAD.c.hash).where(_HEAD.c.id == 1)).first()
    return (int(head.seq), str(head.hash)) if head else (0, START)


class _Walk:
    """Looks at rows that the chain has found good: at the anchor's place, and where a key is first used."""

    def __init__(self, anchor: Anchor | None) -> None:
        self.fault: tuple[int, str] | None = None
        self._anchor = anchor

    def through(self, rows: Iterator[Sealed]) -> Iterator[Sealed]:
        """The rows, up to the first at fault."""
        known: set[str] = set()
        anchored = self._anchor.seq if self._anchor else None
        for row in rows:
            yield row
            entry = row.entry
            if entry.key_id not in known:
                if known:
                    self.fault = (entry.seq, "unannounced: no row signed with the key before names its key")
                    return
                known.add(entry.key_id)
            if entry.action == ROTATE_KEY:
                known.add(str(entry.detail.get("key_id")))
            if entry.seq == anchored and self._anchor and row.hash != self._anchor.hash:
                self.fault = (entry.seq, "rewritten: the anchor has another hash for it")
                return


def _rows(connection: Connection) -> Iterator[Sealed]:
    after = _FIRST
    while page := connection.execute(_PAGE, {"after": after}).all():
        for seq, at, actor, action, subject, detail, key_id, prev_hash, own_hash, seal in page:
            entry = Entry(seq, at.isoformat(), actor, action, subject, detail, key_id)
            yield Sealed(entry, prev_hash, own_hash, seal)
        after = page[-1].seq


@act
def announce_key(tx: Transaction, request: AnnounceKey) -> Answer:
    """Name the next key, with its fingerprint, in a row that is sealed with the key used until now."""
    ring = tx.office.keys
    if request.key_id not in ring.keys:
        raise NotFoundError("The audit key file has no key %(id)s.", id=request.key_id)
    if request.key_id == ring.current:
        raise WrongStateError("The audit key %(id)s is in use already.", id=request.key_id)
    fingerprint = hashlib.sha256(ring.keys[request.key_id]).hexdigest()
    tx.record(ROTATE_KEY, f"audit_key/{request.key_id}", key_id=request.key_id, fingerprint=fingerprint)
    return {"key_id": request.key_id, "fingerprint": fingerprint}


def rotate_key(office: Office, actor: Actor, now: datetime, key_file: Path) -> KeyRing:
    """Make a key, announce it, and only then use it. Processes that run take it up when they start again.

    A crash on the way leaves the old key in use and a spare one in the file.
    """
    new = add_key(key_file)
    announce_key(replace(office, keys=load_key_ring(key_file)), actor, now, AnnounceKey(key_id=new))
    return use_key(key_file, new)


def write_anchor(office: Office, now: datetime, path: Path) -> Anchor:
    """Add where the trail ends now to the anchor file, where that is further than its last line.

    Raises RefusedError where the trail is shorter than the anchor, or another one.
    """
    with reading(office.engine) as session:
        seq, last = end_of_trail(session.connection())
    before = read_anchor(path)
    if before and (seq < before.seq or (seq == before.seq and last != before.hash)):
        raise RefusedError(
            "The trail ends at row %(seq)s, but had row %(anchor)s when it was anchored on %(day)s: it was cut.",
            seq=seq,
            anchor=before.seq,
            day=before.at[:10],
        )
    if before and seq == before.seq:
        return before
    anchor = Anchor(seq, last, now.isoformat())
    _append(path, json.dumps(asdict(anchor)).encode())
    return anchor


def _append(path: Path, line: bytes) -> None:
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - 1, 0))
        torn = (
            size and file.read(1) != b"\n"
        )  # a crash in the middle of a line: it stays, and counts for nothing
        file.write((b"\n" if torn else b"") + line + b"\n")
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def read_anchor(path: Path) -> Anchor | None:
    """The last anchor of the file; None where there is none. Raises InvalidInputError where it cannot be read."""
    if not path.exists():
        return None
    lines = path.read_bytes().split(b"\n")[:-1]  # what stands after the last line end was never finished
    if not lines:
        return None
    try:
        data = json.loads(lines[-1])
        return Anchor(int(data["seq"]), str(data["hash"]), str(data["at"]))
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidInputError("%(path)s is no anchor file, or a damaged one.", path=str(path)) from error

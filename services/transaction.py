"""One act, one function, one transaction.

`@act` turns a function over an open `Transaction` into the act that everybody calls: it opens the
writing session, answers a repeated request from its idempotency key, runs the rule, writes outbox and
audit rows last (so that the chain's head is locked for the shortest time), commits, and only then nudges
the relay. Where PostgreSQL lets two acts run side by side and one is beaten (a row of the same unique key,
a deadlock), it is done again from the start. Nothing here or below calls Temporal.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import wraps
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, field_validator
from sqlalchemy import Connection, CursorResult, Executable, Row, bindparam, insert, select, update
from sqlalchemy.exc import DBAPIError

from domain.audit import Entry, seal
from domain.errors import ConflictError
from domain.instants import day_of
from domain.ladder import CivilFrame
from models.columns import table
from models.engine import Audit, AuditHead, Idempotency, Outbox, OutboxKind
from services.calendars import calendar_on
from services.office import Actor, Office
from store.sessions import writing_connection

Answer = dict[str, Any]

_HEAD = table(AuditHead)
_LOCK_HEAD = select(_HEAD.c.seq, _HEAD.c.hash).where(_HEAD.c.id == 1).with_for_update()
_MOVE_HEAD = update(_HEAD).where(_HEAD.c.id == 1).values(seq=bindparam("new_seq"), hash=bindparam("new_hash"))
_INSERT_AUDIT = insert(table(Audit))
_INSERT_OUTBOX = insert(table(Outbox))
_IDEMPOTENCY = table(Idempotency)
_THIS_KEY = (
    _IDEMPOTENCY.c.actor == bindparam("by"),
    _IDEMPOTENCY.c.act == bindparam("what"),
    _IDEMPOTENCY.c.key == bindparam("under"),
)
_STORED = select(_IDEMPOTENCY.c.request_sha256, _IDEMPOTENCY.c.answer).where(*_THIS_KEY)
_CLAIM_KEY = insert(_IDEMPOTENCY)
_KEEP_ANSWER = update(_IDEMPOTENCY).where(*_THIS_KEY)

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
LARGEST = 2**63 - 1
"""The largest number both databases keep."""
TRIES = 3
_BEATEN = frozenset({"23505", "40001", "40P01"})
"""What PostgreSQL calls it when another transaction was first: unique violation, serialization failure, deadlock."""


class Request(BaseModel):
    """What an act is asked. Strict: an unknown field is an error; table classes are never used as input."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        """One of the two databases keeps no NUL character and neither keeps half a one, so none is let in."""
        if _has_unstorable(value):
            raise ValueError("a text holds a character, or a number is so large, that it cannot be stored")
        return value


def _has_unstorable(value: Any) -> bool:
    if isinstance(value, int):
        return abs(value) > LARGEST
    if isinstance(value, str):
        return _UNSTORABLE.search(value) is not None
    if isinstance(value, dict):
        return any(_has_unstorable(part) for pair in value.items() for part in pair)
    return isinstance(value, tuple | list) and any(map(_has_unstorable, value))


@dataclass
class Transaction:
    """One open transaction of one act."""

    office: Office
    connection: Connection
    actor: Actor
    now: datetime
    _audit: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    _outbox: list[dict[str, Any]] = field(default_factory=list)
    _frame: CivilFrame | None = None

    def run(self, statement: Executable, values: Any = None) -> CursorResult[Any]:
        """Execute a Core statement on this transaction's connection."""
        return self.connection.execute(statement, values)

    def one(self, statement: Executable, values: Any = None) -> Row[Any] | None:
        """The first row, or None."""
        return self.run(statement, values).first()

    @property
    def frame(self) -> CivilFrame:
        """The site's calendar and zone, read once a transaction."""
        if self._frame is None:
            self._frame = CivilFrame(calendar_on(self.connection), self.office.tz)
        return self._frame

    @property
    def today(self) -> date:
        """The civil date of `now` at the site."""
        return day_of(self.now, self.office.tz)

    def record(self, action: str, subject: str, **detail: Any) -> None:
        """Put an audit row on the list; `detail` is plain JSON. It is sealed at the end of the transaction."""
        if self.actor.on_behalf is not None:
            detail |= {"on_behalf_of": self.actor.on_behalf.name}
        self._audit.append((action, subject, detail))

    def send(
        self,
        kind: OutboxKind,
        target: tuple[str, int | str],
        dedupe: str,
        *,
        at: datetime | None = None,
        clock_version: int = 0,
    ) -> None:
        """Put an outbox row on the list: the relay does it once, not before `at` (default: now)."""
        self._outbox.append(
            {
                "kind": kind,
                "aggregate": target[0],
                "aggregate_id": str(target[1]),
                "dedupe_key": dedupe,
                "clock_version": clock_version,
                "created_at": self.now,
                "next_at": at or self.now,
                "attempts": 0,
                "fence": 0,
                "error": "",
            }
        )

    def finish(self) -> bool:
        """Write outbox and audit rows, the chain's head locked last. Answers whether the relay has work."""
        if self._outbox:
            self.run(_INSERT_OUTBOX, self._outbox)
        if self._audit:
            self._seal()
        return bool(self._outbox)

    def _seal(self) -> None:
        head = self.run(_LOCK_HEAD).one()
        seq, prev = int(head.seq), str(head.hash)
        ring, at, rows = self.office.keys, self.now.isoformat(), []
        for action, subject, detail in self._audit:
            seq += 1
            entry = Entry(seq, at, self.actor.name, action, subject, detail, ring.current)
            sealed = seal(entry, prev, ring.keys[ring.current])
            row = {"seq": seq, "at": self.now, "actor": entry.actor, "action": action, "subject": subject}
            row |= {
                "detail": detail,
                "key_id": entry.key_id,
                "prev_hash": prev,
                "hash": sealed.hash,
                "seal": sealed.seal,
            }
            rows.append(row)
            prev = sealed.hash
        self.run(_INSERT_AUDIT, rows)
        self.run(_MOVE_HEAD, {"new_seq": seq, "new_hash": prev})


R_contra = TypeVar("R_contra", bound=Request, contravariant=True)


class OfficeAct(Protocol[R_contra]):
    """An act as CLI, web and activities call it. `key` makes a repeated request harmless."""

    def __call__(
        self, office: Office, actor: Actor, now: datetime, request: R_contra, *, key: str | None = None
    ) -> Answer: ...


def act(function: Callable[[Transaction, R_contra], Answer]) -> OfficeAct[R_contra]:
    """Make the one act of the office that `function` describes."""

    def once(
        office: Office, actor: Actor, now: datetime, request: R_contra, key: str | None
    ) -> tuple[Answer, bool]:
        with writing_connection(office.engine) as connection:
            tx = Transaction(office, connection, actor, now.astimezone(UTC))
            stored = _claim_key(tx, function.__name__, request, key) if key else None
            if stored is not None:
                return stored, False
            answer = function(tx, request)
            if key:
                tx.run(_KEEP_ANSWER.values(answer=answer), _named(tx, function.__name__, key))
            return answer, tx.finish()

    @wraps(function)
    def perform(
        office: Office, actor: Actor, now: datetime, request: R_contra, *, key: str | None = None
    ) -> Answer:
        for left in reversed(range(TRIES)):
            try:
                answer, has_work = once(office, actor, now, request, key)
                break
            except DBAPIError as error:
                if not left or getattr(error.orig, "sqlstate", "") not in _BEATEN:
                    raise
        if has_work:
            office.nudge()
        return answer

    return perform


def _named(tx: Transaction, name: str, key: str) -> dict[str, str]:
    return {"by": tx.actor.name, "what": name, "under": key}


def _claim_key(tx: Transaction, name: str, request: Request, key: str) -> Answer | None:
    """The answer already given under this key, or None: then the key is ours, and a twin waits behind its row."""
    digest = hashlib.sha256(request.model_dump_json().encode()).hexdigest()
    row = tx.one(_STORED, _named(tx, name, key))
    if row is None:
        claimed = {"actor": tx.actor.name, "act": name, "key": key, "request_sha256": digest}
        tx.run(_CLAIM_KEY, claimed | {"answer": {}, "at": tx.now})
        return None
    if row.request_sha256 != digest:
        raise ConflictError("The key %(key)s was already used for another request.", key=key)
    answer: Answer = row.answer
    return answer

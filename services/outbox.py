"""Claiming what the relay must do, and saying what became of it.

A claim is a lease: a relay that dies leaves rows that another takes over when the lease has run out; the
fence tells a late finisher from the one who took over.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update

from models.columns import table
from models.engine import Outbox, OutboxKind
from services.incidents import open_incident
from services.office import Office
from store.sessions import reading, writing

_OUTBOX = table(Outbox)
LEASE = timedelta(seconds=5)
"""A relay that died is replaced after this; one that is slower than this is poked twice for, which is harmless."""
MOST_ATTEMPTS = 8
BATCH = 500


@dataclass(frozen=True)
class Claimed:
    """One row to do."""

    id: int
    kind: str
    aggregate: str
    aggregate_id: str
    clock_version: int
    fence: int


def claim(
    office: Office, now: datetime, wall: datetime, kinds: Collection[OutboxKind] = tuple(OutboxKind)
) -> list[Claimed]:
    """Take the rows of these kinds due at `now` (office clock) that nobody holds.

    Leases run on `wall`, the machine's clock: they guard against a process that died, whatever the office's
    clock shows. Ordered by what is natural (due time, then key), so that a played year numbers its letters
    the same each time.
    """
    free = or_(_OUTBOX.c.lease_until.is_(None), _OUTBOX.c.lease_until < wall)
    due = [_OUTBOX.c.done_at.is_(None), _OUTBOX.c.parked_at.is_(None), _OUTBOX.c.next_at <= now, free]
    if len(kinds) < len(OutboxKind):
        due.append(_OUTBOX.c.kind.in_(kinds))
    order = (_OUTBOX.c.next_at, _OUTBOX.c.dedupe_key)
    with reading(office.engine) as session:
        if session.connection().execute(select(_OUTBOX.c.id).where(*due).limit(1)).first() is None:
            return []
    with writing(office.engine) as session:
        connection = session.connection()
        rows = connection.execute(
            select(_OUTBOX).where(*due).order_by(*order).limit(BATCH).with_for_update(skip_locked=True)
        ).all()
        ids = [row.id for row in rows]
        lease = (
            update(_OUTBOX)
            .where(_OUTBOX.c.id.in_(ids))
            .values(lease_until=wall + LEASE, fence=_OUTBOX.c.fence + 1)
        )
        connection.execute(lease)
    return [Claimed(r.id, r.kind, r.aggregate, r.aggregate_id, r.clock_version, r.fence + 1) for r in rows]


def finish(office: Office, now: datetime, rows: list[Claimed]) -> None:
    """These were done; a row that another relay took over meanwhile stays as that one leaves it."""
    with writing(office.engine) as session:
        for row in rows:
            mine = (_OUTBOX.c.id == row.id, _OUTBOX.c.fence == row.fence)
            session.connection().execute(update(_OUTBOX).where(*mine).values(done_at=now, lease_until=None))


def give_back(office: Office, rows: list[Claimed]) -> None:
    """These were not tried: nobody holds them any more, and they are due as they were."""
    with writing(office.engine) as session:
        for row in rows:
            mine = (_OUTBOX.c.id == row.id, _OUTBOX.c.fence == row.fence)
            session.connection().execute(update(_OUTBOX).where(*mine).values(lease_until=None))


def postpone(office: Office, now: datetime, row: Claimed, error: str) -> None:
    """This failed by its own fault: try again later, or, after the last attempt, park it and open an incident."""
    with writing(office.engine) as session:
        connection = session.connection()
        mine = (_OUTBOX.c.id == row.id, _OUTBOX.c.fence == row.fence, _OUTBOX.c.done_at.is_(None))
        attempts = connection.execute(select(_OUTBOX.c.attempts).where(*mine).with_for_update()).scalar()
        if attempts is None:
            return  # another relay took it over meanwhile
        values: dict[str, object] = {"lease_until": None, "error": error[:500], "attempts": attempts + 1}
        values["next_at"] = now + timedelta(seconds=2**attempts)
        if attempts + 1 >= MOST_ATTEMPTS:
            values["parked_at"] = now
            detail = f"{row.kind} {row.aggregate}/{row.aggregate_id}: {error}"
            open_incident(session, now, "outbox_parked", f"outbox/{row.id}", detail)
        connection.execute(update(_OUTBOX).where(*mine).values(**values))


def next_due(office: Office) -> datetime | None:
    """When the next row that waits is due, by the office clock; None where nothing waits."""
    waiting = (_OUTBOX.c.done_at.is_(None), _OUTBOX.c.parked_at.is_(None))
    with reading(office.engine) as session:
        found: datetime | None = (
            session.connection().execute(select(func.min(_OUTBOX.c.next_at)).where(*waiting)).scalar()
        )
    return found


def lag(office: Office, now: datetime) -> float:
    """Seconds by which the oldest row that is due is late; 0 when none is."""
    due = next_due(office)
    return max((now - due).total_seconds(), 0.0) if due else 0.0

"""What the rows say should be under way and may not be: owners without a workflow, pokes that were lost,
moments that were missed. Whether they truly lapsed only Temporal can tell; `dispatch.reconciler` asks it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, and_, literal, or_, select, update

from contracts.names import Aggregate
from models.columns import table
from models.directive import Directive, DirectiveState, Item, ItemState
from models.engine import Outbox, OutboxKind
from models.rectification import MENDING, Rectification
from services.incidents import close_incident
from services.office import Office
from services.owners import TABLES, OwnerRow
from store.sessions import reading, writing

_DIRECTIVE, _ITEM, _RECTIFICATION = table(Directive), table(Item), table(Rectification)
_OUTBOX = table(Outbox)
LOST_AFTER = timedelta(seconds=45)
"""A poke handed over so long ago and not seen is lost. With a look every 60 s no lag outlasts two minutes."""
PAGE = 500
T = TypeVar("T")


def _columns(aggregate: Aggregate) -> Select[Any]:
    t = TABLES[aggregate]
    return select(
        literal(aggregate.value).label("aggregate"),
        t.c.id,
        t.c.clock_version,
        t.c.seen_clock_version,
        t.c.next_moment,
    )


def open_owners(office: Office, now: datetime) -> list[OwnerRow]:
    """Every row whose workflow must be running at `now`: published, its hold over, not closed."""
    under_way = and_(_DIRECTIVE.c.state == DirectiveState.PUBLISHED, _DIRECTIVE.c.starts_at <= now)
    items = _columns(Aggregate.ITEM).join(_DIRECTIVE, _DIRECTIVE.c.id == _ITEM.c.directive_id)
    queries = (
        _columns(Aggregate.DIRECTIVE).where(under_way),
        items.where(under_way, _ITEM.c.state == ItemState.OPEN),
        _columns(Aggregate.RECTIFICATION).where(_RECTIFICATION.c.state.in_(MENDING)),
    )
    with reading(office.engine) as session:
        connection = session.connection()
        return [_owner(row) for query in queries for row in connection.execute(query)]


def closed_owners(office: Office, owners: Iterable[tuple[Aggregate, int]]) -> list[OwnerRow]:
    """Those of `owners` whose work is over for good, so that no workflow of theirs has anything to wait for.

    A suspended one is not over; a directive taken back in its hold is, until it is published again.
    """
    over = (DirectiveState.CLOSED, DirectiveState.WITHDRAWN, DirectiveState.DRAFT)
    items = _columns(Aggregate.ITEM).join(_DIRECTIVE, _DIRECTIVE.c.id == _ITEM.c.directive_id)
    queries = {
        Aggregate.DIRECTIVE: _columns(Aggregate.DIRECTIVE).where(_DIRECTIVE.c.state.in_(over)),
        Aggregate.ITEM: items.where(or_(_ITEM.c.state != ItemState.OPEN, _DIRECTIVE.c.state.in_(over))),
        Aggregate.RECTIFICATION: _columns(Aggregate.RECTIFICATION).where(
            _RECTIFICATION.c.state.not_in(MENDING)
        ),
    }
    asked = sorted(owners)
    found = []
    with reading(office.engine) as session:
        for aggregate, query in queries.items():
            ids = [owner_id for kind, owner_id in asked if kind is aggregate]
            for page in _pages(ids):
                mine = query.where(TABLES[aggregate].c.id.in_(page))
                found += [_owner(row) for row in session.connection().execute(mine)]
    return found


def lost_pokes(office: Office, now: datetime) -> list[OwnerRow]:
    """Owners whose newest clock version was handed to Temporal a while ago, or never will be, and was not seen."""
    with reading(office.engine) as session:
        connection = session.connection()
        unseen = [
            _owner(row)
            for aggregate, t in TABLES.items()
            for row in connection.execute(
                _columns(aggregate).where(t.c.clock_version > t.c.seen_clock_version)
            )
        ]
        under_way = _pokes_under_way(connection, now, unseen)
    return [owner for owner in unseen if _poke_key(owner) not in under_way]


def _pokes_under_way(connection: Connection, now: datetime, owners: list[OwnerRow]) -> set[str]:
    """Of the newest pokes of these owners those the relay has still to do, or did a moment ago."""
    to_do = and_(_OUTBOX.c.done_at.is_(None), _OUTBOX.c.parked_at.is_(None))
    fresh = or_(to_do, _OUTBOX.c.done_at > now - LOST_AFTER)
    keys: set[str] = set()
    for page in _pages([_poke_key(owner) for owner in owners]):
        keys.update(
            connection.execute(
                select(_OUTBOX.c.dedupe_key).where(_OUTBOX.c.dedupe_key.in_(page), fresh)
            ).scalars()
        )
    return keys


def _poke_key(owner: OwnerRow) -> str:
    """The dedupe key of an owner's newest poke (`services.clock.bump`)."""
    return f"{owner.workflow_id}/{owner.clock_version}"


def settle_parked_pokes(office: Office, now: datetime) -> int:
    """A parked poke whose version was seen after all is done, and its incident closes. Answers how many."""
    with writing(office.engine) as session:
        connection = session.connection()
        parked = (
            _OUTBOX.c.parked_at.is_not(None),
            _OUTBOX.c.done_at.is_(None),
            _OUTBOX.c.kind == OutboxKind.POKE,
        )
        settled = 0
        for row in connection.execute(select(_OUTBOX).where(*parked)).all():
            t = TABLES[Aggregate(row.aggregate)]
            seen = connection.execute(
                select(t.c.seen_clock_version).where(t.c.id == int(row.aggregate_id))
            ).scalar()
            if seen is not None and seen >= row.clock_version:
                connection.execute(update(_OUTBOX).where(_OUTBOX.c.id == row.id).values(done_at=now))
                close_incident(session, now, f"outbox/{row.id}")
                settled += 1
    return settled


def expired_leases(office: Office, wall: datetime, by: timedelta) -> dict[str, str]:
    """Rows that somebody claimed and nobody took over although the lease ran out longer than `by` ago."""
    left = (_OUTBOX.c.done_at.is_(None), _OUTBOX.c.parked_at.is_(None), _OUTBOX.c.lease_until < wall - by)
    with reading(office.engine) as session:
        rows = session.connection().execute(select(_OUTBOX).where(*left).limit(PAGE)).all()
    return {f"lease/outbox/{row.id}": f"{row.kind} {row.aggregate}/{row.aggregate_id}" for row in rows}


def _owner(row: Row[Any]) -> OwnerRow:
    return OwnerRow(
        Aggregate(row.aggregate), row.id, row.clock_version, row.seen_clock_version, row.next_moment
    )


def _pages(values: list[T]) -> list[list[T]]:
    return [values[start : start + PAGE] for start in range(0, len(values), PAGE)]

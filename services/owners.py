"""The owners' rows as those see them who keep workflows going: what each has seen, what it waits for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, literal, or_, select, union_all

from contracts.names import Aggregate, workflow_id
from models.columns import Instant, table
from models.directive import Directive, Item
from models.rectification import Rectification
from services.office import Office
from store.sessions import reading

TABLES = {
    Aggregate.DIRECTIVE: table(Directive),
    Aggregate.ITEM: table(Item),
    Aggregate.RECTIFICATION: table(Rectification),
}


@dataclass(frozen=True)
class OwnerRow:
    """An owner as its row has it. `next_moment` is None where it waits for a poke alone."""

    aggregate: Aggregate
    id: int
    clock_version: int
    seen_clock_version: int
    next_moment: datetime | None

    @property
    def workflow_id(self) -> str:
        """The id of its workflow."""
        return workflow_id(self.aggregate, self.id)


def _columns(aggregate: Aggregate) -> Select[Any]:
    t = TABLES[aggregate]
    return select(
        literal(aggregate.value).label("aggregate"),
        t.c.id,
        t.c.clock_version,
        t.c.seen_clock_version,
        t.c.next_moment,
    )


_WAITING = union_all(*(_columns(a).where(TABLES[a].c.next_moment.is_not(None)) for a in TABLES))
_UNSETTLED = union_all(
    *(
        _columns(a).where(
            or_(
                TABLES[a].c.clock_version != TABLES[a].c.seen_clock_version,
                TABLES[a].c.next_moment <= bindparam("now", type_=Instant()),
            )
        )
        for a in TABLES
    )
)


def waiting(office: Office) -> list[OwnerRow]:
    """Every owner that waits for a moment, by kind and id."""
    with reading(office.engine) as session:
        rows = session.connection().execute(_WAITING).all()
    return sorted((_owner(row) for row in rows), key=lambda owner: (owner.aggregate, owner.id))


def unsettled(office: Office, now: datetime) -> list[OwnerRow]:
    """Every owner whose workflow has not seen its newest clock version, or whose moment is due at `now`."""
    with reading(office.engine) as session:
        rows = session.connection().execute(_UNSETTLED, {"now": now}).all()
    return [_owner(row) for row in rows]


def _owner(row: Row[Any]) -> OwnerRow:
    return OwnerRow(
        Aggregate(row.aggregate), row.id, row.clock_version, row.seen_clock_version, row.next_moment
    )

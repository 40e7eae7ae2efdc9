"""What taking back, withdrawing, suspending or resuming a directive would mean, counted before it is done."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from domain.instants import day_of
from domain.unit_task import OPEN, State
from models.columns import table
from models.directive import DirectiveState, Item, ItemState
from models.organisation import AccountRole
from models.paper import Letter, LetterState
from models.rectification import MENDING, Rectification
from models.unit_task import Dispute, Extension, UnitTask
from services.access import directive_to_decide, units_below
from services.calendars import calendar_on
from services.office import Office
from services.readiness import item_label
from services.sign_in import SignedIn
from store.sessions import reading

_ITEM, _TASK, _LETTER, _RECTIFICATION = table(Item), table(UnitTask), table(Letter), table(Rectification)
_REQUESTS = (table(Extension), table(Dispute))
CHANGES = {
    DirectiveState.DRAFT: (),
    DirectiveState.PUBLISHED: ("suspend", "withdraw"),
    DirectiveState.SUSPENDED: ("resume", "withdraw"),
}
"""By state, what a leader may do; a publication in its hold is taken back instead."""


@dataclass(frozen=True)
class Course:
    """Where a directive stands and what may be done to it: `changes` are the names of the acts that fit."""

    directive: Row[Any]
    in_hold: bool
    changes: tuple[str, ...]

    @property
    def runs(self) -> bool:
        """Whether the reader may amend its items and give instructions on it."""
        return bool(self.changes) and self.directive.state == DirectiveState.PUBLISHED and not self.in_hold


@dataclass(frozen=True)
class ItemLine:
    """An open item that can be amended or instructed on."""

    id: int
    label: str
    text: str
    due_on: date | None


@dataclass(frozen=True)
class Consequences:
    """What is open now, and so what the act is about. `stood` are the working days a suspension has lasted."""

    units: int
    unit_tasks: int
    accepted: int
    requests: int
    letters: int
    rectifications: int
    stood: int


def course_of(connection: Connection, me: SignedIn, directive: Row[Any], now: datetime) -> Course:
    """What the reader may do to a directive now: nothing unless it was issued in their part of the tree."""
    issued = select(func.count()).where(table_of_units(me).c.id == directive.issuer_id)
    decides = me.role is AccountRole.LEADER and connection.execute(issued).scalar_one() > 0
    in_hold = directive.state == DirectiveState.PUBLISHED and now < directive.starts_at
    changes = ("take-back",) if in_hold else CHANGES.get(DirectiveState(directive.state), ())
    return Course(directive, in_hold, changes if decides else ())


def course_now(office: Office, me: SignedIn, directive: Row[Any], now: datetime) -> Course:
    """The same, for the page of a directive that was read before."""
    with reading(office.engine) as session:
        return course_of(session.connection(), me, directive, now)


def table_of_units(me: SignedIn) -> Any:
    """The units of the reader's part of the tree, as a table to ask."""
    return units_below(me).subquery()


def course_and_consequences(
    office: Office, me: SignedIn, directive_id: int, now: datetime
) -> tuple[Course, Consequences]:
    """Both, for the page on which the act is done. Raises NotFoundError, NotAllowedError."""
    with reading(office.engine) as session:
        connection = session.connection()
        directive = directive_to_decide(connection, me, directive_id)
        course = course_of(connection, me, directive, now)
        return course, _consequences(connection, office, directive, now)


def open_items(office: Office, directive_id: int) -> tuple[ItemLine, ...]:
    """The items of a directive that are still open, in its order; its reader was asked for before."""
    mine = (_ITEM.c.directive_id == directive_id, _ITEM.c.state == ItemState.OPEN)
    with reading(office.engine) as session:
        rows = session.connection().execute(select(_ITEM).where(*mine).order_by(_ITEM.c.position)).all()
    return tuple(ItemLine(row.id, item_label(row), row.text, row.due_on) for row in rows)


def _consequences(connection: Connection, office: Office, directive: Row[Any], now: datetime) -> Consequences:
    items = select(_ITEM.c.id).where(_ITEM.c.directive_id == directive.id)
    mine = _TASK.c.item_id.in_(items)
    still_open = mine & _TASK.c.state.in_(OPEN)
    tasks = select(_TASK.c.id).where(still_open)
    unissued = (_LETTER.c.directive_id == directive.id) & _LETTER.c.state.in_(
        (LetterState.DRAFT, LetterState.SIGNED)
    )
    mending = _RECTIFICATION.c.item_id.in_(items) & _RECTIFICATION.c.state.in_(MENDING)
    stood = 0
    if directive.suspended_at is not None:
        since, today = day_of(directive.suspended_at, office.tz), day_of(now, office.tz)
        stood = calendar_on(connection).working_days_between(since, today)
    return Consequences(
        units=connection.execute(
            select(func.count(_TASK.c.unit_id.distinct())).where(still_open)
        ).scalar_one(),
        unit_tasks=_count(connection, still_open),
        accepted=_count(connection, mine & (_TASK.c.state == State.ACCEPTED)),
        requests=sum(
            _count(connection, one.c.unit_task_id.in_(tasks) & one.c.decided_at.is_(None))
            for one in _REQUESTS
        ),
        letters=_count(connection, unissued),
        rectifications=_count(connection, mending),
        stood=stood,
    )


def _count(connection: Connection, which: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).where(which)).scalar_one())

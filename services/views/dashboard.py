"""The leader's home: what is stuck, who is late, what waits for a hand, and whether it gets better.

Every number is a list of the unit tasks behind it (`services.views.unit_task_list`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from models.columns import table
from models.counters import UnitCount
from models.directive import Directive, Item
from models.organisation import Unit
from models.paper import Letter, LetterState
from models.unit_task import Dispute, Extension, UnitTask
from services.access import sees_directive, sees_letter
from services.office import Office
from services.sign_in import SignedIn
from services.views.counts import RUNNING, Sight, apart, by_directive, ranked_units, sight_of
from services.views.lights import Lights, Moment, lights_of, total
from services.views.unit_task_filter import WEEK, Did, done_in_week
from store.sessions import reading

_TASK, _ITEM, _DIRECTIVE, _UNIT, _LETTER = (
    table(UnitTask),
    table(Item),
    table(Directive),
    table(Unit),
    table(Letter),
)
_EXTENSION, _DISPUTE, _COUNT = table(Extension), table(Dispute), table(UnitCount)
DIRECTIVES_SHOWN, STUCK_SHOWN, UNITS_SHOWN = 12, 8, 10
TEXT_SHOWN = 60


@dataclass(frozen=True)
class DirectiveLights:
    """A directive under way and the lights of its unit tasks."""

    id: int
    title: str
    state: str
    horizon: date
    lights: Lights


@dataclass(frozen=True)
class StuckItem:
    """An item with overdue unit tasks, and since when the first is."""

    id: int
    directive_id: int
    directive: str
    number: str
    text: str
    overdue: int
    since: datetime


@dataclass(frozen=True)
class UnitLights:
    """A unit and the lights of its tasks."""

    id: int
    name: str
    lights: Lights


@dataclass(frozen=True)
class Waiting:
    """What waits for a decision, by kind."""

    letters: int
    extensions: int
    disputes: int
    submissions: int


@dataclass(frozen=True)
class Week:
    """What was done in seven days: unit tasks handed in, unit tasks accepted, letters issued."""

    submitted: int
    accepted: int
    letters: int


@dataclass(frozen=True)
class Dashboard:
    """The leader's home. `running` is how many directives are under way, of which the worst are listed."""

    lights: Lights
    running: int
    directives: tuple[DirectiveLights, ...]
    stuck: tuple[StuckItem, ...]
    units: tuple[UnitLights, ...]
    waiting: Waiting
    this_week: Week
    last_week: Week


def dashboard(office: Office, me: SignedIn, moment: Moment) -> Dashboard:
    """What the reader's part of the tree came to by now."""
    with reading(office.engine) as session:
        connection = session.connection()
        sight = sight_of(connection, me)
        directives = _directives(connection, sight, moment)
        units = connection.execute(ranked_units(sight, moment, None).limit(UNITS_SHOWN)).all()
        this_week, last_week = _weeks(connection, sight, moment.now)
        return Dashboard(
            lights=total(one.lights for one in directives),
            running=len(directives),
            directives=directives[:DIRECTIVES_SHOWN],
            stuck=_stuck(connection, sight, moment),
            units=tuple(UnitLights(row.key, row.name, lights_of(row)) for row in units),
            waiting=_waiting(connection, sight),
            this_week=this_week,
            last_week=last_week,
        )


def _directives(connection: Connection, sight: Sight, moment: Moment) -> tuple[DirectiveLights, ...]:
    """All directives under way, the most overdue first, then the one that ends first."""
    running = select(_DIRECTIVE.c.id, _DIRECTIVE.c.title, _DIRECTIVE.c.state, _DIRECTIVE.c.horizon).where(
        _DIRECTIVE.c.state.in_(RUNNING), sees_directive(sight.me)
    )
    rows = connection.execute(running).all()
    lights = by_directive(connection, sight, moment, [row.id for row in rows])
    found = (DirectiveLights(*row, lights.get(row.id, Lights())) for row in rows)
    return tuple(sorted(found, key=lambda one: (-one.lights.overdue, one.horizon, one.id)))


def _stuck(connection: Connection, sight: Sight, moment: Moment) -> tuple[StuckItem, ...]:
    overdue, since, item = func.count(), func.min(_TASK.c.late_from), apart(_TASK.c.item_id)
    worst = (
        select(item.label("item_id"), overdue.label("overdue"), since.label("since"))
        .where(_TASK.c.late_from <= moment.now, sight.of_task)
        .group_by(item)
        .order_by(overdue.desc(), since, item)
        .limit(STUCK_SHOWN)
        .subquery()
    )
    named = (
        select(worst, _ITEM.c.number, _ITEM.c.text, _ITEM.c.directive_id, _DIRECTIVE.c.title)
        .join(_ITEM, _ITEM.c.id == worst.c.item_id)
        .join(_DIRECTIVE, _DIRECTIVE.c.id == _ITEM.c.directive_id)
        .order_by(worst.c.overdue.desc(), worst.c.since, worst.c.item_id)
    )
    return tuple(
        StuckItem(
            id=row.item_id,
            directive_id=row.directive_id,
            directive=row.title,
            number=row.number,
            text=row.text[:TEXT_SHOWN],
            overdue=row.overdue,
            since=row.since,
        )
        for row in connection.execute(named)
    )


def _waiting(connection: Connection, sight: Sight) -> Waiting:
    def asked(requests: Any) -> Any:
        joined = select(func.count(requests.c.unit_task_id.distinct())).join(
            _TASK, _TASK.c.id == requests.c.unit_task_id
        )
        return joined.where(requests.c.decided_at.is_(None), sight.of_task).scalar_subquery()

    letters = select(func.count()).where(_LETTER.c.state == LetterState.DRAFT, sees_letter(sight.me))
    submitted = select(func.coalesce(func.sum(_COUNT.c.submitted), 0)).where(sight.of(_COUNT.c.unit_id))
    counts = select(
        letters.scalar_subquery(), asked(_EXTENSION), asked(_DISPUTE), submitted.scalar_subquery()
    )
    return Waiting(*connection.execute(counts).one())


def _weeks(connection: Connection, sight: Sight, now: datetime) -> tuple[Week, Week]:
    def tasks(did: Did, week: int) -> Any:
        found = _TASK.c.id.in_(done_in_week(did, week, now))
        return select(func.count()).where(found, sight.of_task).scalar_subquery()

    def letters(week: int) -> Any:
        end = now - week * WEEK
        within: tuple[ColumnElement[bool], ...] = (
            _LETTER.c.state == LetterState.ISSUED,
            _LETTER.c.issued_at > end - WEEK,
            _LETTER.c.issued_at <= end,
        )
        return select(func.count()).where(*within, sees_letter(sight.me)).scalar_subquery()

    columns = [
        part
        for week in (0, 1)
        for part in (tasks(Did.SUBMITTED, week), tasks(Did.ACCEPTED, week), letters(week))
    ]
    row = connection.execute(select(*columns)).one()
    return Week(*row[:3]), Week(*row[3:])

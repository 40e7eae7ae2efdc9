"""What a draft will bring about: its whole timeline, the load of each unit, and what stops the publication."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from contracts.payloads import Trace
from domain.errors import DubanError, InvalidInputError
from domain.foresight import Foreseen, Foresight, ItemPlan, foresee, mid_term
from domain.instants import day_of, last_day
from domain.ladder import CivilFrame, Rung
from domain.periods import Frequency
from domain.policy import Policy, policy_from_json
from domain.unit_task import OPEN, Role
from models.columns import table
from models.directive import DirectiveState, Item
from models.unit_task import UnitTask
from services.access import directive_to_decide
from services.calendars import calendar_on
from services.office import Office, engine_actor
from services.readiness import item_label, item_problems
from services.sign_in import SignedIn
from services.transaction import Transaction
from services.views.draft_page import PartOfItem, parts_by_item
from store.sessions import reading

_ITEM, _TASK = table(Item), table(UnitTask)
WEEKS_SHOWN = 53
UNITS_SHOWN = 60


@dataclass(frozen=True)
class Question:
    """What a person must settle first, and in which item (its id and place); no item where it is the whole draft."""

    error: DubanError
    item_id: int | None = None
    position: int | None = None


@dataclass(frozen=True)
class Entry:
    """One thing that happens on a day to several items alike."""

    what: Foresight
    rung: Rung | None
    items: tuple[str, ...]
    units: int
    letters: int

    @property
    def certain(self) -> bool:
        """Whether it comes in any case, not only if a unit is late or slow."""
        return self.what is not Foresight.RUNG


@dataclass(frozen=True)
class Day:
    """A working day of the timeline."""

    on: date
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class UnitLoad:
    """A unit: how many of its tasks are open already, how many come, and how many deadlines each week then has."""

    unit_id: int
    name: str
    open_now: int
    coming: int
    weeks: tuple[int, ...]

    @property
    def most(self) -> int:
        """The deadlines of its fullest week."""
        return max(self.weeks, default=0)

    @property
    def fullest(self) -> int:
        """Which of the weeks that is, counted from 0."""
        return self.weeks.index(self.most) if self.weeks else 0


@dataclass(frozen=True)
class Preview:
    """The draft as it would begin if it were published now; all letters are those that come if nobody does anything."""

    directive: Row[Any]
    policy: Policy
    starts_at: datetime
    items: int
    units: int
    first_tasks: int
    all_tasks: int
    letters: int
    questions: tuple[Question, ...]
    days: tuple[Day, ...]
    weeks: tuple[date, ...]
    loads: tuple[UnitLoad, ...]
    units_left_out: int


@dataclass
class _Item:
    """An item with its plan and everything foreseen for it."""

    row: Row[Any]
    parts: Sequence[PartOfItem]
    plan: ItemPlan
    problems: list[DubanError]
    foreseen: list[Foreseen] = field(default_factory=list)


def preview(office: Office, me: SignedIn, directive_id: int, now: datetime) -> Preview | None:
    """What publishing the draft at `now` would bring about; None where it is no draft any more."""
    with reading(office.engine) as session:
        connection = session.connection()
        directive = directive_to_decide(connection, me, directive_id)
        if directive.state != DirectiveState.DRAFT:
            return None
        frame = CivilFrame(calendar_on(connection), office.tz)
        policy = policy_from_json(directive.policy)
        starts_at = now + timedelta(minutes=policy.publish_hold_minutes)
        tx = Transaction(office, connection, engine_actor(Trace()), now)
        items = list(_items(tx, directive))
        for item in items:
            if not item.problems:
                item.foreseen = list(foresee(item.plan, policy, starts_at, directive.horizon, frame))
        weeks = _weeks(items, starts_at, frame)
        loads = _loads(connection, items, weeks, frame)
        midway = mid_term(policy, starts_at, directive.horizon, frame)
    happening = [one for item in items for one in item.foreseen]
    if happening and midway is not None and midway <= max(one.at for one in happening):
        happening.append(Foreseen(midway, Foresight.MID_TERM, "", 0))
    labels = {item.row.id: item_label(item.row) for item in items}
    assigned = [one for one in happening if one.what is Foresight.ASSIGN]
    return Preview(
        directive=directive,
        policy=policy,
        starts_at=starts_at,
        items=len(items),
        units=len({part.unit_id for item in items for part in item.parts}),
        first_tasks=sum(one.units for one in assigned if one.at == starts_at),
        all_tasks=sum(one.units for one in assigned),
        letters=sum(one.letters for one in happening),
        questions=tuple(_questions(directive, items)),
        days=tuple(_days(happening, labels, frame)),
        weeks=tuple(weeks),
        loads=tuple(loads[:UNITS_SHOWN]),
        units_left_out=max(len(loads) - UNITS_SHOWN, 0),
    )


def _items(tx: Transaction, directive: Row[Any]) -> Iterator[_Item]:
    parts = parts_by_item(tx.connection, directive.id)
    rows = tx.run(select(_ITEM).where(_ITEM.c.directive_id == directive.id).order_by(_ITEM.c.position)).all()
    for row in rows:
        mine = parts.get(row.id, ())
        helping = sum(part.role == Role.COOPERATING for part in mine)
        plan = ItemPlan(
            row.id, Frequency(row.frequency), row.due_day, row.due_on, len(mine) - helping, helping
        )
        yield _Item(row, mine, plan, item_problems(tx, row))


def _questions(directive: Row[Any], items: Sequence[_Item]) -> Iterator[Question]:
    if not items:
        yield Question(InvalidInputError("Directive %(id)s has no items.", id=directive.id))
    for item in items:
        for problem in item.problems:
            yield Question(problem, item.row.id, item.row.position)


def _days(happening: Sequence[Foreseen], labels: Mapping[int, str], frame: CivilFrame) -> Iterator[Day]:
    """What happens, day by day; the same thing to several items is one entry."""
    found: dict[date, dict[tuple[Foresight, Rung | None], list[Foreseen]]] = {}
    for one in happening:
        on = last_day(one.at, frame.tz) if one.day_end else day_of(one.at, frame.tz)
        found.setdefault(on, {}).setdefault((one.what, one.rung), []).append(one)
    for on in sorted(found):
        entries = (_entry(what, rung, same, labels) for (what, rung), same in found[on].items())
        yield Day(on, tuple(sorted(entries, key=lambda entry: not entry.certain)))


def _entry(what: Foresight, rung: Rung | None, same: Sequence[Foreseen], labels: Mapping[int, str]) -> Entry:
    return Entry(
        what=what,
        rung=rung,
        items=tuple(dict.fromkeys(labels[one.item] for one in same if one.item)),
        units=sum(one.units for one in same),
        letters=sum(one.letters for one in same),
    )


def _weeks(items: Sequence[_Item], starts_at: datetime, frame: CivilFrame) -> list[date]:
    """The Mondays from the beginning to the last deadline."""
    ends = [last_day(one.at, frame.tz) for item in items for one in item.foreseen if one.day_end]
    first = _monday(day_of(starts_at, frame.tz))
    last = max(ends, default=first)
    count = min((last - first).days // 7 + 1, WEEKS_SHOWN)
    return [first + timedelta(weeks=n) for n in range(count)]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _loads(
    connection: Connection, items: Sequence[_Item], weeks: Sequence[date], frame: CivilFrame
) -> list[UnitLoad]:
    """Every unit that takes part: its open tasks, the coming ones, its deadlines by the week; the fullest first."""
    coming: Counter[int] = Counter()
    due: Counter[tuple[int, date]] = Counter()
    names = {part.unit_id: part.name for item in items for part in item.parts}
    for item in items:
        closing = [_monday(day) for day in _last_days(item.foreseen, Foresight.COMPLETE_BY, frame)]
        given = sum(one.what is Foresight.ASSIGN for one in item.foreseen)
        for part in item.parts:
            coming[part.unit_id] += given
            if part.role != Role.COOPERATING:
                due.update((part.unit_id, week) for week in closing)
    open_now: Counter[int] = Counter()
    mine = (_TASK.c.unit_id.in_(names), _TASK.c.state.in_(OPEN))
    standing = select(_TASK.c.unit_id, _TASK.c.role, _TASK.c.deadline, func.count().label("tasks")).where(
        *mine
    )
    for row in connection.execute(standing.group_by(_TASK.c.unit_id, _TASK.c.role, _TASK.c.deadline)):
        open_now[row.unit_id] += row.tasks
        if row.role != Role.COOPERATING:
            due[row.unit_id, _monday(last_day(row.deadline, frame.tz))] += row.tasks
    loads = [
        UnitLoad(unit, name, open_now[unit], coming[unit], tuple(due[unit, week] for week in weeks))
        for unit, name in names.items()
    ]
    return sorted(loads, key=lambda load: (-load.most, -load.open_now - load.coming, load.unit_id))


def _last_days(foreseen: Iterable[Foreseen], what: Foresight, frame: CivilFrame) -> list[date]:
    return [last_day(one.at, frame.tz) for one in foreseen if one.what is what]

"""Which unit tasks a list holds: a filter, the conditions it stands for, and how many rows that leaves."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from domain.unit_task import OPEN, State
from models.columns import table
from models.counters import UnitCount
from models.directive import Item
from models.unit_task import Dispute, Extension, Review, Submission, UnitTask
from services.views.counts import Sight, apart, is_running
from services.views.lights import Light, Moment, has_light

_TASK, _ITEM, _COUNT = table(UnitTask), table(Item), table(UnitCount)
_EXTENSION, _DISPUTE, _SUBMISSION, _REVIEW = (
    table(Extension),
    table(Dispute),
    table(Submission),
    table(Review),
)
WEEK = timedelta(days=7)
TIMED = (Light.OVERDUE, Light.SOON, Light.ON_TIME)
"""Lights that are a range of `late_from`."""
STILL_OPEN = "open"
FREQUENT = ("", STILL_OPEN, State.ACCEPTED)
"""States of which a directive has so many that they are soon met in the order of its deadlines."""
_KEPT = {
    ("", None): _COUNT.c.unit_tasks,
    ("", Light.DONE): _COUNT.c.accepted,
    ("", Light.NONE): _COUNT.c.withdrawn,
    ("", Light.WAITING): _COUNT.c.unit_tasks - _COUNT.c.accepted - _COUNT.c.withdrawn - _COUNT.c.running,
    ("", Light.ON_TIME): _COUNT.c.running,
    (State.ACCEPTED, None): _COUNT.c.accepted,
    (State.WITHDRAWN, None): _COUNT.c.withdrawn,
    (State.SUBMITTED, None): _COUNT.c.submitted,
    (STILL_OPEN, None): _COUNT.c.unit_tasks - _COUNT.c.accepted - _COUNT.c.withdrawn,
}
"""What the counters know, by state and light; of those on time the ones that are late or soon are taken off."""


class WaitsFor(StrEnum):
    """A request of the unit that nobody has decided yet."""

    EXTENSION = "extension"
    DISPUTE = "dispute"


class Did(StrEnum):
    """What happened to the task in a week."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"


class Sort(StrEnum):
    """The order: by the clock that runs (then the deadline), by item, by unit."""

    DUE = "due"
    ITEM = "item"
    UNIT = "unit"


@dataclass(frozen=True)
class UnitTaskFilter:
    """Which unit tasks. `state` is one of State, or "open"; `week` 0 is the last seven days, 1 the seven before."""

    directive: int | None = None
    item: int | None = None
    unit: int | None = None
    running: bool = False
    """Only those of directives under way."""
    state: str = ""
    light: Light | None = None
    asked: WaitsFor | None = None
    did: Did | None = None
    week: int = 0
    sort: Sort = Sort.DUE


def conditions(sight: Sight, wanted: UnitTaskFilter, moment: Moment) -> tuple[ColumnElement[bool], ...]:
    """What a row must be like to be on the list."""
    found = [sight.of_task]
    if wanted.directive is not None:
        found.append(_of_directive(wanted, wanted.directive))
    if wanted.item is not None:
        found.append(_TASK.c.item_id == wanted.item)
    if wanted.unit is not None:
        found.append(_TASK.c.unit_id == wanted.unit)
    if wanted.running:
        found.append(is_running(apart(_TASK.c.directive_id)))
    if wanted.state:
        found.append(_TASK.c.state.in_(OPEN) if wanted.state == STILL_OPEN else _TASK.c.state == wanted.state)
    if wanted.light is not None:
        found.append(has_light(wanted.light, moment))
    if wanted.asked is not None:
        requests = _EXTENSION if wanted.asked is WaitsFor.EXTENSION else _DISPUTE
        found.append(_TASK.c.id.in_(select(requests.c.unit_task_id).where(requests.c.decided_at.is_(None))))
    if wanted.did is not None:
        found.append(_TASK.c.id.in_(done_in_week(wanted.did, wanted.week, moment.now)))
    return tuple(found)


def _of_directive(wanted: UnitTaskFilter, directive_id: int) -> ColumnElement[bool]:
    """That a task is of the directive, in the words that make the database take the shortest way to it."""
    column = _TASK.c.directive_id
    if wanted.light in TIMED:
        return apart(column) == directive_id
    if wanted.state in FREQUENT:
        return column == directive_id
    return _TASK.c.item_id.in_(select(_ITEM.c.id).where(_ITEM.c.directive_id == directive_id))


def done_in_week(did: Did, week: int, now: datetime) -> Select[Any]:
    """The ids of the unit tasks to which that happened in the seven days that end `week` weeks before now."""
    end = now - week * WEEK
    happened = _SUBMISSION if did is Did.SUBMITTED else _REVIEW
    within = and_(happened.c.at > end - WEEK, happened.c.at <= end)
    if did is Did.SUBMITTED:
        return select(_SUBMISSION.c.unit_task_id).where(within)
    joined = select(_SUBMISSION.c.unit_task_id).join(_REVIEW, _REVIEW.c.submission_id == _SUBMISSION.c.id)
    return joined.where(within, _REVIEW.c.accepted)


def count_of(connection: Connection, sight: Sight, wanted: UnitTaskFilter, moment: Moment) -> int:
    """How many rows the filter leaves: from the counters where they know it."""
    kept = _KEPT.get((wanted.state, wanted.light))
    if kept is None or wanted.item is not None or wanted.asked is not None or wanted.did is not None:
        where = conditions(sight, wanted, moment)
        return int(connection.execute(select(func.count()).select_from(_TASK).where(*where)).scalar_one())
    if wanted.light is Light.ON_TIME:
        late = (replace(wanted, light=light) for light in (Light.OVERDUE, Light.SOON))
        return _kept(connection, sight, wanted, kept) - sum(
            count_of(connection, sight, one, moment) for one in late
        )
    return _kept(connection, sight, wanted, kept)


def _kept(connection: Connection, sight: Sight, wanted: UnitTaskFilter, kept: ColumnElement[Any]) -> int:
    counted = select(func.coalesce(func.sum(kept), 0)).where(sight.of(_COUNT.c.unit_id))
    if wanted.directive is not None:
        counted = counted.where(_COUNT.c.directive_id == wanted.directive)
    if wanted.unit is not None:
        counted = counted.where(_COUNT.c.unit_id == wanted.unit)
    if wanted.running:
        counted = counted.where(is_running(_COUNT.c.directive_id))
    return int(connection.execute(counted).scalar_one())

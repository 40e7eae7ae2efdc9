"""The light of a unit task: what a leader sees of it at a glance. Each task has exactly one, and each is a list.

Overdue and due soon are ranges over `late_from`, so they cost by how many there are; the others are what the kept
counters leave when these are taken off.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_

from domain.instants import day_of, end_of
from domain.unit_task import CLOSED, State
from domain.workdays import Calendar
from models.columns import table
from models.unit_task import UnitTask

_TASK = table(UnitTask)
SOON_DAYS = 5
"""Working days."""


class Light(StrEnum):
    """From the worst to the best; what was withdrawn has none that shines."""

    OVERDUE = "overdue"
    SOON = "soon"
    WAITING = "waiting"
    """Open, and nobody's clock runs: handed in, disputed, suspended, asked for more time, or helping a lead."""
    ON_TIME = "on_time"
    DONE = "done"
    NONE = "none"


@dataclass(frozen=True)
class Moment:
    """Now, and the last instant that is still soon."""

    now: datetime
    soon_until: datetime


def moment_at(now: datetime, calendar: Calendar, tz: ZoneInfo) -> Moment:
    """Soon is whatever falls due before the working day after the next SOON_DAYS ones is over."""
    beyond = calendar.add_working_days(day_of(now, tz), SOON_DAYS + 1)
    return Moment(now, end_of(beyond - timedelta(days=1), tz))


@dataclass(frozen=True)
class Lights:
    """How many unit tasks there are of each light."""

    overdue: int = 0
    soon: int = 0
    waiting: int = 0
    on_time: int = 0
    done: int = 0
    none: int = 0

    @property
    def in_all(self) -> int:
        """All but the withdrawn ones."""
        return self.overdue + self.soon + self.waiting + self.on_time + self.done

    @property
    def share(self) -> int:
        """How many per cent are done, rounded down: 100 only when all are."""
        return 100 * self.done // self.in_all if self.in_all else 0

    @property
    def parts(self) -> tuple[tuple[Light, int], ...]:
        """The lights that shine with their counts, from done to overdue: as a bar shows them."""
        return (
            (Light.DONE, self.done),
            (Light.ON_TIME, self.on_time),
            (Light.WAITING, self.waiting),
            (Light.SOON, self.soon),
            (Light.OVERDUE, self.overdue),
        )


def lights_of(sums: Any, late: Any = None) -> Lights:
    """The lights of a row that has the sums of counters, and, it or `late`, `overdue` and `soon`."""
    late = late or sums
    counted, done, withdrawn, running = (
        int(n) for n in (sums.unit_tasks, sums.accepted, sums.withdrawn, sums.running)
    )
    overdue, soon = int(late.overdue), int(late.soon)
    return Lights(
        overdue=overdue,
        soon=soon,
        waiting=counted - done - withdrawn - running,
        on_time=running - overdue - soon,
        done=done,
        none=withdrawn,
    )


def light_of(state: str, late_from: datetime | None, moment: Moment) -> Light:
    """The light of one task."""
    if state in CLOSED:
        return Light.DONE if state == State.ACCEPTED else Light.NONE
    if late_from is None:
        return Light.WAITING
    if late_from <= moment.now:
        return Light.OVERDUE
    return Light.SOON if late_from <= moment.soon_until else Light.ON_TIME


def has_light(light: Light, moment: Moment) -> ColumnElement[bool]:
    """The SQL of `light_of`; a test holds the two together."""
    late = _TASK.c.late_from
    conditions: dict[Light, ColumnElement[bool]] = {
        Light.OVERDUE: late <= moment.now,
        Light.SOON: and_(late > moment.now, late <= moment.soon_until),
        Light.WAITING: and_(late.is_(None), _TASK.c.state.not_in(CLOSED)),
        Light.ON_TIME: late > moment.soon_until,
        Light.DONE: _TASK.c.state == State.ACCEPTED,
        Light.NONE: _TASK.c.state == State.WITHDRAWN,
    }
    return conditions[light]


def total(many: Iterable[Lights]) -> Lights:
    """The sum of lights."""
    rows = [astuple(one) for one in many]
    return Lights(*(sum(column) for column in zip(*rows, strict=True)))

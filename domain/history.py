"""What the ladder must have done, recomputed from the acts alone.

A task's life is cut into stretches in which the same clocks run. Walking them from the first to the last,
the ladder is asked at the beginning of each and at every moment within it. This is a second way to the same
result as the engine's, which walks items, not tasks, and remembers levels in rows; a play compares the two.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.ladder import CivilFrame, Clock, Ladder, Running, due, moment
from domain.unit_task import AT_WORK, Role, State


@dataclass(frozen=True)
class RunningVersion:
    """A clock as it runs in a stretch, and the version of the deadline its notices name."""

    clock: Clock
    deadline: datetime
    since: datetime
    version: int
    own: bool = False
    """Whether the deadline was moved for one unit of an item alone (docs/decisions/0007)."""


@dataclass(frozen=True)
class Stretch:
    """From `begins` on (to the next stretch) these clocks run."""

    begins: datetime
    clocks: tuple[RunningVersion, ...]


@dataclass(frozen=True, order=True)
class Climbed:
    """One rung that was reached: done, or superseded by a higher one, at that instant."""

    at: datetime
    clock: str
    rung: str
    version: int
    superseded: bool


@dataclass(frozen=True)
class Happening:
    """Something that changed a task: the state after it, whether it holds, and its deadline. None: as before.

    `acknowledge_by` is that of an amendment: what the unit works on it is to acknowledge once more by then.
    """

    at: datetime
    state: State | None = None
    held: bool | None = None
    deadline: datetime | None = None
    version: int | None = None
    acknowledge_by: datetime | None = None


@dataclass(frozen=True)
class Beginning:
    """A task as it was handed out."""

    role: Role
    assigned_at: datetime
    acknowledge_by: datetime | None
    deadline: datetime


def stretches(task: Beginning, happenings: Iterable[Happening]) -> list[Stretch]:
    """The stretches of a unit task's life."""
    state = State.ASSIGNED if task.acknowledge_by else State.ACKNOWLEDGED
    held, deadline, since, version = False, task.deadline, task.assigned_at, 1
    acknowledge_by = task.acknowledge_by
    found: list[Stretch] = []

    def cut(at: datetime) -> None:
        clocks = []
        if state in AT_WORK and not held:
            if state is State.ASSIGNED and acknowledge_by is not None:
                clocks.append(RunningVersion(Clock.ACKNOWLEDGE, acknowledge_by, task.assigned_at, version))
            if task.role is not Role.COOPERATING:
                clocks.append(RunningVersion(Clock.COMPLETE, deadline, since, version, own=version > 1))
        if found and found[-1].begins == at:
            found.pop()  # several things at one instant: what counts is how it stood after the last
        found.append(Stretch(at, tuple(clocks)))

    cut(task.assigned_at)
    for one in sorted(happenings, key=lambda h: h.at):
        state = one.state or state
        held = held if one.held is None else one.held
        if one.deadline is not None and one.version is not None:
            deadline, since, version = one.deadline, one.at, one.version
        if one.acknowledge_by is not None and state in AT_WORK:
            state, held, acknowledge_by = State.ASSIGNED, False, one.acknowledge_by
        cut(one.at)
    return found


def climb(life: Sequence[Stretch], ladder: Ladder, frame: CivilFrame, until: datetime) -> Iterator[Climbed]:
    """Every rung reached in that life up to `until`, in order."""
    levels: dict[tuple[Clock, int | datetime], int] = {}
    ends = [stretch.begins for stretch in life[1:]] + [until]
    for stretch, end in zip(life, ends, strict=True):
        for look in _looks(stretch, end, ladder, frame):
            for running in stretch.clocks:
                key = (running.clock, _version_of(running))
                level = levels.get(key, -1)
                clock = Running(running.clock, running.deadline, running.since, level, running.own)
                one = due(clock, ladder, frame, look)
                if one is not None:
                    levels[key] = one.level
                    for superseded, rungs in ((True, one.superseded), (False, one.rungs)):
                        yield from (
                            Climbed(look, r.clock.value, r.name, running.version, superseded) for r in rungs
                        )


def _version_of(running: RunningVersion) -> int | datetime:
    """What a ladder is climbed once for: a version of the deadline, or one asking for the acknowledgement."""
    return running.version if running.clock is Clock.COMPLETE else running.deadline


def _looks(stretch: Stretch, end: datetime, ladder: Ladder, frame: CivilFrame) -> list[datetime]:
    """The beginning of the stretch and every moment within it."""
    moments = {
        moment(rungs[0], running.deadline, ladder, frame, own=running.own)
        for running in stretch.clocks
        for rungs in ladder.levels(running.clock)
    }
    return [stretch.begins, *sorted(m for m in moments if stretch.begins < m < end)]

"""The office clock: the wall clock in production, the driver's in a played year. One for all components."""

from collections.abc import Callable
from datetime import UTC, datetime

OfficeClock = Callable[[], datetime]


def wall_clock() -> datetime:
    """Now, aware, in UTC. The only place that reads the machine's clock for the office."""
    return datetime.now(UTC)


class DrivenClock:
    """A clock that stands where it was set, for a played year; it never runs backwards."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def __call__(self) -> datetime:
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Set the clock. Raises ValueError for an instant that lies behind it."""
        if instant < self._now:
            msg = f"the office clock cannot go back from {self._now} to {instant}"
            raise ValueError(msg)
        self._now = instant


def running_on(start: datetime) -> OfficeClock:
    """A clock that stands at `start` now and runs on from there, for an office whose year was played."""
    began = wall_clock()
    return lambda: start + (wall_clock() - began)

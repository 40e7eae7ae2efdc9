"""What people intend to do, by the minute. Equal minutes are ordered by a natural key, never by chance."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from domain.instants import at, day_of
from domain.ladder import CivilFrame
from play.chance import Chance

Doing = Callable[[datetime], None]
MORNING = (10 * 60 + 5, 11 * 60 + 55)
AFTERNOON = (14 * 60, 17 * 60 + 25)
"""Minutes of the day in which people act: office hours, more than an hour after the ladder's 09:00."""


@dataclass(order=True)
class Intent:
    """One act at one minute."""

    at: datetime
    key: str
    do: Doing = field(compare=False)


class Agenda:
    """A heap of intents."""

    def __init__(self, frame: CivilFrame, chance: Chance) -> None:
        self._frame, self._chance = frame, chance
        self._heap: list[Intent] = []

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, instant: datetime, key: str, do: Doing) -> None:
        """Intend to act at that minute."""
        heapq.heappush(self._heap, Intent(instant, key, do))

    @property
    def next_at(self) -> datetime | None:
        """When the next act is."""
        return self._heap[0].at if self._heap else None

    def due(self, now: datetime) -> list[Intent]:
        """Take every intent of that minute, in order."""
        taken = []
        while self._heap and self._heap[0].at <= now:
            taken.append(heapq.heappop(self._heap))
        return taken

    def office_minute(self, day: date, *names: object) -> datetime:
        """A whole minute in office hours of that civil day, drawn by names."""
        span = MORNING if self._chance.share("half", day, *names) < 0.5 else AFTERNOON
        minute = self._chance.between(*span, "minute", day, *names)
        return at(day, time(minute // 60, minute % 60), self._frame.tz)

    def after(self, now: datetime, working_days: int, *names: object) -> datetime:
        """A minute `working_days` working days after `now`'s day; at least one."""
        day = self._frame.calendar.add_working_days(day_of(now, self._frame.tz), max(working_days, 1))
        return self.office_minute(day, *names)

    def near(self, deadline: datetime, offset: int, not_before: datetime, *names: object) -> datetime:
        """A minute `offset` working days from the deadline's day, yet later than `not_before`."""
        day = day_of(deadline - timedelta(microseconds=1), self._frame.tz)
        target = (
            self._frame.calendar.add_working_days(day, offset)
            if offset
            else self._frame.calendar.on_or_before(day)
        )
        instant = self.office_minute(target, *names)
        return instant if instant > not_before else self.after(not_before, 1, *names)

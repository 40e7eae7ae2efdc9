"""Working days by dated calendar rows, with make-up working days (调休) and the date they are certain to.

Source: 《全国年节及纪念日放假办法》 art. 7: the yearly notice moves days, so the calendar is data. Where no
notice is out yet, Monday to Friday counts as working and the day is *provisional*.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from domain.errors import InvalidInputError

SATURDAY = 5
ONE_DAY = timedelta(days=1)
MOST_DAYS = 3660  # ten years: no office counts further, and a loop needs an end


@dataclass(frozen=True)
class Calendar:
    """`days` holds exceptions alone: True is a day off, False a make-up working day.

    `certain_until` is the last day covered by a published notice; later days are provisional.
    """

    days: Mapping[date, bool] = field(default_factory=lambda: MappingProxyType({}))
    certain_until: date = date.min

    def is_working_day(self, day: date) -> bool:
        """Whether the office works on `day`."""
        off = self.days.get(day)
        return day.weekday() < SATURDAY if off is None else not off

    def is_certain(self, day: date) -> bool:
        """Whether a published notice covers `day`."""
        return day <= self.certain_until

    def on_or_after(self, day: date) -> date:
        """The first working day that is not before `day`."""
        return day if self.is_working_day(day) else self.add_working_days(day, 1)

    def on_or_before(self, day: date) -> date:
        """The last working day that is not after `day`."""
        return day if self.is_working_day(day) else self.add_working_days(day, -1)

    def add_working_days(self, day: date, count: int) -> date:
        """The working day `count` working days after `day` (before it, when negative); 0 is `day` itself.

        `day` need not be a working day; it is never counted (「自次日起算」).
        """
        if abs(count) > MOST_DAYS:
            raise InvalidInputError("%(count)s working days is more than this office counts.", count=count)
        step = ONE_DAY if count > 0 else -ONE_DAY
        left = abs(count)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` lies before."""
        if end < start:
            return -self.working_days_between(end, start)
        return sum(self.is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))

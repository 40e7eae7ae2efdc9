"""The office of these tests: Shanghai, the real calendars of 2025 and 2026, days counted one by one."""

import json
from datetime import date, datetime, time, timedelta
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import strategies as st

from domain.ladder import CivilFrame
from domain.workdays import Calendar
from tests.conftest import ROOT

SHANGHAI = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)


@cache
def real_calendar() -> Calendar:
    """The published notices of 2025 and 2026; from 2027 on Monday to Friday."""
    days: dict[date, bool] = {}
    for year in (2025, 2026):
        path = ROOT / "samples" / "calendars" / f"cn-{year}.json"
        notice = json.loads(path.read_text(encoding="utf-8"))
        for key, off in (("off", True), ("working", False)):
            days |= {date.fromisoformat(day): off for day in notice[key]}
    return Calendar(MappingProxyType(days), date(2026, 12, 31))


OFFICE = CivilFrame(real_calendar(), SHANGHAI)


def working_day(calendar: Calendar, day: date, offset: int) -> date:
    """The working day `offset` working days from `day`, found by listing days; 0 is the last one up to it."""
    if offset > 0:
        after = (day + n * ONE_DAY for n in range(1, 400))
        return [d for d in after if calendar.is_working_day(d)][offset - 1]
    before = (day - n * ONE_DAY for n in range(1 if offset else 0, 400))
    return [d for d in before if calendar.is_working_day(d)][max(-offset - 1, 0)]


def local(day: date, hour: int = 9, minute: int = 0, tz: ZoneInfo = SHANGHAI) -> datetime:
    """An instant by the clock on the wall of the office."""
    return datetime.combine(day, time(hour, minute), tzinfo=tz)


dates = st.dates(date(2025, 1, 1), date(2027, 12, 31))
zones = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
# At most thirty exceptions: a calendar without any working day is none.
calendars = st.one_of(
    st.just(real_calendar()),
    st.builds(Calendar, days=st.dictionaries(dates, st.booleans(), max_size=30), certain_until=dates),
)
frames = st.builds(
    CivilFrame,
    calendars,
    st.sampled_from(["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "UTC"]).map(ZoneInfo),
)

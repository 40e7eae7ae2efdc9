"""How often a task comes round, read from 「每月25日前」, 「每季度」, 「长期坚持」."""

import re
from dataclasses import dataclass
from typing import Literal

from domain.numerals import fold_digits

Frequency = Literal["monthly", "quarterly", "half_yearly", "yearly", "ongoing"]
DAYS_BEFORE_MONTH = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)  # of a common year
DAYS_IN_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ONCE = frozenset({"", "一次", "1次", "一轮", "完成"})


@dataclass(frozen=True, slots=True)
class Recurrence:
    """`day` is counted from the first day of the period (1 is the first); None is its last day."""

    frequency: Frequency
    day: int | None


_EVERY = re.compile(
    r"(?P<monthly>每个?月|按月|逐月|月报|\bmonthly\b|\bevery month\b)"
    r"|(?P<quarterly>每个?季度?|按季度?|逐季|季报|\bquarterly\b|\bevery quarter\b)"
    r"|(?P<half_yearly>每半年|\bhalf-yearly\b|\bevery six months\b)"
    r"|(?P<yearly>每年度?|逐年|\byearly\b|\bannually\b|\bevery year\b)",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"(?:的|末月|首月|第[一1]个月)?\s?(\d{1,2})[日号]|\s+(?:by|on|before) the (\d{1,2})(?:st|nd|rd|th)",
    re.IGNORECASE,
)
_YEAR_DAY = re.compile(r"(?:的)?(\d{1,2})月(?:份)?(?:(\d{1,2})[日号]|底|末)?(?:以前|之前|前|底)?")
_END = re.compile(r"(?:年|月|季|季度)?[底末](?:以前|之前|前)?")
_DOING = re.compile(
    r"[^，。；,;.]{0,24}?(?:报送|上报|报告|汇报|通报|调度|更新|开展|召开|组织|检查|督查|评估|公布|发布|自查|填报|提交|report|submit)",
    re.IGNORECASE,
)
_ONGOING = re.compile(
    r"(?:长期坚持|长期实施|持续推进|持续实施|持续开展|长期推进|常态化推进)(?=[。；，,;）)\s]|$)|^长期$|^\s*ongoing\b",
    re.IGNORECASE,
)


def recurrence(text: str) -> Recurrence | None:
    """The first recurrence a text states, None when it states none.

    「每年招引项目100个」 is an amount, not a recurrence: a day, a report or a meeting must go with it, or the
    text be no more than a cell that says 「每月」.
    """
    folded = fold_digits(text)
    for match in _EVERY.finditer(folded):
        frequency: Frequency = match.lastgroup  # type: ignore[assignment]
        found = _with_day(frequency, folded, match.end())
        if found is not None:
            return found
        alone = not folded[: match.start()].strip() and folded[match.end() :].strip(" 。.") in _ONCE
        if alone or _DOING.match(folded, match.end()):
            return Recurrence(frequency, None)
    return Recurrence("ongoing", None) if _ONGOING.search(folded) else None


def _with_day(frequency: Frequency, text: str, start: int) -> Recurrence | None:
    if frequency == "yearly":
        match = _YEAR_DAY.match(text, start)
        if match:
            return _yearly(int(match.group(1)), int(match.group(2)) if match.group(2) else None)
    match = _DAY.match(text, start)
    if match and frequency in {"monthly", "quarterly"}:
        day = int(match.group(1) or match.group(2))
        # The day of the last month of a quarter has no fixed place in it.
        fixed = 1 <= day <= 31 and not (frequency == "quarterly" and match.group().startswith("末月"))
        return Recurrence(frequency, day if fixed else None)
    return Recurrence(frequency, None) if _END.match(text, start) else None


def _yearly(month: int, day: int | None) -> Recurrence | None:
    if not 1 <= month <= 12:
        return None
    last = DAYS_IN_MONTH[month - 1]
    if month == 12 and day in {None, 31}:
        return Recurrence("yearly", None)
    return Recurrence("yearly", DAYS_BEFORE_MONTH[month - 1] + min(day or last, last))

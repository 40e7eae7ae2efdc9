"""Date phrases of official papers: found as printed, taken apart, reckoned into a due date.

Rules: 「月底前」 includes the last day; 「3月15日前」 includes the 15th unless the site says otherwise; days are
calendar days unless 工作日 is said; the day of publication is never counted (民法典 art. 201 by analogy).
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from domain.errors import InvalidInputError
from domain.numerals import fold_digits, to_int
from domain.recurrence import Recurrence, recurrence
from domain.workdays import MOST_DAYS, Calendar

__all__ = [
    "DeadlinePhrase",
    "Recurrence",
    "due_date",
    "find_phrases",
    "label_phrases",
    "parse_phrase",
    "recurrence",
]

_HAN_DIGIT = "〇零○一二三四五六七八九"
_YEAR = rf"(?:(?:20\d\d|二[{_HAN_DIGIT}]{{3}})年|今年|本年度?|当年|明年|次年)"
_MONTH = r"(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?"
_DAY = r"(?:3[01]|[12]\d|0?[1-9]|三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])[日号]"
_CLOCK = r"(?:上午|下午|中午|晚上?)?\s?\d{1,2}(?::\d{2}|[时点](?:\d{1,2}分|半|整)?)"
_BEFORE = r"(?:以前|之前|前)(?![期后瞻端沿景提述列置台往者身三几一二四五六七八九十两\d])"
_EDGE = r"(?:年?[底末]|上旬|中旬|下旬|初)"
_HALF = r"(?:上半年|下半年|第?[一二三四1-4]季度)"
_COUNT = r"(?:\d{1,4}|[一二三四五六七八九十两百]{1,4})个?(?:工作日|自然日|日|天)(?:以内|之内|内)"
_PAPER = r"(?:通知|文件|方案|意见|办法|通报|函|任务)"
_EN_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_EN_DATE = rf"(?:\d{{1,2}} {_EN_MONTH},? 20\d\d|{_EN_MONTH} \d{{1,2}},? 20\d\d|20\d\d-\d\d-\d\d)"
_PHRASE = re.compile(
    rf"""(?<![\d每])(?:{_YEAR})?{_MONTH}{_DAY}(?:{_CLOCK})?{_BEFORE}
    | (?:本月|当月|下月|次月)(?:{_DAY}(?:{_CLOCK})?|[底末]){_BEFORE}
    | (?<![\d每])(?:{_YEAR})?{_MONTH}{_EDGE}?{_BEFORE}
    | {_YEAR}(?:{_EDGE})?{_BEFORE}
    | (?<![\d年\u4e00-\u9fff])(?:年|月)[底末]{_BEFORE}
    | {_YEAR}内
    | {_YEAR}{_HALF}(?:[底末]?{_BEFORE}|[内末底])?
    | {_HALF}(?:[底末]?{_BEFORE}|[内末底]|(?=完成|建成|出台|印发|启动|实现|制定))
    | (?:自|从)?(?:本|该)?{_PAPER}?(?:印发|发布|下发|公布|收到|接到|交办)(?:本|该)?{_PAPER}?(?:之日|之后|以后|后)?起?，?{_COUNT}
    | (?<=[于在]){_COUNT}(?=[^，。；]{{0,12}}(?:报送|上报|报告|报我|报市|报区|报县|反馈|提交))
    | (?:不晚于|不迟于|最迟于?|截止时间为?)(?:{_YEAR})?{_MONTH}{_DAY}(?:{_CLOCK})?
    | (?:by|before|no[ ]later[ ]than|not[ ]later[ ]than)[ ]{_EN_DATE.replace(" ", "[ ]")}
    """,
    re.VERBOSE | re.IGNORECASE,
)
LONGEST_TEXT = 200_000  # characters looked at; no task is longer
_TRIGGER = re.compile("[前内底末晚迟]|[上下]半年|季度|20\\d\\d")
_RECURRING = ("每年", "每月", "每季度", "每半年", "每")


@dataclass(frozen=True, slots=True)
class DeadlinePhrase:
    """A phrase taken apart; None where it is silent. `years_on` and `months_on` are from publication on.

    `last_day` is said when the whole period counts (底, 末, 内); otherwise 「前」 may exclude the day named.
    """

    text: str
    year: int | None = None
    years_on: int | None = None
    month: int | None = None
    months_on: int | None = None
    day: int | None = None
    at: time | None = None
    days: int | None = None
    working_days: bool = False
    last_day: bool = False

    @property
    def says_when(self) -> bool:
        """Whether a due date can be reckoned from it."""
        named = (self.year, self.years_on, self.month, self.months_on, self.days)
        return any(value is not None for value in named)


def find_phrases(text: str) -> tuple[str, ...]:
    """The deadline phrases of running text as printed, once each; recurring ones (每月25日前) are left out."""
    folded = fold_digits(text[:LONGEST_TEXT])
    if not _TRIGGER.search(folded):
        return ()
    found: dict[str, None] = {}
    for match in _PHRASE.finditer(folded):
        before = folded[max(0, match.start() - 3) : match.start()]
        if not before.endswith(_RECURRING):
            found[text[match.start() : match.end()]] = None
    return tuple(found)


def label_phrases(value: str) -> tuple[str, ...]:
    """The phrases of a cell or label that holds nothing but a time (「2025年6月」, 「长期坚持」)."""
    parts = [p.strip(" 。.") for p in re.split(r"[、，,；;\n]", value)] if len(value) <= 200 else []
    known = tuple(p for p in parts if p and (parse_phrase(p).says_when or recurrence(p)))
    return known or find_phrases(value) or ((value,) if len(value) <= 30 else ())


_PARTS = re.compile(
    rf"(?P<year>20\d\d|二[{_HAN_DIGIT}]{{3}})[年\-/.]|(?P<this_year>今年|本年|当年)|(?P<next_year>明年|次年)|(?P<this_month>本月|当月)|(?P<next_month>下月|次月)"
)
_EN_PARTS = re.compile(
    rf"(?:(?P<d1>\d{{1,2}}) )?(?P<m>{_EN_MONTH})(?: (?P<d2>\d{{1,2}}))?,? (?P<y>20\d\d)", re.IGNORECASE
)
_ISO = re.compile(r"(20\d\d)[-/.](\d{1,2})[-/.](\d{1,2})")
_MONTH_PART = re.compile(r"(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月")
_DAY_PART = re.compile(r"(\d{1,2}|[一二三四五六七八九十]{1,3})[日号](?!内|以内|之内)")
_CLOCK_PART = re.compile(r"(上午|下午|中午|晚上?)?\s?(\d{1,2})(?::(\d{2})|[时点](?:(\d{1,2})分|(半))?)")
_COUNT_PART = re.compile(r"(\d{1,4}|[一二三四五六七八九十两百]{1,4})个?(工作日|自然日|日|天)(?:以内|之内|内)")
_HALF_PART = re.compile(r"(上|下)半年|([一二三四1-4])季度")
_THIRD = {"上旬": 10, "初": 10, "中旬": 20}
_MONTH_NAMES = _EN_MONTH[3:-1].lower().split("|")


def parse_phrase(phrase: str) -> DeadlinePhrase:
    """A phrase taken apart. One that says no date comes back with `says_when` False."""
    text = fold_digits(phrase)[:100]
    iso, english = _ISO.search(text), _EN_PARTS.search(text)
    if iso:
        return DeadlinePhrase(phrase, year=int(iso[1]), month=int(iso[2]), day=int(iso[3]))
    if english:
        named_day = int(english["d1"] or english["d2"] or 0)
        named_month = _MONTH_NAMES.index(english["m"].lower()) + 1
        return DeadlinePhrase(phrase, year=int(english["y"]), month=named_month, day=named_day or None)
    count = _COUNT_PART.search(text)
    if count:
        return DeadlinePhrase(phrase, days=to_int(count.group(1)), working_days=count.group(2) == "工作日")
    groups = {m.lastgroup: m.group(m.lastgroup) for m in _PARTS.finditer(text) if m.lastgroup}
    year = to_int(groups["year"].replace("○", "〇")) if "year" in groups else None
    years_on = 0 if "this_year" in groups else 1 if "next_year" in groups else None
    months_on = 0 if "this_month" in groups else 1 if "next_month" in groups else None
    if re.match(r"月[底末]", text):
        months_on = 0
    if re.match(r"年[底末]", text):
        years_on = 0
    month, day, last_day = _month_and_day(text)
    return DeadlinePhrase(phrase, year, years_on, month, months_on, day, _clock(text), last_day=last_day)


def _month_and_day(text: str) -> tuple[int | None, int | None, bool]:
    month_match, half = _MONTH_PART.search(text), _HALF_PART.search(text)
    third = next((day for word, day in _THIRD.items() if word in text), None)
    day_match = _DAY_PART.search(text)
    day = to_int(day_match.group(1)) if day_match else third
    whole = bool(re.search(r"[底末内]|下旬", text)) or third is not None
    if month_match:
        return to_int(month_match.group(1)), day, whole
    if half:
        if half.group(1):
            return (6 if half.group(1) == "上" else 12), None, True
        return (to_int(half.group(2)) or 1) * 3, None, True
    return None, day, whole


def _clock(text: str) -> time | None:
    match = _CLOCK_PART.search(text)
    if match is None:
        return None
    hour, minute = int(match.group(2)), int(match.group(3) or match.group(4) or (30 if match.group(5) else 0))
    if match.group(1) in {"下午", "晚", "晚上"} and hour < 12:
        hour += 12
    if hour == 24 and minute == 0:
        return time(23, 59)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def due_date(
    phrases: Sequence[str], published: date, calendar: Calendar, *, inclusive: bool = True
) -> date | None:
    """The day by which everything the phrases ask must be done: the latest of them, None when none says when.

    A year left out is that of the phrase before, else the year of publication; the result may then lie before
    publication, which the caller must show rather than mend. `inclusive` False makes 「15日前」 the 14th.
    """
    found: list[date] = []
    year = published.year
    for phrase in phrases:
        parsed = parse_phrase(phrase)
        year = parsed.year or (published.year + parsed.years_on if parsed.years_on is not None else year)
        if parsed.says_when:
            try:
                found.append(_reckon(parsed, year, published, calendar, inclusive=inclusive))
            except (ValueError, OverflowError, InvalidInputError):
                continue  # 2月30日 and the like: no day is better than a guessed one
    return max(found, default=None)


def _reckon(
    phrase: DeadlinePhrase, year: int, published: date, calendar: Calendar, *, inclusive: bool
) -> date:
    if phrase.days is not None:
        if phrase.days > MOST_DAYS:
            raise OverflowError
        if phrase.working_days:
            return calendar.add_working_days(published, phrase.days)
        return published + timedelta(days=phrase.days)
    month = phrase.month
    if phrase.months_on is not None:
        total = published.month - 1 + phrase.months_on
        year, month = published.year + total // 12, total % 12 + 1
    excluded = not inclusive and not phrase.last_day and phrase.at is None and "前" in phrase.text
    if excluded:
        return date(year, month or 1, phrase.day or 1) - timedelta(days=1)
    month = month or 12
    return date(year, month, phrase.day or monthrange(year, month)[1])

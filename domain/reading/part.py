"""One logical line looked at: its number, its text without the division of work, and what that says."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from domain.reading.brackets import Bracket, outer_brackets
from domain.reading.duty import Duty, find_rule, parse_duty
from domain.reading.labels import LABEL, LABEL_LINE
from domain.reading.lines import Line
from domain.reading.numbering import Mark, find_mark

LONGEST_TAIL = 600  # characters of 「责任单位：…」 that ends a paragraph without a bracket
TITLE_LENGTH = 50
LONGEST_SEARCHED = 300_000  # characters; a division of work does not stand behind so many
MOST_BRACKETS = 1000  # of one paragraph; more is no official paper
_BEFORE_TAIL = "。；;.！!？　 ）)”"
_END = re.compile(r"[。；;.\s]{0,3}$")


@dataclass(frozen=True, slots=True)
class Part:
    """`text` has neither number nor division of work; `duties` are in printed order."""

    line: Line
    mark: Mark | None
    text: str
    duties: tuple[Duty, ...]
    is_label: bool = False
    rule: str | None = None

    @property
    def has_duty(self) -> bool:
        """Whether an organ is named for what stands here."""
        return any(d.names_somebody for d in self.duties)

    @property
    def is_title(self) -> bool:
        """Whether it is only a heading: short, and one sentence at most."""
        return len(self.text) <= TITLE_LENGTH and "。" not in self.text[:-1]


def _without(text: str, brackets: Iterable[Bracket]) -> str:
    kept, start = [], 0
    for bracket in brackets:
        kept.append(text[start : bracket.start])
        start = bracket.end
    return "".join([*kept, text[start:]]).strip()


def _tail(text: str) -> tuple[str, Duty | None]:
    """A paragraph that ends in 「责任单位：A；完成时限：…」 without a bracket, cut in two."""
    window = max(0, len(text) - LONGEST_TAIL)
    for match in LABEL.finditer(text, window):
        if match.start() and text[match.start() - 1] in _BEFORE_TAIL:
            duty = parse_duty(text[match.start() :])
            if duty is not None and (duty.names_somebody or duty.deadlines):
                return text[: match.start()].strip(), duty
    return text, None


def read_part(line: Line, mark: Mark | None) -> Part:
    """The line after its number `mark` (None when it has none), taken apart."""
    body = line.text[mark.end :] if mark is not None else line.text
    if LABEL_LINE.match(body):
        duty = parse_duty(body)
        if duty is not None:
            return Part(line, mark, "", (duty,), is_label=mark is None, rule=duty.rule)
    taken: list[Bracket] = []
    duties: list[Duty] = []
    for bracket in islice(outer_brackets(body[:LONGEST_SEARCHED]), MOST_BRACKETS):
        at_end = _END.match(body, bracket.end) is not None
        if not (at_end or body[bracket.start - 1] in _BEFORE_TAIL):
            continue  # in the middle of a sentence it is a remark, as 「（学校由教育部门负责）」
        duty = parse_duty(bracket.content, bare_allowed=at_end)
        if duty is not None:
            taken.append(bracket)
            duties.append(duty)
    text = _without(body, taken)
    if not duties:
        text, duty = _tail(text)
        duties = [duty] if duty is not None else []
    rule = next((d.rule for d in duties if d.rule), None) or find_rule(line.text)
    return Part(line, mark, text, tuple(duties), rule=rule)


def mark_of(line: Line, expected: int | None) -> Mark | None:
    """The number of a line; a doubtful one only where `expected` (the one before plus one) is its value."""
    mark = find_mark(line.text)
    if mark is not None and mark.doubtful and mark.value != expected:
        return None
    return mark

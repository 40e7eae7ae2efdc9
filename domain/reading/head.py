"""The head of a paper: title, document number, issuer, secrecy mark."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.reading.lines import Line
from domain.reading.numbering import find_mark

HEAD_LINES = 20
LONGEST_TITLE = 90
_KINDS = "通知|意见|方案|决定|办法|通报|计划|要点|细则|规划|纲要|公告|函|措施|分工|清单|行动|分解|报告|批复|纪要|规定|规则|制度|条例|责任书|目标"
_NUMBER = r"(?:(?![的通知于])[\u4e00-\u9fffA-Za-z]){1,14}(?:〔|\[|［|【|﹝|（|\()\d{4}(?:〕|\]|］|】|﹞|）|\))\s{0,2}第?\d{1,5}号"
_NUMBER_LINE = re.compile(rf"{_NUMBER}$")
_NUMBER_AFTER_TITLE = re.compile(rf"(?:通知|意见|方案|决定|办法|通报)(?P<number>{_NUMBER})$")
_TITLE = re.compile(rf"[^。；;]{{4,{LONGEST_TITLE}}}(?:{_KINDS})(?:（[^（）]{{1,20}}）)?$")
_FORWARDED = re.compile(r"印发(?:《)?(?P<title>[^《》]{4,80}?)(?:》)?的通知$")
_SECRECY = re.compile(
    r"(?:\d{1,8}\s*)?(?:密级[:：]\s*)?(?P<mark>绝\s{0,3}密|机\s{0,3}密|秘\s{0,3}密)\s*(?:[★☆＊*]\s*(?:\d{1,3}\s*(?:年|个月|月|天)|长期)?)?(?:\s*(?:特急|加急|平急|特提))?$"
)
_ENGLISH_TITLE = re.compile(r"[A-Z].{3,88}$")
_ENGLISH_KIND = re.compile(
    r"\b(?:Policy|Plan|Notice|Directive|Programme|Program|Instruction|Circular|Decision|Rules)\b"
)
_DATE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日$")


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a paper says; None or empty where it is silent."""

    title: str
    number: str | None
    issuer: str | None
    secrecy_mark: str | None


def _top(lines: Sequence[Line]) -> list[str]:
    """The lines before the first number, as far as a head reaches."""
    found = []
    for line in lines[:HEAD_LINES]:
        if line.cells is not None or find_mark(line.text) is not None:
            break
        found.append(line.text)
    return found


def _number(top: Sequence[str]) -> str | None:
    for text in top:
        if len(text) > 2 * LONGEST_TITLE:
            continue
        if _NUMBER_LINE.match(text):
            return re.sub(r"\s", "", text)
        after = _NUMBER_AFTER_TITLE.search(text)
        if after:
            return after.group("number")
    return None


def _titles(top: Sequence[str]) -> list[str]:
    found = []
    for text, following in pairwise([*top, ""]):
        bare = (
            _NUMBER_AFTER_TITLE.sub(lambda m: m.group()[: -len(m.group("number"))], text)
            if len(text) < 200
            else ""
        )
        if _TITLE.match(bare):
            found.append(bare)
        elif "关于" in bare and "。" not in bare and _TITLE.match(bare + following):
            found.append(bare + following)
    return found


def guess_title(lines: Sequence[Line]) -> str:
    """The title of a paper: that of the plan it issues when it only issues one; empty when none is seen."""
    titles = _titles(_top(lines))
    if not titles:
        plain = (
            t for t in _top(lines) if _ENGLISH_TITLE.match(t) and _ENGLISH_KIND.search(t) and ":" not in t
        )
        return next(plain, "")
    forwarded = _FORWARDED.search(titles[0])
    return forwarded.group("title") if forwarded else titles[0]


def _issuer(top: Sequence[str], lines: Sequence[Line]) -> str | None:
    for title in _titles(top):
        before, about, _ = title.partition("关于")
        if about and 2 <= len(before) <= 40:
            return before
    for line, following in pairwise(lines):
        if _DATE.match(following.text) and 2 <= len(line.text) <= 40 and "。" not in line.text:
            return line.text
    return None


def secrecy_mark(lines: Sequence[Line]) -> str | None:
    """秘密, 机密 or 绝密 when a line of the head is that mark (「机密★10年」), else None."""
    for line in lines[:HEAD_LINES]:
        match = _SECRECY.match(line.text) if len(line.text) <= 40 else None
        if match:
            return re.sub(r"\s", "", match.group("mark"))
    return None


def read_head(lines: Sequence[Line]) -> Head:
    """Everything the head of a paper says."""
    top = _top(lines)
    return Head(guess_title(lines), _number(top), _issuer(top, lines), secrecy_mark(lines))

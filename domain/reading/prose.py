"""Tasks of a plain notice: a sentence that gives an organ a deadline (「各区要于6月20日前报送…」).

Read only where a document divides its work nowhere, and never in a regulation (第X条), whose rules stand.
"""

import re
from collections.abc import Iterator
from functools import reduce

from domain.phrases import find_phrases
from domain.reading.confidence import Doubt
from domain.reading.draft import Draft
from domain.reading.duty import Duty, merge, parse_duty
from domain.reading.organs import is_collective, looks_like_organ, split_names
from domain.reading.outline import Node, is_closing
from domain.reading.part import Part

_SENTENCE_END = re.compile(r"[。；;！!]")
_LEAD_OFF = re.compile(r"^(?:请|要求|同时|此外|另外|其中|对此|为此|[，,\s])+")
_SUBJECT = re.compile(
    r"(?P<names>[^，。；：“”《》]{1,60}?(?:部门|单位|政府|地区|[部委局办厅署会院处科所站司校园区县市镇乡州]|街道|中心|公司|（[^（）]{1,12}）))"
    r"(?=要|应|须|需|必须|务必|于|对|负责|按|在|印发|制定|组织|完成|报送|上报|提交|请|通过|会同|每|$|\d)"
)
_LED_BY = re.compile(r"由(?P<led>[^。；]{2,800})")
_WHOLE = re.compile(r"^[^，。；]{2,200}(?:牵头|负责)(?:，[^。；]{2,200}(?:配合|参与|协助|负责))?$")
_WILL = re.compile(r"^(?:[^，。；]{0,3})将")


def prose_drafts(root: Node) -> list[Draft]:
    """The tasks of a notice without a division of work, in printed order."""
    if any(node.mark is not None and node.mark.kind == "article" for node in root.walk()):
        return []
    return [
        draft for node in root.walk() if not node.children or node is root for draft in _of_node(node, root)
    ]


def _of_node(node: Node, root: Node) -> Iterator[Draft]:
    parts = [p for p in node.parts if not is_closing(p.line.text)]
    groups = [[p] for p in parts] if node is root else [parts]
    for group in groups:
        duty = _duty_of(group)
        if duty is not None:
            text = "\n".join(p.text for p in group if p.text)
            yield Draft(node.number, node.path, tuple(p.line for p in group), text, (duty,), (Doubt.PROSE,))


def _duty_of(parts: list[Part]) -> Duty | None:
    """Who is addressed in these lines; None unless one sentence gives an organ a deadline or is a division of work
    and nothing else (「市交通局负责，市公安局配合」).
    """
    found: list[Duty] = []
    timed = False
    for sentence in (s for part in parts for s in _SENTENCE_END.split(part.text)):
        duty = _of_sentence(sentence)
        if duty is not None:
            found.append(duty)
            timed = timed or bool(find_phrases(sentence)) or _WHOLE.search(sentence) is not None
    if not timed:
        return None
    return _tidy(reduce(merge, found))


def _of_sentence(sentence: str) -> Duty | None:
    led = _LED_BY.search(sentence)
    if led or _WHOLE.search(sentence):
        spoken = _spoken(led.group("led") if led else sentence)
        if spoken is not None:
            return spoken
    rest = _LEAD_OFF.sub("", sentence)
    for phrase in find_phrases(rest)[:1]:
        if rest.startswith(phrase):
            rest = _LEAD_OFF.sub("", rest[len(phrase) :])
    subject = _SUBJECT.match(rest)
    if subject is None or _WILL.match(rest[subject.end() :]):
        return None
    names = split_names(subject.group("names"))
    if not names or not all(looks_like_organ(n) for n in names):
        return None
    return Duty(responsible=names, order=names)


def _spoken(text: str) -> Duty | None:
    """「所涉及的A、B牵头完成…，其他部门配合，于…前…」: the clauses that name organs with a verb."""
    parts = []
    waiting = ""
    for clause in re.split(r"[，,]", text):
        duty = parse_duty(waiting + clause)
        waiting = ""
        if duty is not None and duty.names_somebody:
            parts.append(duty)
        elif all(looks_like_organ(n) for n in split_names(clause)):
            waiting = clause + "，"
    return reduce(merge, parts) if parts else None


def _tidy(duty: Duty) -> Duty:
    """Without an addressee that is a part of another (各市（州） beside 各市（州）、县（市、区）)."""
    kept = tuple(
        n
        for n in duty.order
        if not any(n != other and other.startswith(n) and is_collective(n) for other in duty.order)
    )
    lead = tuple(n for n in duty.lead if n in kept)
    return Duty(
        lead=lead,
        responsible=tuple(n for n in duty.responsible if n in kept),
        cooperating=tuple(n for n in duty.cooperating if n in kept),
        order=kept,
    )

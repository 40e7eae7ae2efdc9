"""One division of work: who leads, who takes part, until when, as a bracket or a labelled line says it."""

import re
from dataclasses import dataclass
from functools import reduce

from domain.phrases import find_phrases
from domain.reading.brackets import cut_outside, outer_brackets
from domain.reading.labels import LABEL, LabelKind, kind_of
from domain.reading.organs import is_collective, looks_like_organ, split_names
from domain.recurrence import recurrence

LONGEST = 2000  # characters; a longer bracket is prose
_WAY = r"(?:(?:按照?|依据?|依照|根据)(?:各自)?(?:职责|职能|任务)(?:和)?(?:分工)?|结合实际|共同|分别|具体|联合|各自|统筹|密切|积极|做好)"
_VERB = re.compile(
    rf"{_WAY}{{0,4}}(?:(?P<lead>牵头|主办|总负责)|(?P<responsible>负责|落实|承办|组织实施|实施|抓好)|(?P<guiding>指导)"
    r"|(?P<cooperating>参与|配合|协助|协同|支持|协办))(?!责任|单位|部门|机关|处|局|办|中心)"
)
_ETC_VERB_GAP = re.compile(rf"{_WAY}+$")
_TOGETHER = re.compile(r"(?:，|,)?会同(?=.)")
LEAD_RULE = re.compile(
    r"(?:除标注[“\"「]?分别牵头[”\"」]?外，?)?(?:列|排)(?:名|序)?(?:在|于)?(?:第一|首)(?:位|个|名)?(?:者|的)?"
    r"[^。；;（）()]{0,14}?为?牵头[^。；;，,（）()]{0,12}"
)
SAME_BELOW = re.compile(r"[，,。；;]?\s*下同")
NO_LEAD_RULE = re.compile(
    r"(?:无|未明确|没有)牵头(?:单位|部门)的?[，,][^。；;（）]{0,12}责任(?:单位|部门)[^。；;（）]{0,4}为牵头[^。；;，,（）]{0,6}"
)
_INHERIT = re.compile(
    r"以下(?:各项|任务)?均需(?P<names>[^，。；（）]{2,40}?)(?:落实|负责|参与|配合|实施)[，,]?不再(?:逐一|一一|重复)?列(?:出|明|举)"
)


@dataclass(frozen=True, slots=True)
class Duty:
    """What one bracket or one labelled line says.

    `order` holds every name once as printed; `responsible` are those said to do the work without a lead's mark.
    """

    lead: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    cooperating: tuple[str, ...] = ()
    deadlines: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    for_later: tuple[str, ...] = ()
    rule: str | None = None
    bare: bool = False
    labelled: bool = False

    @property
    def names_somebody(self) -> bool:
        """Whether an organ is named, not only a time."""
        return bool(self.order)


def merge(first: Duty, second: Duty) -> Duty:
    """Two divisions of work of one task as one; who leads in either leads."""
    return Duty(
        lead=_once(first.lead + second.lead),
        responsible=_once(first.responsible + second.responsible),
        cooperating=_once(first.cooperating + second.cooperating),
        deadlines=_once(first.deadlines + second.deadlines),
        order=_once(first.order + second.order),
        for_later=_once(first.for_later + second.for_later),
        rule=first.rule or second.rule,
        bare=first.bare and second.bare,
        labelled=first.labelled or second.labelled,
    )


def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def find_rule(text: str) -> str | None:
    """The sentence by which a document names the lead, without 「下同」."""
    if "牵头" not in text:
        return None
    match = NO_LEAD_RULE.search(text) or LEAD_RULE.search(text)
    return match.group().strip("（(，, ") if match else None


def _without_remarks(content: str) -> tuple[str, Duty]:
    """The content without the lead rule and the words for later items, and what those said."""
    rule = find_rule(content)
    later: tuple[str, ...] = ()
    if rule is not None:
        for bracket in outer_brackets(content):
            if find_rule(bracket.content) is not None:
                content = content[: bracket.start] + content[bracket.end :]
                break
        content = SAME_BELOW.sub("", LEAD_RULE.sub("", NO_LEAD_RULE.sub("", content)))
    inherit = _INHERIT.search(content)
    if inherit is not None:
        later = split_names(inherit.group("names"))
        content = content[: inherit.start()] + content[inherit.end() :]
    return content.strip("，,。；; "), Duty(for_later=later, rule=rule)


def parse_duty(content: str, *, bare_allowed: bool = False) -> Duty | None:
    """What a bracket's content or a labelled line says about the division of work; None when nothing.

    `bare_allowed` takes a list of organ names without label or verb, as at the end of a paragraph.
    """
    if not 2 <= len(content) <= LONGEST:
        return None
    content = content.replace("\t", " ")
    body, remarks = _without_remarks(content)
    duty = _labelled(body) if LABEL.search(body[:40]) else _by_verbs(body)
    if duty is None and bare_allowed:
        duty = _bare(body)
    if duty is None:
        return None
    return merge(duty, remarks)


def _labelled(body: str) -> Duty | None:
    """「牵头单位：A，配合单位：B、C；完成时限：6月底前」."""
    marks = list(LABEL.finditer(body))
    if not marks or body[: marks[0].start()].strip(" 　—-【[·"):
        return None
    parts: list[Duty] = []
    has_lead = any(kind_of(m) == "lead" for m in marks)
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        value = body[mark.end() : following.start() if following else len(body)].strip(" 　，,；;。】]")
        if value and value not in {"/", "-", "—", "无"}:
            parts.append(_label_duty(kind_of(mark), value, has_lead=has_lead))
    return reduce(merge, parts, Duty(labelled=True))


def _label_duty(kind: LabelKind, value: str, *, has_lead: bool) -> Duty:
    if kind == "person":
        return Duty()
    if kind == "deadline":
        return Duty(deadlines=(value,))
    if kind == "responsible":
        spoken = _by_verbs(value)
        if spoken is not None:
            return spoken
    names = tuple(n for n in split_names(_VERB.sub("", value)) if len(n) > 1)
    if kind == "lead":
        return Duty(lead=names, order=names)
    if kind == "cooperating" or has_lead:
        return Duty(cooperating=names, order=names)
    return Duty(responsible=names, order=names)


def _by_verbs(body: str) -> Duty | None:
    """「A牵头，B、C参与」, 「A、B等按职责分工负责」: names run on until a verb says their part."""
    waiting: list[str] = []
    parts: list[Duty] = []
    spoken = False
    deadlines: list[str] = []
    for clause in cut_outside(_TOGETHER.sub("，", body), "，,；;。"):
        times = find_phrases(clause) or ((clause,) if recurrence(clause) else ())
        if times:
            deadlines += times
            continue
        verb = _find_verb(clause)
        if verb is None:
            waiting.append(clause)
            continue
        names = split_names("，".join([*waiting, _ETC_VERB_GAP.sub("", clause[: verb.start()])]))
        waiting = []
        if not names or not all(looks_like_organ(n) for n in names):
            return None
        spoken = True
        parts.append(_of_verb(verb.lastgroup, names))
    if not spoken:
        return None
    if waiting:
        rest = tuple(n for n in split_names("，".join(waiting)) if looks_like_organ(n))
        parts.append(Duty(responsible=rest, order=rest))
    return reduce(merge, parts, Duty(deadlines=tuple(deadlines)))


def _of_verb(kind: str | None, names: tuple[str, ...]) -> Duty:
    """The part of some names by their verb. Who only guides (指导) neither leads nor takes part."""
    return Duty(
        lead=names if kind == "lead" else (),
        responsible=names if kind == "responsible" else (),
        cooperating=names if kind == "cooperating" else (),
        order=names,
    )


def _find_verb(clause: str) -> re.Match[str] | None:
    """The first verb of a part with names before it; 「各项目牵头单位」 is a name."""
    return next((m for m in _VERB.finditer(clause) if m.start() > 0), None)


def _bare(body: str) -> Duty | None:
    names = split_names(body)
    if not names or not all(looks_like_organ(n) for n in names):
        return None
    if len(names) == 1 and not (is_collective(names[0]) or len(names[0]) > 3):
        return None
    return Duty(responsible=names, order=names, bare=True)

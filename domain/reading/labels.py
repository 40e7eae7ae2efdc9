"""Labels before a division of work: 「牵头单位：」, 「配合部门：」, 「完成时限：」, 「Lead:」."""

import re
from typing import Literal

LabelKind = Literal["lead", "cooperating", "responsible", "deadline", "person"]

_BODY = r"(?:单位|部门|机关|处室|科室|乡镇|县区|区县|股室|各单位)"
_KINDS: tuple[tuple[LabelKind, str], ...] = (
    (
        "person",
        r"(?:包抓|牵头|责任|分管|联系|包联|包保|主管|挂牌|督办|配合)?(?:责任人|领导|负责人|联系人|联络员|县领导|市领导|区领导)",
    ),
    ("lead", rf"(?:总?牵头|主责|主办|主要责任|第一责任)(?:责任)?{_BODY}"),
    ("cooperating", rf"(?:配合|参与|协办|协助|协同|支持|会办|参加)(?:责任)?{_BODY}"),
    ("responsible", rf"(?:责任|承办|落实|实施|负责|具体责任|办理|执行){_BODY}"),
    (
        "deadline",
        r"(?:完成|办结|整改|落实|办理|工作|时间|任务)?(?:时限|期限)(?:要求)?|完成时间|完成日期|时间节点|时间要求|办结时间|截止(?:时间|日期)",
    ),
    ("lead", r"lead(?:ing)?(?: +(?:unit|department|agency|office)s?)?"),
    ("cooperating", r"(?:cooperating|supporting|support|with)(?: +(?:unit|department|agency|office)s?)?"),
    ("responsible", r"responsible(?: +(?:unit|department|agency|office|party))?s?"),
    ("deadline", r"due(?: +date)?|deadline|time limit"),
)
LABEL = re.compile(
    "(?:"
    + "|".join(f"(?P<k{n}>{pattern})" for n, (_, pattern) in enumerate(_KINDS))
    + r")(?:（[^（）]{1,12}）)?(?:】[:：]?| {0,3}[:：])",
    re.IGNORECASE,
)


LABEL_LINE = re.compile(rf"[【\[（(—·\- ]{{0,3}}{LABEL.pattern}", re.IGNORECASE)


def kind_of(match: re.Match[str]) -> LabelKind:
    """What a match of `LABEL` introduces."""
    assert match.lastgroup is not None
    return _KINDS[int(match.lastgroup[1:])][0]

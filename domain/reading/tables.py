"""Tasks in tables: with a header (责任单位, 完成时限) by its columns, without one by the organ heading a row."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from domain.reading.brackets import outer_brackets
from domain.reading.confidence import Doubt
from domain.reading.draft import Draft
from domain.reading.duty import Duty, parse_duty
from domain.reading.lines import Line
from domain.reading.numbering import find_mark
from domain.reading.organs import is_collective, looks_like_organ, split_names
from domain.reading.outline import Node

Column = Literal["number", "lead", "cooperating", "responsible", "deadline", "task", "other"]
_HEADS: tuple[tuple[Column, re.Pattern[str]], ...] = (
    ("number", re.compile(r"^(?:序号|编号|项号|no\.?|#|item)$", re.IGNORECASE)),
    ("other", re.compile(r"分值|得分|说明|备注|责任人|领导|联系人|电话|进展|完成情况|^note", re.IGNORECASE)),
    ("lead", re.compile(r"牵头|主办|主责|^lead", re.IGNORECASE)),
    ("cooperating", re.compile(r"配合|参与|协办|协同|^(?:support|cooperat)", re.IGNORECASE)),
    ("responsible", re.compile(r"(?:责任|承办|落实|实施|办理|负责).{0,4}(?:单位|部门|科室|处室)|^responsible", re.IGNORECASE)),
    ("deadline", re.compile(r"时限|期限|完成时间|时间节点|时间要求|办结时间|^(?:due|deadline)", re.IGNORECASE)),
    ("task", re.compile(r"任务|事项|内容|工作|措施|目标|项目|标准|要求|举措|问题|指标|^(?:task|action|work|matter)", re.IGNORECASE)),
)  # fmt: skip
_FIGURE = re.compile(r"^[\d.%％]{1,8}分?$")
_SECTION = re.compile(
    r"^[一二三四五六七八九十]{1,3}、|^（[一二三四五六七八九十]{1,3}）|^第[一二三四五六七八九十]{1,3}[部章类]"
)


@dataclass(slots=True)
class _State:
    """What carries down from row to row."""

    path: tuple[str, ...]
    columns: tuple[Column, ...] | None = None
    duty: Duty | None = None
    section_duty: Duty | None = None
    number: str = ""
    group: str = ""


def table_drafts(node: Node) -> list[Draft]:
    """The tasks of the table rows under a node, in printed order."""
    above = (*node.path, node.heading) if node.parent is not None else ()
    state = _State(above)
    drafts = []
    for row in node.rows:
        draft = _row(row, state, above)
        if draft is not None:
            drafts.append(draft)
    return drafts


def header_columns(cells: Sequence[str]) -> tuple[Column, ...] | None:
    """The columns of a header row; None when the row is no header."""
    found: list[Column] = []
    known = 0
    for cell in cells:
        short = len(cell) <= 14
        column: Column = next((c for c, head in _HEADS if short and head.search(cell)), "other")
        known += column != "other"
        found.append(column)
    named = [c for c in cells if c]
    plain = all(len(c) <= 14 and not _FIGURE.match(c) for c in named)
    return tuple(found) if known >= 2 and plain and len(named) >= 2 else None


def _is_one_organ(cell: str) -> bool:
    """Whether a cell is the name of one organ; 「重点考核部门」 is a group of them."""
    return (
        looks_like_organ(cell)
        and not is_collective(cell)
        and "、" not in cell
        and cell[-2:] not in {"单位", "部门"}
    )


def _row(row: Line, state: _State, above: tuple[str, ...]) -> Draft | None:
    cells = row.cells or ()
    columns = header_columns(cells)
    if columns is not None and not any(_is_one_organ(c) for c in cells):
        state.columns = columns
        return None
    if _section(cells, state, above):
        return None
    if state.columns and {"lead", "responsible"} & set(state.columns):
        return _by_columns(row, cells, state)
    return _by_heading_organ(row, cells, state)


def _section(cells: Sequence[str], state: _State, above: tuple[str, ...]) -> bool:
    """A row that is a heading over the rows below: numbered 一、, or with one cell filled."""
    filled = [c for c in cells if c and not _FIGURE.match(c)]
    if not filled:
        return True
    alone = (
        len(filled) == 1 and len(set(cells)) <= 2 and len(filled[0]) <= 60 and not filled[0].endswith("。")
    )
    if not (alone or _SECTION.match(filled[0])) or any(looks_like_organ(c) for c in filled[1:]):
        return False
    heading = "".join(filled[:2]) if find_mark(filled[0]) and len(filled[0]) <= 5 else filled[0]
    duties = [parse_duty(b.content, bare_allowed=True) for b in outer_brackets(heading)]
    state.path = (*above, heading)
    state.duty = None
    state.number = state.group = ""
    state.section_duty = next((d for d in duties if d is not None and d.names_somebody), None)
    return True


def _by_columns(row: Line, cells: Sequence[str], state: _State) -> Draft | None:
    values: dict[Column, list[str]] = {}
    for column, cell in zip(state.columns or (), cells, strict=False):
        if cell:
            values.setdefault(column, []).append(cell)
    tasks = list(dict.fromkeys(values.get("task", [])))
    if not tasks:
        return None
    duty = _cell_duty(values)
    reasons: tuple[Doubt, ...] = ()
    if duty.names_somebody:
        state.duty = duty
    elif state.duty is not None:
        duty = Duty(
            state.duty.lead, state.duty.responsible, state.duty.cooperating, duty.deadlines, state.duty.order
        )
        reasons = (Doubt.CARRIED_DOWN,)
    else:
        return None
    state.number = values.get("number", [state.number])[0]
    text = "\n".join(tasks)
    return Draft(state.number, state.path, (row,), text, (duty,), reasons)


def _cell_duty(values: dict[Column, list[str]]) -> Duty:
    def names(column: Column) -> tuple[str, ...]:
        return split_names("、".join(values.get(column, []))) if column in values else ()

    lead, helping, responsible = names("lead"), names("cooperating"), names("responsible")
    spoken = parse_duty("，".join(values.get("responsible", [])))
    deadlines = tuple(values.get("deadline", []))
    if spoken is not None and spoken.names_somebody and not lead and not helping:
        return Duty(
            spoken.lead,
            spoken.responsible,
            spoken.cooperating,
            deadlines,
            spoken.order,
            rule=spoken.rule,
            labelled=True,
        )
    order = tuple(dict.fromkeys(lead + responsible + helping))
    if lead:
        return Duty(lead, (), tuple(n for n in order if n not in lead), deadlines, order, labelled=True)
    return Duty((), responsible, helping, deadlines, order, labelled=True)


def _by_heading_organ(row: Line, cells: Sequence[str], state: _State) -> Draft | None:
    at = next((i for i, c in enumerate(cells) if _is_one_organ(c)), None)
    reasons: tuple[Doubt, ...] = ()
    if at is not None:
        names = (cells[at],)
        state.duty = Duty(responsible=names, order=names, labelled=True)
        before = [c for c in cells[:at] if c]
        state.number = next((c for c in before if _FIGURE.match(c)), "")
        state.group = next((c for c in before if not _FIGURE.match(c)), state.group)
        rest = cells[at + 1 :]
    elif state.duty is not None:
        reasons, rest = (Doubt.CARRIED_DOWN,), cells
    elif state.section_duty is not None:
        state.number = cells[0] if _FIGURE.match(cells[0]) else ""
        reasons, rest = (Doubt.INHERITED,), cells[1:]
    else:
        return None
    duty = state.duty or state.section_duty
    texts = list(dict.fromkeys(c for c in rest if c and not _FIGURE.match(c)))
    if duty is None or not texts:
        return None
    path = (*state.path, state.group) if state.group and state.duty is not None else state.path
    return Draft(state.number, path, (row,), "\n".join(texts), (duty,), reasons)

"""A table pasted from a spreadsheet: one task a row, its columns by their heads or in the usual order."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.errors import InvalidInputError
from domain.phrases import label_phrases
from domain.reading.head import secrecy_mark
from domain.reading.lines import logical_lines
from domain.reading.model import Anchor, Paragraph, Reading, ReadItem, RoleMode, sha256_of
from domain.reading.organs import is_collective, split_names

MOST_ROWS = 2000
ORDER = ("number", "text", "lead", "cooperating", "due")
"""The columns of a table without heads."""
HEADS = {
    "number": "序号 编号 number no no. #",
    "text": "事项 任务 内容 工作任务 重点任务 工作内容 任务内容 事项内容 text task item",
    "lead": "牵头 牵头单位 牵头部门 责任单位 主办单位 承办单位 责任部门 lead leadunit responsible unit",
    "cooperating": "配合 配合单位 配合部门 协办单位 参与单位 cooperating cooperatingunits",
    "due": "时限 完成时限 完成时间 办理时限 期限 截止时间 due duedate deadline",
}
_MEANS = {word: column for column, words in HEADS.items() for word in words.split()}
_ASIDE = re.compile(r"（.*?）|\(.*?\)|\s")


def read_pasted(text: str, title: str) -> Reading:
    """The tasks of a pasted table; an anchor's paragraph is the line of `text`, counted from 0.

    Of a marked paper only the mark is read. Raises InvalidInputError for an empty table, and for every row that has no text.
    """
    mark = secrecy_mark(logical_lines([Paragraph(line) for line in (title, *text.splitlines())]))
    if mark:
        return Reading(title, None, None, mark, (), (), None)
    rows = [row for row in _rows(text) if any(row.cells)]
    if not rows:
        raise InvalidInputError("The table is empty.")
    if len(rows) > MOST_ROWS:
        raise InvalidInputError("The table has more than %(most)s rows.", most=MOST_ROWS)
    columns = _heads(rows[0].cells)
    tasks = rows[1:] if columns else rows
    columns = columns or {name: at for at, name in enumerate(ORDER)}
    items = tuple(_item(place, row, _named(row.cells, columns)) for place, row in enumerate(tasks, 1))
    bare = [row for row, item in zip(tasks, items, strict=True) if not item.text]
    if bare or not items:
        said = (InvalidInputError("[%(row)s] The row says no task.", row=str(row.line + 1)) for row in bare)
        raise InvalidInputError("The table holds rows that are no tasks.", problems=tuple(said))
    return Reading(title, None, None, None, items, (), None)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the table: the line it begins on, counted from 0, the lines as pasted, its cells."""

    line: int
    quote: str
    cells: tuple[str, ...]


def _rows(text: str) -> Iterator[_Row]:
    """The rows; a cell in quotation marks may run over several lines."""
    lines = text.splitlines()
    reader = csv.reader([f"{line}\n" for line in lines], delimiter="\t" if "\t" in text else ",")
    begins = 0
    try:
        for cells in reader:
            quote = "\n".join(lines[begins : reader.line_num])
            yield _Row(begins, quote, tuple(" ".join(cell.split()) for cell in cells))
            begins = reader.line_num
    except csv.Error as error:
        raise InvalidInputError("Line %(row)s cannot be read as a row.", row=str(begins + 1)) from error


def _heads(row: Sequence[str]) -> dict[str, int]:
    """Which column is where, when the row is one of heads; empty when it is a task already."""
    found: dict[str, int] = {}
    for at, cell in enumerate(row):
        meaning = _MEANS.get(_ASIDE.sub("", cell).casefold())
        if meaning:
            found.setdefault(meaning, at)
    return found if "text" in found else {}


def _named(row: Sequence[str], columns: Mapping[str, int]) -> dict[str, str]:
    return {name: row[at] if (at := columns.get(name, len(row))) < len(row) else "" for name in ORDER}


def _item(place: int, row: _Row, said: Mapping[str, str]) -> ReadItem:
    lead, beside = split_names(said["lead"]), split_names(said["cooperating"])
    everybody = tuple(dict.fromkeys((*lead, *beside)))
    mode: RoleMode = "single" if len(everybody) < 2 else "explicit_lead" if lead else "joint"
    return ReadItem(
        number=said["number"] or str(place),
        heading_path=(),
        text=said["text"],
        lead_units=lead,
        cooperating_units=tuple(name for name in beside if name not in lead),
        units_all=everybody,
        collectives=tuple(name for name in everybody if is_collective(name)),
        role_mode=mode,
        deadlines=label_phrases(said["due"]) if said["due"] else (),
        anchor=Anchor(row.line, 0, len(row.quote), sha256_of(row.quote)),
        confidence=1.0,
    )

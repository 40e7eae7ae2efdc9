"""Organisation tables (CSV, XLSX): which column means what, in either language, and who is whose superior."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from domain.errors import InvalidInputError
from domain.organisation import OrganisationPlan, plan_organisation
from domain.organisation_fields import NOWHERE, UnitDraft, shown, tidy

HEADER_WITHIN = 20  # rows; above the header a table has its title and a remark at most
FIELD_WORDS = {
    "name": "名称 单位 单位名称 机构名称 name unit unitname",
    "code": "代码 编码 单位代码 单位编码 机构代码 code unitcode",
    "parent": "上级 上级单位 上级名称 上级代码 上级编码 上级单位代码 上级单位名称 隶属 parent parentcode parentunit superior",
    "kind": "类型 类别 单位类型 单位类别 单位性质 type kind",
    "aliases": "别名 简称 其他名称 alias aliases shortname",
    "email": "邮箱 邮件 电子邮箱 电子邮件 email e-mail mail",
    "group": "分组 组别 group",
    "post": "联络岗 联络岗位 联络员岗位 liaisonpost post",
}
MEANING = {word: field for field, words in FIELD_WORDS.items() for word in words.split()}
NOT_MEANT = re.compile(r"\(.*?\)|[\s*:_]")  # 「名称（必填）*」 means 名称
BETWEEN_ALIASES = re.compile(r"[、，,；;|\n]")
ANSWERS = {"": None} | dict.fromkeys(("是", "有", "yes", "y", "true", "1"), True)
ANSWERS |= dict.fromkeys(("否", "无", "没有", "no", "n", "false", "0"), False)

Row = tuple[int, tuple[str, ...]]  # line number as a reader counts, texts of the cells
Unit = tuple[str, Mapping[str, str]]  # line number, text of each field


def plan_table(rows: Iterable[Row]) -> OrganisationPlan:
    """The organisation in the rows of a table, whose header row is found by the words in it.

    A superior is named by code or, where the name stands once in the file, by name. Raises
    InvalidInputError without a header and for every bad unit.
    """
    filled = [(number, cells) for number, cells in rows if any(cells)]
    if not filled:
        raise InvalidInputError("The file is empty.")
    start, columns = _header(filled)
    header = filled[start][1]
    problems: list[InvalidInputError] = []
    units: list[Unit] = []
    for number, cells in filled[start + 1 :]:
        row = str(number)
        if any(cells[len(header) :]):
            problems.append(InvalidInputError("[%(row)s] The line has more cells than the header.", row=row))
        units.append((row, {field: cells[at] for field, at in columns.items() if at < len(cells)}))
    superiors = _superiors(units, problems)
    drafts = [
        _draft(row, fields, parent, problems) for (row, fields), parent in zip(units, superiors, strict=True)
    ]
    ignored = tuple(text for at, text in enumerate(header) if text and at not in columns.values())
    return plan_organisation(drafts, problems, ignored)


def _meaning(cell: str) -> str | None:
    return MEANING.get(NOT_MEANT.sub("", unicodedata.normalize("NFKC", cell).casefold()))


def _header(filled: Sequence[Row]) -> tuple[int, dict[str, int]]:
    """Which of the rows is the header, and the column of each field in it."""
    for start, (number, cells) in enumerate(filled[:HEADER_WITHIN]):
        meanings = [_meaning(cell) for cell in cells]
        fields = [field for field in meanings if field is not None]
        if "name" in fields and len(fields) > 1:
            twice = next((field for field in fields if fields.count(field) > 1), None)
            if twice is not None:
                raise InvalidInputError(
                    "[%(row)s] Two columns of the header mean %(field)s.", row=str(number), field=twice
                )
            return start, {field: meanings.index(field) for field in fields}
    raise InvalidInputError("No header row found: it needs the columns 名称 (name) and 上级 (parent).")


def _superiors(units: Sequence[Unit], problems: list[InvalidInputError]) -> list[int | None]:
    """The index of each unit's superior; what cannot be found goes to `problems` and is NOWHERE."""
    by_code: dict[str, int] = {}
    by_name: defaultdict[str, list[int]] = defaultdict(list)
    for at, (_, fields) in enumerate(units):
        by_code.setdefault(tidy(fields.get("code", "")), at)
        by_name[tidy(fields.get("name", ""))].append(at)
    superiors: list[int | None] = []
    for row, fields in units:
        named = tidy(fields.get("parent", ""))
        matches = [by_code[named]] if named in by_code else by_name.get(named, [])
        if named and len(matches) != 1:
            problems.append(_superior_problem(row, named, len(matches)))
        superiors.append(None if not named else matches[0] if len(matches) == 1 else NOWHERE)
    return superiors


def _superior_problem(row: str, named: str, count: int) -> InvalidInputError:
    if count:
        return InvalidInputError(
            "[%(row)s] The superior %(name)s stands %(count)s times in the file: give its code.",
            row=row,
            name=shown(named),
            count=count,
        )
    return InvalidInputError(
        "[%(row)s] The superior %(name)s is not in the file.", row=row, name=shown(named)
    )


def _draft(
    row: str, fields: Mapping[str, str], parent: int | None, problems: list[InvalidInputError]
) -> UnitDraft:
    answer = tidy(fields.get("post", "")).casefold()
    if answer not in ANSWERS:
        problems.append(
            InvalidInputError(
                "[%(row)s] %(answer)s is neither yes (是) nor no (否).", row=row, answer=shown(answer)
            )
        )
    return UnitDraft(
        row=row,
        name=fields.get("name", ""),
        parent=parent,
        kind=fields.get("kind", ""),
        code=fields.get("code", ""),
        aliases=tuple(_aliases(fields.get("aliases", ""))),
        email=fields.get("email", ""),
        group=fields.get("group", ""),
        post=ANSWERS.get(answer),
    )


def _aliases(cell: str) -> Iterator[str]:
    return (alias for alias in BETWEEN_ALIASES.split(cell) if alias.strip())

"""Organisation files as people have them: JSON, CSV and XLSX, right and wrong."""

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from domain.errors import DubanError, InvalidInputError, RefusedError
from domain.organisation import OrganisationPlan
from intake.organisation import MOST_BYTES, read_organisation

SAMPLES = Path(__file__).parents[2] / "samples"


def read(tmp_path: Path, content: bytes | str, tree: str | None = None) -> OrganisationPlan:
    path = tmp_path / "organisation"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_organisation(path, tree)


def refused(tmp_path: Path, content: bytes | str, tree: str | None = None) -> list[str]:
    """The sentence of the refusal when it has no problems, else these."""
    with pytest.raises(DubanError) as refusal:
        read(tmp_path, content, tree)
    problems = getattr(refusal.value, "problems", ())
    return [str(problem) for problem in problems] or [str(refusal.value)]


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    book.close()
    return out.getvalue()


def rebuilt(xlsx: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The same XLSX with something else in one of its parts."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data.replace(old, new) if name == part else data)
    return out.getvalue()


# JSON


@pytest.mark.parametrize(
    ("tree", "units"),
    [
        ("org1_district_12_towns_92_members", 115),
        ("org2_shicheng_county", 44),
        ("org3_tongchuan_city", 73),
        ("杭州市", 58),
        ("上海市", 75),
    ],
)
def test_the_trees_of_real_places_are_read_whole(shared_dir: Path, tree: str, units: int) -> None:
    plan = read_organisation(shared_dir / "orgs.json", tree)

    assert len(plan.units) == units
    assert len({unit.code for unit in plan.units}) == units
    assert "group" not in {unit.kind for unit in plan.units}
    assert plan.ignored == ("verified",)


def test_of_several_trees_one_must_be_named(tmp_path: Path) -> None:
    trees = [{"id": "a", "name": "甲市", "root": {"name": "甲"}}, {"id": "b", "root": {"name": "乙"}}]
    content = json.dumps({"trees": trees})

    assert read(tmp_path, content, "甲市").name == "甲"
    assert read(tmp_path, content, "b").name == "乙"
    assert read(tmp_path, content, "乙").name == "乙"
    sentence = ["Name the one tree that is meant: the file holds a, b."]
    assert refused(tmp_path, content) == sentence
    assert refused(tmp_path, content, "c") == sentence


def test_the_place_of_a_problem_is_its_path_in_the_file(tmp_path: Path) -> None:
    town = {"name": "镇", "email": "a,b@c.example"}
    group = {"name": "组", "type": "group", "children": [town, 7]}
    content = json.dumps({"trees": [{"id": "a", "root": {"name": "甲", "children": [group]}}]})

    assert sorted(told.split("]")[0] for told in refused(tmp_path, content)) == [
        "[/trees/0/root/children/0/children/0",
        "[/trees/0/root/children/0/children/1",
    ]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": 7}, "name is not a text."),
        ({"code": 7}, "code is not a text."),
        ({"post": "yes"}, "post is neither true nor false."),
        ({"aliases": "甲"}, "aliases is not a list."),
        ({"aliases": ["甲", 7]}, "aliases is not a text."),
        ({"children": {}}, "children is not a list."),
    ],
)
def test_a_value_of_another_type_is_told(tmp_path: Path, fields: dict[str, Any], problem: str) -> None:
    assert f"[/root] {problem}" in refused(tmp_path, json.dumps({"root": {"name": "甲"} | fields}))


def test_the_liaison_post_is_yes_no_or_not_said(tmp_path: Path) -> None:
    children = [{"name": "a", "post": True}, {"name": "b", "post": False}]
    plan = read(tmp_path, json.dumps({"root": {"name": "甲", "children": children}}))

    assert [unit.post for unit in plan.units] == [None, True, False]


@pytest.mark.parametrize("levels", [13, 1_000, 10_000])
def test_a_tree_too_deep_is_refused_with_a_sentence(tmp_path: Path, levels: int) -> None:
    content = '{"root":' + '{"name":"a","children":[' * levels + "]}" * levels + "}"

    (told,) = refused(tmp_path, content)

    assert "too deep" in told or "levels deep" in told


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "The file is empty."),
        ("\ufeff \n ", "The file is empty."),
        ("[]", "The JSON file holds no organisation"),
        ("{}", "The JSON file holds no organisation"),
        ('{"trees": {"root": {}}}', "The JSON file holds no organisation"),
        ('{"trees": [{"id": "a"}, 7]}', "The JSON file holds no organisation"),
        ('{"root": {"name": "甲"}', "The file is not readable as JSON"),
        ('{"root": {"name": "甲", "name": "乙"}}', "An object of the JSON file holds name twice."),
        ('{"root": {"name": "\\ud800"}}', "[/root] A text holds characters that cannot be seen: U+D800."),
        ('{"root": 7}', "[/root] A unit is an object with a name."),
        ('{"root": {"name": "甲"}}'.encode("gb18030"), "A JSON file is in UTF-8; this one is not."),
        ("{" + "1" * 5000, "The file is not readable as JSON"),
    ],
)
def test_what_is_no_organisation_is_refused(tmp_path: Path, content: bytes | str, sentence: str) -> None:
    assert refused(tmp_path, content)[0].startswith(sentence)


# CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_csv_is_read_in_the_encodings_of_spreadsheets(tmp_path: Path, encoding: str, line_end: str) -> None:
    lines = ["代码,名称,上级", "A,芸溪市,", "B,市教育局,A", "C,教研室,市教育局"]

    plan = read(tmp_path, line_end.join(lines).encode(encoding))

    assert [(unit.code, unit.name, unit.parent_code, unit.row) for unit in plan.units] == [
        ("A", "芸溪市", "", "2"),
        ("B", "市教育局", "A", "3"),
        ("C", "教研室", "B", "4"),
    ]


def test_the_header_is_found_by_meaning_below_a_title(tmp_path: Path) -> None:
    content = "单位名录;;;;\n\nUnit Name*;Parent（必填）;E-mail;Remark;Short name\n甲市;;;x;\n乙局;甲市;b@c.example;;乙、 B\n"

    plan = read(tmp_path, content)

    assert plan.ignored == ("Remark",)
    assert (plan.units[1].aliases, plan.units[1].email, plan.units[1].row) == (
        ("乙", "B"),
        "b@c.example",
        "5",
    )


def test_groups_in_a_table_are_a_column_or_lines_of_their_own(tmp_path: Path) -> None:
    by_column = read(tmp_path, "名称,上级,分组\n甲市,,\n乙局,甲市,市直单位\n")
    by_line = read(tmp_path, "名称,上级,类型\n甲市,,\n市直单位,甲市,分组\n乙局,市直单位,部门\n")

    assert [(unit.name, unit.group, unit.parent_code) for unit in by_column.units] == [
        (unit.name, unit.group, unit.parent_code) for unit in by_line.units
    ]


def test_a_line_number_is_where_a_record_begins(tmp_path: Path) -> None:
    content = '名称,上级,别名\n甲市,,"一\n二"\n乙局,丙,\n'

    assert refused(tmp_path, content) == ["[4] The superior 丙 is not in the file."]


@pytest.mark.parametrize(
    ("lines", "problems"),
    [
        ("甲,\n乙,丙", ["[3] The superior 丙 is not in the file."]),
        ("甲,\n乙,甲\n丙,甲\n科,乙\n科,丙\n员,科", ["[7] The superior 科 stands 2 times in the file: give its code."]),
        ("甲,\n乙,乙", ["[3] 乙 is its own superior, directly or over others."]),
        ("甲,\n乙,甲,多", ["[3] The line has more cells than the header."]),
        ("甲,\n,甲", ["[3] The name is missing."]),
    ],
)  # fmt: skip
def test_a_wrong_line_is_told_by_its_number(tmp_path: Path, lines: str, problems: list[str]) -> None:
    assert refused(tmp_path, f"名称,上级\n{lines}\n") == problems


def test_every_wrong_line_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    content = "名称,上级,邮箱,联络岗\n甲,,x,是\n乙,丁,,也许\n乙\u200b,甲,,\n丙,甲,a@b.example,没有\n"

    assert refused(tmp_path, content) == [
        "[3] The superior 丁 is not in the file.",
        "[3] 也许 is neither yes (是) nor no (否).",
        "[2] x is not one plain e-mail address.",
        "[4] A text holds characters that cannot be seen: U+200B.",
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("\n,,\n", "The file is empty."),
        ("甲,乙\n丙,丁\n", "No header row found"),
        ("名称\n甲\n", "No header row found"),
        ("名称,上级,单位\n甲,,\n", "[1] Two columns of the header mean name."),
        ("名称,上级\n", "The file holds no unit."),
        ('名称,上级\n"甲,\n', "[2] The CSV cannot be read"),
        (b"\x89PNG\r\n\x1a\n\0\0", "This is a binary file"),
        (b"\xff\xfe\x00\x54", "This is a binary file"),
        (b"\xff\xff\xff", "The CSV is neither in UTF-8 nor in GB18030."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "This is an old Excel file: save it as XLSX."),
        (b"a" * (MOST_BYTES + 1), "organisation is larger than"),
    ],
)
def test_a_table_that_cannot_be_one_is_refused(tmp_path: Path, content: bytes | str, sentence: str) -> None:
    assert refused(tmp_path, content)[0].startswith(sentence)


def test_no_tree_can_be_chosen_in_a_table(tmp_path: Path) -> None:
    assert refused(tmp_path, "名称,上级\n甲,\n", "甲") == [
        "A table holds one organisation alone: no tree can be chosen in it."
    ]


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"^nowhere\.csv cannot be read: No such file"):
        read_organisation(tmp_path / "nowhere.csv")


# XLSX


def test_the_cells_of_a_workbook_are_read_as_they_are_seen(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["名录"],
        ["代码", "名称", "上级", "联络岗"],
        [1, "甲市", None, True],
        [1e16, "乙局", 1, "否"],
    ]

    plan = read(tmp_path, workbook(rows))

    assert [(unit.row, unit.code, unit.parent_code, unit.post) for unit in plan.units] == [
        ("3", "1", "", True),
        ("4", "10000000000000000", "1", False),
    ]


def test_a_workbook_that_states_a_wrong_size_is_read_whole(tmp_path: Path) -> None:
    content = workbook([["名称", "上级"], ["甲市", None], ["乙局", "甲市"]])
    lying = rebuilt(content, "xl/worksheets/sheet1.xml", b'ref="A1:B3"', b'ref="A1:A1"')

    assert lying != content
    assert len(read(tmp_path, lying).units) == 2


def test_a_workbook_that_would_unpack_to_too_much_is_refused_unopened(tmp_path: Path) -> None:
    content = workbook([["名称", "上级"]])
    bomb = rebuilt(content, "xl/worksheets/sheet1.xml", b"</worksheet>", b" " * 30_000_000 + b"</worksheet>")

    assert len(bomb) < 100_000
    assert refused(tmp_path, bomb)[0].startswith("The XLSX would unpack to too much")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_workbook_with_entities_of_its_own_is_refused(tmp_path: Path, encoding: str) -> None:
    sheet = '<!DOCTYPE x [<!ENTITY a "ha">]><worksheet/>'.encode(encoding)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet)

    path = tmp_path / "a.xlsx"
    path.write_bytes(out.getvalue())
    with pytest.raises(RefusedError, match="entities of its own"):
        read_organisation(path)


@pytest.mark.parametrize("length", [30, 1_000, 3_000])
def test_a_damaged_workbook_is_refused_with_a_sentence(tmp_path: Path, length: int) -> None:
    assert refused(tmp_path, workbook([["名称", "上级"]])[:length])[0].startswith("The XLSX cannot be read")


def test_a_zip_that_is_no_workbook_is_refused_with_a_sentence(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "甲")

    assert refused(tmp_path, out.getvalue()) == ["The XLSX cannot be read: KeyError"]


def test_a_table_without_an_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intake.organisation_rows.MOST_ROWS", 3)

    rows: list[list[Any]] = [["名称", "上级"]] * 4

    assert refused(tmp_path, workbook(rows)) == ["The table has more than 3 rows."]


def test_a_date_or_a_broken_number_in_a_cell_is_a_text(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["代码", "名称", "上级"], [1.5, "甲市", None], [None, date(2026, 1, 5), 1.5]]

    plan = read(tmp_path, workbook(rows))

    assert [(unit.code, unit.name, unit.parent_code) for unit in plan.units] == [
        ("1.5", "甲市", ""),
        ("01.001", "2026-01-05", "1.5"),
    ]


# The same organisation in three forms


def test_the_sample_town_is_the_same_in_every_form(tmp_path: Path) -> None:
    lines = (SAMPLES / "town.csv").read_text("utf-8-sig").splitlines()
    from_xlsx = read(tmp_path, workbook([line.split(",") for line in lines]))
    from_csv = read_organisation(SAMPLES / "town.csv")
    from_json = read_organisation(SAMPLES / "town.json")

    def without_rows(plan: OrganisationPlan) -> list[dict[str, Any]]:
        return [vars(unit) | {"row": ""} for unit in plan.units]

    assert without_rows(from_json) == without_rows(from_csv) == without_rows(from_xlsx)

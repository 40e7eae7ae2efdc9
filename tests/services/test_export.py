import csv
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.export import export, write_letters
from services.sheets import STARTS, Sheets, disarmed, is_formula
from tests.office import BEGINS, HANDLING, Scene, both

FORMULA = '=HYPERLINK("http://evil.example";"看")'


def rows_of(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as source:
        return list(csv.reader(source))


@both
def test_every_task_stands_in_both_tables(scene: Scene, tmp_path: Path) -> None:
    scene.begin(scene.item(("A", HANDLING), ("B", HANDLING), text=FORMULA))

    counts = export(scene.office, tmp_path / "out", BEGINS, "zh_CN")

    assert counts == {"unit_tasks": 2, "letters": 0}
    header, *rows = rows_of(tmp_path / "out" / "unit_tasks.csv")
    assert header[:3] == ["序号", "文件", "事项"]
    assert [row[7] for row in rows] == ["市教育局", "市财政局"]
    assert [row[9] for row in rows] == ["已交办", "已交办"]
    assert rows[0][4] == "'" + FORMULA
    sheet = openpyxl.load_workbook(tmp_path / "out" / "unit_tasks.xlsx").active
    assert sheet is not None
    cell = sheet.cell(2, 5)
    assert (cell.value, cell.data_type) == (FORMULA, "s")
    assert [c.value for c in sheet[1]] == header


def test_letters_are_exported_and_written_as_texts(scene: Scene, tmp_path: Path) -> None:
    scene.begin(scene.item(("A", HANDLING)))
    scene.live(BEGINS + timedelta(days=90))

    counts = export(scene.office, tmp_path, BEGINS + timedelta(days=90), "en")
    written = write_letters(scene.office, tmp_path / "letters")

    rows = rows_of(tmp_path / "letters.csv")
    assert len(rows) - 1 == counts["letters"] > 0
    issued = [row for row in rows[1:] if row[1]]
    texts = [file.read_text(encoding="utf-8") for file in sorted((tmp_path / "letters").iterdir())]
    assert len(texts) == written == len(issued)
    for row, content in zip(issued, texts, strict=True):
        assert row[1] in content


def test_a_csv_file_begins_with_a_byte_order_mark(scene: Scene, tmp_path: Path) -> None:
    export(scene.office, tmp_path, BEGINS, "en")

    for name in ("unit_tasks.csv", "letters.csv"):
        assert (tmp_path / name).read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("start", sorted(STARTS))
def test_a_text_that_begins_like_a_formula_is_disarmed(start: str) -> None:
    assert disarmed(f"{start}1+1") == f"'{start}1+1"
    assert disarmed(f" {start}1+1") == f"' {start}1+1"


def test_figures_and_plain_texts_stay_as_they_are() -> None:
    assert [disarmed(value) for value in (-5, None, "市教育局", "", "a=b")] == [
        "-5",
        "",
        "市教育局",
        "",
        "a=b",
    ]


@given(st.text(max_size=30))
def test_nothing_in_csv_begins_like_a_formula(text: str) -> None:
    assert not is_formula(disarmed(text))


def test_what_no_spreadsheet_can_hold_is_replaced_and_what_is_too_long_is_cut(tmp_path: Path) -> None:
    with Sheets(tmp_path, "sheet", ["a"]) as sheets:
        sheets.add(["\x00\x1b\ud800\uffff"])
        sheets.add(["长" * 40_000])

    assert rows_of(sheets.csv)[1] == ["\N{REPLACEMENT CHARACTER}" * 4]
    sheet = openpyxl.load_workbook(sheets.xlsx).active
    assert sheet is not None
    assert sheet["A2"].value == "\N{REPLACEMENT CHARACTER}" * 4
    assert len(str(sheet["A3"].value)) == 32_000


def test_a_fault_in_the_middle_leaves_no_xlsx(tmp_path: Path) -> None:
    sheets = Sheets(tmp_path, "sheet", ["a"])

    with pytest.raises(TypeError), sheets:
        sheets.add(None)  # type: ignore[arg-type] # a row that is none

    assert sheets.csv.exists()
    assert not sheets.xlsx.exists()

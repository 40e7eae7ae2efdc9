"""The demo as a program, with a paper and an organisation of one's own; short, since it plays on the real engine."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import TOWN, Shell
from tests.cli.test_command_line import child

UNITS = "代码,名称,上级,类型\nA,芸溪市,,市\nA1,市教育局,A,部门\nA2,市财政局,A,部门\n"
PAPER = (
    "芸溪市人民政府办公室关于印发《2026年重点工作》的通知\n二、重点任务\n"
    "1.增加学位。2026年2月28日前交付使用。（牵头单位：市教育局；配合单位：市财政局、星际开发局）\n"
)


@pytest.fixture
def own(tmp_path: Path) -> tuple[str, ...]:
    """Options for a paper and an organisation of one's own."""
    (tmp_path / "paper.txt").write_text(PAPER, encoding="utf-8")
    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    return ("--document", str(tmp_path / "paper.txt"), "--org", str(tmp_path / "units.csv"))


def test_a_year_is_one_json_object_and_everything_lies_where_it_says(
    own: tuple[str, ...], tmp_path: Path
) -> None:
    kept, data = tmp_path / "kept", tmp_path / "data"

    done = child(
        "demo", "--once", "--json", *own, "--seed", "3", "--keep", str(kept), DUBAN_DATA_DIR=str(data)
    )

    assert (done.returncode, done.stderr) == (0, "")
    figures = json.loads(done.stdout)
    assert (figures["seed"], figures["year"], figures["units"], figures["items"]) == (3, 2026, 3, 1)
    assert figures["unmatched_units"] == 1
    assert figures["open_unit_tasks"] == figures["workflows_failed"] == figures["mails_failed"] == 0
    assert figures["faults"] == []
    assert figures["audit_ok"] is figures["invariants_ok"] is figures["ladder_ok"] is True
    assert (kept / "duban.sqlite").is_file()
    assert not data.exists()


@pytest.mark.parametrize(
    ("arguments", "piece"),
    [
        (("--document", "missing.txt"), "missing.txt cannot be read: there is no such file."),
        (("--document", "idle.txt"), "idle.txt holds no tasks: nothing was written."),
        (("--org", "missing.csv"), "missing.csv cannot be read"),
        (("--tree", "nowhere"), "Name the one tree that is meant"),
        (("--year", "1900"), "The value given for --year cannot be used."),
        (("--keep", "full"), "is not a new or empty folder."),
    ],
)
def test_what_cannot_be_played_is_refused_before_anything_is_written(
    bare: Shell, tmp_path: Path, arguments: tuple[str, str], piece: str
) -> None:
    (tmp_path / "idle.txt").write_text("关于放假的通知\n祝大家节日愉快。\n", encoding="utf-8")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    option, value = arguments
    path = tmp_path / value if option in {"--document", "--org", "--keep"} else value
    before = sorted(tmp_path.rglob("*"))

    said = bare("demo", "--once", "--json", option, path)

    assert (said.code, said.out) == (2, "")
    assert piece in said.err
    assert sorted(tmp_path.rglob("*")) == before


def test_a_tree_cannot_be_chosen_in_a_table(bare: Shell) -> None:
    assert bare("demo", "--once", "--org", TOWN, "--tree", "x", chinese=True).code == 2

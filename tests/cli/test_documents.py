from pathlib import Path

import pytest

from tests.cli.conftest import TOWN, Shell
from tests.conftest import ROOT

PAPER = ROOT / "samples" / "document.txt"


def test_a_paper_is_read_without_any_site(bare: Shell) -> None:
    read = bare.ok("document", "read", PAPER, "--json", "--published", "2026-01-05").json

    assert read["item_count"] == 23
    first = read["items"][0]
    assert first["lead_units"] == ["市教育局"]
    assert first["due"] == "2026-08-31"
    assert {
        "number",
        "heading_path",
        "collectives",
        "role_mode",
        "deadlines",
        "recurrence",
        "anchor",
        "confidence",
    } <= set(first)
    assert len(read["non_task_leaves"]) == 3
    assert not bare.data.exists()


def test_names_are_matched_to_the_units_of_a_file(bare: Shell, tmp_path: Path) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text(
        "二、任务\n1.修路。年底前完成。（牵头单位：市教育局；配合单位：星际开发局，各区县人民政府）\n"
    )

    read = bare.ok("document", "read", paper, "--org", TOWN, "--json").json

    matches = {one["name"]: one for one in read["items"][0]["matches"]}
    assert matches["市教育局"]["units"] == [{"code": "YX03", "name": "市教育局"}]
    assert matches["星际开发局"]["units"] == []
    assert len(matches["各区县人民政府"]["units"]) > 1
    assert read["unmatched"] == ["星际开发局"]


@pytest.mark.parametrize(
    ("chinese", "pieces"),
    [(False, ("lead", "23 items; 3 numbered paragraphs are no tasks.")), (True, ("牵头", "共 23 个事项"))],
)
def test_people_see_a_table_in_their_language(bare: Shell, chinese: bool, pieces: tuple[str, ...]) -> None:
    said = bare.ok("document", "read", PAPER, chinese=chinese).out

    assert "增加公办幼儿园学位" in said
    for piece in pieces:
        assert piece in said


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("missing.txt", None, "there is no such file"),
        ("empty.txt", b"", "it is empty"),
        ("blank.txt", b" \n\n", "there is no text in it"),
        ("binary.txt", bytes(range(256)) * 20, "it is no"),
        ("broken.docx", b"PK\x03\x04 broken", "no Word document"),
        ("paper.odt", b"x", "documents are read as"),
    ],
)
def test_a_file_that_is_no_paper_is_refused_with_its_reason(
    bare: Shell, tmp_path: Path, name: str, content: bytes | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)

    said = bare("document", "read", tmp_path / name, "--json")

    assert (said.code, said.out) == (2, "")
    assert reason in said.err or "it is neither" in said.err
    assert name in said.err


def test_a_day_that_does_not_exist_is_refused(bare: Shell) -> None:
    said = bare("document", "read", PAPER, "--published", "2026-02-30", chinese=True)

    assert (said.code, said.err) == (2, "2026-02-30 不是日期：请写实际存在的日期，例如 2026-09-30。\n")


def test_a_tree_needs_its_file(bare: Shell) -> None:
    assert bare("document", "read", PAPER, "--tree", "x").code == 2


def test_what_would_steer_a_terminal_is_not_printed(bare: Shell, tmp_path: Path) -> None:
    paper = tmp_path / "paper.txt"
    paper.write_text("二、任务\n1.修\x1b[31m路。年底前完成。（市教育局负责）\n" + "说明。\n" * 100)

    assert "\x1b" not in bare.ok("document", "read", paper).out

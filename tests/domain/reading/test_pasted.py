"""A pasted table: its columns, who is named in it, and what is no table."""

import pytest

from domain.errors import InvalidInputError
from domain.reading.model import Paragraph, quoted
from domain.reading.pasted import MOST_ROWS, read_pasted

TABS = "序号\t工作任务\t牵头单位\t配合单位\t完成时限\n1\t建成三所幼儿园\t市教育局\t市财政局、各区人民政府\t2026年9月底前\n"


def test_a_table_copied_from_a_spreadsheet_is_read_by_its_heads() -> None:
    reading = read_pasted(TABS, "学位")

    (item,) = reading.items
    assert (reading.title, item.number, item.text) == ("学位", "1", "建成三所幼儿园")
    assert (item.lead_units, item.cooperating_units) == (("市教育局",), ("市财政局", "各区人民政府"))
    assert (item.role_mode, item.collectives, item.deadlines) == (
        "explicit_lead",
        ("各区人民政府",),
        ("2026年9月底前",),
    )


def test_without_heads_the_usual_order_counts_and_a_row_may_be_short() -> None:
    first, second = read_pasted('1,"建成, 交付",市教育局,,2026-09-30\n2,修路', "题").items

    assert (first.text, first.role_mode, first.deadlines) == ("建成, 交付", "single", ("2026-09-30",))
    assert (second.text, second.units_all, second.deadlines) == ("修路", (), ())


def test_heads_may_stand_in_another_order_and_rows_get_a_number() -> None:
    (item,) = read_pasted("due,Task,Lead unit\n2026-09-30,Build,Office", "t").items

    assert (item.number, item.text, item.lead_units, item.deadlines) == (
        "1",
        "Build",
        ("Office",),
        ("2026-09-30",),
    )


def test_several_units_of_whom_none_is_said_to_lead_are_joint() -> None:
    (item,) = read_pasted("任务,配合单位\n修路,市交通运输局、市财政局", "题").items

    assert item.role_mode == "joint"


def test_an_anchor_points_at_the_lines_of_its_row() -> None:
    text = '1,"建成\n三所",市教育局\n\n2,修路,市交通运输局'
    lines = [Paragraph(line) for line in text.splitlines()]

    first, second = read_pasted(text, "题").items

    assert first.text == "建成 三所"
    assert quoted(lines, first.anchor) == '1,"建成\n三所",市教育局'
    assert quoted(lines, second.anchor) == "2,修路,市交通运输局"


@pytest.mark.parametrize("line", ["机密★10年", "秘密"])
def test_a_secrecy_mark_is_seen_in_the_table_and_in_its_title(line: str) -> None:
    assert read_pasted(f"{line}\n1,修路", "题").secrecy_mark == line[:2]
    assert read_pasted("1,修路", line).secrecy_mark == line[:2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        (" ,\n,", "empty"),
        ("序号,任务\n", "no tasks"),
        ("1,\n2,修路", "no tasks"),
        ("1,修路\n" * (MOST_ROWS + 1), "more than"),
        ('1,"' + "长" * 200_000 + '"', "cannot be read"),
    ],
)
def test_what_is_no_table_of_tasks_is_refused_with_its_rows(text: str, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        read_pasted(text, "题")


def test_every_row_without_a_task_is_named() -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_pasted("1,\n2,修路\n3,", "题")

    assert [str(problem) for problem in caught.value.problems] == [
        "[1] The row says no task.",
        "[3] The row says no task.",
    ]

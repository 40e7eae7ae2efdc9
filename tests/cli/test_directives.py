from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Shell, next_year

Paper = Callable[..., Path]
OPEN_ENDED = "修补破损路面。{year}年6月30日前完成。（市城市管理局、市交通运输局、星际开发局负责）"
READY = "增加学位。{year}年8月31日前完成。（牵头单位：市教育局；配合单位：市财政局）"
PAST = "清扫街道。2020年3月31日前完成。（牵头单位：市城市管理局）"


def test_a_draft_says_what_a_person_must_settle(shell: Shell, paper: Paper) -> None:
    said = shell.ok("directive", "draft", paper(READY, OPEN_ENDED))

    assert "To settle before it can be published: 2." in said.out
    assert "Item 2: no unit is named 星际开发局." in said.out
    assert "Item 2 names several units and no lead" in said.out
    assert "Item 1" not in said.out
    assert said.err == "Acted as supervision_office@YX.\n"


def test_what_a_draft_leaves_open_is_said_in_chinese_too(shell: Shell, paper: Paper) -> None:
    said = shell.ok("directive", "draft", paper(OPEN_ENDED), chinese=True)

    assert "发布前待明确：2 处。" in said.out
    assert "星际开发局" in said.out
    assert said.err == "办理账号：supervision_office@YX。\n"


def test_publishing_what_is_not_settled_is_refused_and_changes_nothing(shell: Shell, paper: Paper) -> None:
    shell.ok("directive", "draft", paper(READY, OPEN_ENDED, PAST))
    before = shell.counts()

    said = shell("directive", "publish", 1)

    assert said.code == 2
    assert said.err.splitlines()[0] == "Directive 1 is not ready to be published."
    assert "  Item 2: no unit is named 星际开发局." in said.err
    assert "  Item 3: its deadline 2020-03-31 is already past." in said.err
    assert shell.counts() == before
    assert shell.ok("directive", "list", "--json").json[0]["state"] == "draft"


def test_a_person_settles_a_draft_and_publishes_it(shell: Shell, paper: Paper) -> None:
    shell.ok("directive", "draft", paper(READY, OPEN_ENDED))

    shell.ok("directive", "assign", 1, 2, "--lead", "市城市管理局", "--drop-unmatched")
    published = shell.ok("directive", "publish", 1, "--json").json

    assert published["state"] == "published"
    assert published["acted_as"] == "leader@YX"
    item = shell.ok("directive", "status", 1, "--json").json["items"][1]
    assert item["units"] == ["市城市管理局", "市交通运输局"]
    shell.hand_out(later=timedelta(minutes=11))
    roles = {row["unit_name"]: row["role"] for row in shell.ok("unit-task", "list", "--json").json}
    assert roles == {
        "市教育局": "lead",
        "市财政局": "cooperating",
        "市城市管理局": "lead",
        "市交通运输局": "cooperating",
    }


def test_an_item_can_get_other_units_and_another_date(shell: Shell, paper: Paper) -> None:
    shell.ok("directive", "draft", paper(READY))
    day = next_year(9, 30)

    shell.ok(
        "directive",
        "assign",
        1,
        1,
        "--lead",
        "YX05",
        "--handling",
        "市财政局",
        "--remove",
        "市教育局",
        "--due",
        day,
    )

    item = shell.ok("directive", "status", 1, "--json").json["items"][0]
    assert (item["units"][1:], item["due_on"]) == (["市财政局"], day)
    assert "市教育局" not in item["units"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "Say what is to be changed."),
        (
            ("--lead", "市教育局", "--each-for-itself"),
            "Either a unit leads or each reports for itself, not both.",
        ),
        (("--lead", "火星局"), "No unit has the code or the name 火星局."),
        (("--lead", "市教育局", "--handling", "市教育局"), "A unit can be named in one role only."),
        (("--due", "2027-02-30"), "2027-02-30 is no date: write one that exists as 2026-09-30."),
        (("--due", "2020-01-31"), "The date 2020-01-31 is already past."),
        (("--due", "next week"), "next week is no date: write one that exists as 2026-09-30."),
    ],
)
def test_a_change_that_cannot_be_right_is_refused(
    shell: Shell, paper: Paper, options: tuple[str, ...], sentence: str
) -> None:
    shell.ok("directive", "draft", paper(READY))
    before = shell.counts()

    said = shell("directive", "assign", 1, 1, *options)

    assert (said.code, said.err) == (2, sentence + "\n")
    assert shell.counts() == before


def test_an_item_or_a_directive_that_is_not_there_is_refused(shell: Shell, paper: Paper) -> None:
    shell.ok("directive", "draft", paper(READY))

    assert shell("directive", "assign", 1, 9, "--each-for-itself").err == "Directive 1 has no item 9.\n"
    assert shell("directive", "publish", 9).err == "There is no directive 9.\n"
    assert shell("directive", "status", 9).err == "There is no directive 9.\n"
    assert shell("directive", "status", 1, "--page", 2).err == "There is no page 2: the last one is 1.\n"
    assert shell("directive", "status", 1, "--after", "X").err == "No unit has the code X.\n"


def test_a_paper_without_tasks_or_a_classified_one_is_not_kept(shell: Shell, tmp_path: Path) -> None:
    before = shell.counts()
    empty, secret = tmp_path / "empty.txt", tmp_path / "secret.txt"
    empty.write_text("关于放假的通知\n祝大家节日愉快。\n", encoding="utf-8")
    secret.write_text(
        "机密★1年\n关于工作的通知\n二、任务\n1.修路。年底前完成。（市教育局负责）\n", encoding="utf-8"
    )

    assert shell("directive", "draft", empty).err == "empty.txt holds no tasks: nothing was written.\n"
    assert "marked 机密" in shell("directive", "draft", secret).err
    assert shell.counts() == before


def test_a_policy_that_is_none_is_refused(shell: Shell, paper: Paper, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text('{"acknowledge_days": -3}')

    said = shell("directive", "draft", paper(READY), "--policy", policy)

    assert said.code == 2
    assert "This is no policy" in said.err


def test_a_publication_can_be_taken_back_during_its_hold(shell: Shell, paper: Paper) -> None:
    shell.ok("directive", "draft", paper(READY))
    shell.ok("directive", "publish", 1)

    said = shell.ok("directive", "take-back", 1)

    assert said.out == "Directive 1 is a draft again; no unit has heard of it.\n"
    assert shell.ok("directive", "status", 1, "--json").json["state"] == "draft"


def test_suspending_resuming_and_withdrawing(published: Shell) -> None:
    published.ok("directive", "suspend", 1, "--reason", "汛期")
    assert {row["state"] for row in published.ok("unit-task", "list", "--json").json} == {"suspended"}
    published.ok("directive", "resume", 1)
    assert {row["state"] for row in published.ok("unit-task", "list", "--json").json} == {"assigned"}

    said = published.ok("directive", "withdraw", 1, "--reason", "另有安排", chinese=True)

    assert said.out == "文件 1 已撤销，未办结的 2 项任务一并撤销。\n"
    again = published("directive", "withdraw", 1, "--reason", "另有安排")
    assert again.code == 2


def test_only_who_has_the_right_publishes(shell: Shell, paper: Paper) -> None:
    shell.ok("directive", "draft", paper(READY))
    before = shell.counts()

    said = shell("directive", "publish", 1, "--as", "unit_officer@YX03")

    assert said.code == 2
    assert "has not the right" in said.err
    assert shell.counts() == before


def test_the_same_key_acts_once(shell: Shell, paper: Paper) -> None:
    file = paper(READY)

    first = shell.ok("directive", "draft", file, "--key", "k1", "--json").json
    second = shell.ok("directive", "draft", file, "--key", "k1", "--json").json

    assert first["directive_id"] == second["directive_id"] == 1
    assert shell.counts()["directive"] == 1


def test_status_pages_through_units(published: Shell) -> None:
    found = published.ok("directive", "status", 1, "--json").json

    assert found["items"][0]["progress"]["unit_tasks"] == 2
    assert [unit["name"] for unit in found["units"]] == ["市城市管理局", "市交通运输局"]
    later = published.ok("directive", "status", 1, "--after", found["units"][0]["code"], "--json").json
    assert [unit["name"] for unit in later["units"]] == ["市交通运输局"]
    assert "市城市管理局" in published.ok("directive", "status", 1).out

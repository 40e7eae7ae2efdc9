from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Shell, next_year


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    file = tmp_path / "验收报告.txt"
    file.write_text("已验收。", encoding="utf-8")
    return file


def state_of(shell: Shell, unit_task_id: int) -> str:
    rows = {row["id"]: row["state"] for row in shell.ok("unit-task", "list", "--json").json}
    return str(rows[unit_task_id])


def test_a_unit_acknowledges_reports_and_hands_in_and_the_office_accepts(
    published: Shell, proof: Path
) -> None:
    said = published.ok("unit-task", "acknowledge", 1, chinese=True)
    assert said.out == "任务 1：已签收。\n"
    assert said.err.startswith("办理账号：unit_officer@YX")
    published.ok("unit-task", "report", 1, "--progress", 40, "--text", "已完成选址")
    published.ok("unit-task", "submit", 1, "--text", "已完成", "--evidence", proof)
    assert state_of(published, 1) == "submitted"

    published.ok("review", 1, "--return", "缺少照片")
    assert state_of(published, 1) == "returned"
    published.ok("unit-task", "submit", 1, "--text", "已补", "--evidence", proof)
    said = published.ok("review", 1, "--accept")

    assert said.out == "Unit task 1: accepted.\n"
    assert published.counts()["evidence"] == 2
    assert published.ok("directive", "status", 1, "--json").json["items"][0]["progress"]["accepted"] == 1


def test_a_file_given_by_two_units_is_shown_to_the_reviewer(published: Shell, proof: Path) -> None:
    for unit_task in (1, 2):
        published.ok("unit-task", "acknowledge", unit_task)
        published.ok("unit-task", "submit", unit_task, "--text", "已完成", "--evidence", proof)

    assert "The same file was given for unit task 1 too" in published.ok("review", 2, "--accept").out


def test_handing_in_what_cannot_be_handed_in_keeps_no_evidence(
    published: Shell, proof: Path, tmp_path: Path
) -> None:
    before = published.counts()
    program = tmp_path / "tool.exe"
    program.write_bytes(b"MZ")

    not_acknowledged = published("unit-task", "submit", 1, "--text", "已完成", "--evidence", proof)
    assert not_acknowledged.code == 2
    assert published.counts() == before
    published.ok("unit-task", "acknowledge", 1)
    before = published.counts()
    for evidence, piece in ((program, "tool.exe"), (tmp_path / "none.txt", "there is no such file")):
        said = published("unit-task", "submit", 1, "--text", "x", "--evidence", proof, "--evidence", evidence)
        assert said.code == 2
        assert piece in said.err
    assert published("unit-task", "submit", 1, "--text", "x").code == 2
    assert published.counts() == before


@pytest.mark.parametrize("progress", ["101", "-1", "half"])
def test_progress_that_is_no_per_cent_is_refused(published: Shell, progress: str) -> None:
    published.ok("unit-task", "acknowledge", 1)
    before = published.counts()

    said = published("unit-task", "report", 1, "--progress", progress, "--text", "x", chinese=True)

    assert said.code == 2
    assert said.err.splitlines()[0] == "--progress 的值无法使用。"
    assert published.counts() == before


def test_an_extension_is_asked_for_and_granted(published: Shell) -> None:
    published.ok("unit-task", "acknowledge", 1)
    published.ok("unit-task", "extend", 1, "--until", next_year(7, 30), "--reason", "汛期")
    row = published.ok("unit-task", "list", "--json").json[0]

    said = published.ok("decide-extension", row["extension"], "--until", next_year(7, 15), "--answer", "同意")

    assert said.out == f"Extension request 1 is granted: {next_year(7, 15)}.\n"
    assert published.ok("unit-task", "list", "--json").json[0]["extension"] is None
    again = published("decide-extension", 1, "--refuse", "--answer", "不同意")
    assert again.code == 2


def test_a_dispute_is_raised_and_the_task_goes_to_another_unit(published: Shell) -> None:
    published.ok("unit-task", "decline", 1, "--reason", "不属职责")
    row = published.ok("unit-task", "list", "--json").json[0]

    said = published.ok(
        "decide-dispute", row["dispute"], "--uphold", "--answer", "属实", "--reassign-to", "市财政局"
    )

    assert said.out == "Dispute 1 is upheld.\n"
    states = {row["unit_name"]: row["state"] for row in published.ok("unit-task", "list", "--json").json}
    assert states["市财政局"] == "assigned"
    assert sorted(states.values()) == ["assigned", "assigned", "withdrawn"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("review", "1"), "Give either --accept or --return."),
        (("review", "1", "--accept", "--return", "x"), "Give either --accept or --return."),
        (("decide-extension", "1", "--answer", "x"), "Give either --until or --refuse."),
        (("decide-dispute", "1", "--answer", "x"), "Give either --uphold or --reject."),
        (("decide-dispute", "1", "--uphold", "--answer", "x"), "There is no dispute 1."),
        (("decide-extension", "1", "--refuse", "--answer", "x"), "There is no extension request 1."),
        (("unit-task", "acknowledge", "99"), "There is no unit task 99."),
        (("unit-task", "acknowledge", "1", "--as", "nobody"), "There is no account nobody."),
        (("unit-task", "list", "--unit", "火星局"), "No unit has the code or the name 火星局."),
        (
            ("unit-task", "extend", "1", "--until", "2027-13-01", "--reason", "x"),
            "2027-13-01 is no date: write one that exists as 2026-09-30.",
        ),
        (("sign-letter", "1"), "There is no letter 1."),
        (("letter", "show", "1"), "There is no letter 1."),
        (("rectification", "reply", "1", "--plan", "x"), "There is no rectification 1."),
    ],
)
def test_what_is_not_there_or_not_said_is_refused(
    published: Shell, arguments: tuple[str, ...], sentence: str
) -> None:
    before = published.counts()

    said = published(*arguments)

    assert (said.code, said.out, said.err) == (2, "", sentence + "\n")
    assert published.counts() == before


def test_an_unknown_state_is_answered_with_those_there_are(published: Shell) -> None:
    said = published("unit-task", "list", "--state", "lost")

    assert said.code == 2
    assert said.err.startswith("lost is no state; there are assigned,")


def test_a_unit_does_not_act_for_another(published: Shell) -> None:
    said = published("unit-task", "acknowledge", 1, "--as", "unit_officer@YX03")

    assert said.code == 2
    assert "belongs to another unit" in said.err


def test_lists_speak_the_readers_language(published: Shell) -> None:
    assert "已交办" in published.ok("unit-task", "list", chinese=True).out
    assert "assigned" in published.ok("unit-task", "list").out
    assert "市交通运输局" in published.ok("unit-task", "list", "--unit", "市交通运输局").out
    assert published.ok("unit-task", "list", "--state", "accepted", "--json").json == []


def test_a_letter_is_drafted_late_read_and_signed(published: Shell) -> None:
    published.hand_out(later=timedelta(days=500))
    rows = published.ok("letter", "list", "--json").json
    draft = next(row for row in rows if row["state"] == "draft")

    assert published.ok("letter", "show", draft["id"]).out.strip()
    said = published.ok("sign-letter", draft["id"], chinese=True)

    assert said.out == f"函件 {draft['id']}：已签发。\n"
    taken = published.ok("take-back-letter", draft["id"], "--reason", "已办结")
    assert taken.out == f"Letter {draft['id']}: taken back.\n"
    assert draft["title"] in published.ok("letter", "list").out

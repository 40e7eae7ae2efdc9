import re
import stat
from pathlib import Path

import pytest
from sqlalchemy import select

from dispatch.clock import wall_clock
from domain.errors import NotFoundError
from models.columns import table
from models.organisation import Account
from services.one_time_links import login_of_link
from store.sessions import reading
from tests.cli.conftest import TOWN, Shell


def test_init_makes_a_site_with_its_key_outside_the_data_folder(bare: Shell) -> None:
    said = bare.ok("init", "--organisation", TOWN)

    key = bare.data.with_name("data-keys") / "audit.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert str(key) in said.out
    assert bare.counts()["unit"] == 113
    assert bare.counts()["calendar_year"] == 2
    assert bare.counts()["site"] == 1


def test_a_second_init_is_refused_and_changes_nothing(shell: Shell) -> None:
    before = shell.counts()

    said = shell("init", "--organisation", TOWN)

    assert (said.code, said.err) == (2, "This database already has a site.\n")
    assert shell.counts() == before


def test_init_with_a_bad_organisation_leaves_no_trace(bare: Shell, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("代码,名称,上级\nA,甲市,B\nB,乙局,A\n", encoding="utf-8")

    assert bare("init", "--organisation", bad).code == 2
    assert not bare.data.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("directive", "list"),
        ("directive", "publish", "1"),
        ("org", "import", TOWN),
        ("check",),
        ("export", "x"),
    ],
)
@pytest.mark.parametrize(
    ("chinese", "sentence"),
    [
        (False, "There is no site here yet: run `duban init` first."),
        (True, "此处尚未建立站点：请先运行 `duban init`。"),
    ],
)
def test_before_init_every_command_names_it(
    bare: Shell, arguments: tuple[str, ...], chinese: bool, sentence: str
) -> None:
    said = bare(*arguments, chinese=chinese)

    assert (said.code, said.out, said.err) == (2, "", sentence + "\n")
    assert not bare.data.exists()


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("代码,名称,上级\nA,甲市,\nB,乙局,C\nC,丙局,B\n", ("[3]", "[4]", "its own superior")),
        ("代码,名称,上级\nA,甲市,\nA,乙局,A\n", ("[3]", "already that of [2]")),
        ("代码,名称,上级\nA,甲市,\nB,乙局,A\nC,乙局,A\n", ("[4]", "already stands under the same superior")),
        ("代码,名称,上级\nA,甲市,\nB,乙局,X\n", ("[3]",)),
        ("", ("The file is empty.",)),
        ('{"trees": []}', ("holds no organisation",)),
    ],
)
def test_a_bad_organisation_is_told_line_by_line_and_nothing_is_imported(
    bare: Shell, tmp_path: Path, content: str, wanted: tuple[str, ...]
) -> None:
    bare.ok("init")
    file = tmp_path / "units.csv"
    file.write_text(content, encoding="utf-8")
    before = bare.counts()

    said = bare("org", "import", file)

    assert said.code == 2
    for piece in wanted:
        assert piece in said.err
    assert bare.counts() == before


def test_the_report_on_an_organisation_is_in_the_readers_language(bare: Shell, tmp_path: Path) -> None:
    bare.ok("init")
    file = tmp_path / "units.csv"
    file.write_text("代码,名称,上级\nA,甲市,\nA,乙局,A\n", encoding="utf-8")

    assert bare("org", "import", file, chinese=True).err == (
        "共 1 处问题，未导入任何内容。方括号内为行号或在 JSON 文件中的位置。\n  [3] 代码 A 已被 [2] 使用。\n"
    )


def test_a_site_has_one_organisation(shell: Shell) -> None:
    before = shell.counts()

    said = shell("org", "import", TOWN)

    assert (said.code, said.err) == (2, "This site already has its organisation.\n")
    assert shell.counts() == before


def test_a_calendar_of_days_that_do_not_exist_is_refused(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "cn.json"
    file.write_text('{"year": 2027, "certain_until": "2027-12-31", "off": ["2027-02-30"], "working": []}')
    before = shell.counts()

    said = shell("calendar", "import", file)

    assert said.code == 2
    assert "'2027-02-30' is not a day (YYYY-MM-DD)." in said.err
    assert shell.counts() == before


def test_a_calendar_that_is_right_is_imported(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "cn.json"
    file.write_text(
        '{"year": 2027, "certain_until": "2027-12-31", "off": ["2027-01-01"], "working": ["2027-01-03"]}'
    )

    assert "2 days imported" in shell.ok("calendar", "import", file).out
    assert shell.counts()["calendar_year"] == 3


def test_a_data_folder_of_something_else_is_no_fault_of_ours(bare: Shell) -> None:
    bare.ok("init")
    (bare.data / "duban.sqlite").write_text("no database at all, " * 100)

    said = bare("directive", "list")

    assert said.code == 2
    assert said.err.startswith("The database cannot be opened: ")


def test_another_time_zone_than_the_sites_is_refused(shell: Shell) -> None:
    shell.patch.setenv("DUBAN_TIME_ZONE", "Europe/Berlin")

    said = shell("directive", "list")

    assert (said.code, said.err) == (
        2,
        "DUBAN_TIME_ZONE is Europe/Berlin, but this site counts its days in Asia/Shanghai.\n",
    )


def test_init_makes_one_administrator_of_no_unit_and_says_its_link_once(bare: Shell) -> None:
    said = bare.ok("init")

    (address,) = re.findall(r"http\S+/first-password/(\S+)", said.out)
    assert "Set the password of administrator here" in said.out
    office = bare.office()
    assert login_of_link(office, wall_clock(), address) == "administrator"
    with reading(office.engine) as session:
        (row,) = session.connection().execute(select(table(Account))).all()
    office.engine.dispose()
    assert (row.login, row.role, row.unit_id, row.active) == ("administrator", "administrator", None, True)


def test_a_lost_link_is_made_anew_and_the_old_one_is_void(bare: Shell) -> None:
    first = re.findall(r"/first-password/(\S+)", bare.ok("init").out)[0]

    second = re.findall(r"/first-password/(\S+)", bare.ok("account", "link", "administrator").out)[0]

    office = bare.office()
    assert login_of_link(office, wall_clock(), second) == "administrator"
    with pytest.raises(NotFoundError):
        login_of_link(office, wall_clock(), first)
    office.engine.dispose()


def test_a_link_for_nobody_is_refused(bare: Shell) -> None:
    bare.ok("init")

    said = bare("account", "link", "somebody")

    assert (said.code, said.err) == (2, "There is no account somebody.\n")


@pytest.mark.parametrize("command", [("init", "--organisation", TOWN), ("up",)])
def test_a_site_that_lost_its_key_is_not_given_another_in_silence(
    shell: Shell, command: tuple[object, ...]
) -> None:
    key = shell.data.with_name("data-keys") / "audit.key"
    key.unlink()

    said = shell(*command)

    assert said.code == 2
    assert str(key) in said.err
    assert not key.exists()


@pytest.mark.parametrize("mark", ["芸芸芸", "🙂", "〔〕", " ", "\u202e芸"])
def test_a_mark_is_one_or_two_letters(bare: Shell, mark: str) -> None:
    said = bare("init", "--mark", mark, "--name", "芸溪市")

    assert (said.code, "mark" in said.err) == (2, True)
    assert not bare.data.exists()


@pytest.mark.parametrize("name", ["   ", "芸溪\n市", "\x1b[31m芸溪市"])
def test_a_name_is_what_one_sees_of_it(bare: Shell, name: str) -> None:
    assert bare("init", "--name", name, "--mark", "芸").code == 2
    assert not bare.data.exists()


def test_a_data_folder_that_is_a_file_is_named(bare: Shell) -> None:
    bare.data.write_text("x", encoding="utf-8")

    said = bare("init")

    assert (said.code, str(bare.data) in said.err) == (2, True)


@pytest.mark.parametrize(
    "command", [("directive", "status"), ("unit-task", "acknowledge"), ("letter", "show")]
)
def test_a_number_beyond_every_row_is_refused(shell: Shell, command: tuple[str, ...]) -> None:
    said = shell(*command, "99999999999999999999")

    assert said.code == 2
    assert "Traceback" not in said.err
    assert "not your doing" not in said.err

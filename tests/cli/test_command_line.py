"""The command line as a program: help, wrong lines, exit codes, faults of our own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from cli.app import build
from services.office import Office
from store.sessions import writing
from tests.cli.conftest import Shell
from tests.conftest import ROOT


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command and group with the words that call it."""
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*path, name))


EVERY = list(commands(get_command(build())))


def child(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The real program in a process of its own."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("DUBAN_", "LC_", "LANG"))
    }
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments],
        cwd=ROOT,
        env=clean | environ,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("path", [path for path, _ in EVERY], ids=" ".join)
def test_every_command_has_help_with_an_example_of_itself_in_both_languages(
    bare: Shell, path: tuple[str, ...]
) -> None:
    english, chinese = bare.ok(*path, "--help").out, bare.ok(*path, "--help", chinese=True).out

    example = english.replace("\n", " ").partition("Example:")[2]
    assert " ".join(("duban", *path)) in " ".join(example.split())
    assert "示例：" in chinese
    assert "显示本帮助" in chinese


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        (("publish",), "There is no command publish.", "没有命令 publish。"),
        (("directive", "nothing"), "There is no command nothing.", "没有命令 nothing。"),
        (("directive", "list", "--bad"), "There is no option --bad.", "没有选项 --bad。"),
        (("directive", "publish"), "ID is missing.", "缺少 ID。"),
        (("directive", "publish", "one"), "The value given for ID cannot be used.", "ID 的值无法使用。"),
        (("directive", "list", "x"), "x: nothing more is expected here.", "x：此处不应再有内容。"),
        (("directive", "withdraw", "1"), "The option --reason is missing.", "缺少选项 --reason。"),
        (
            ("directive", "status", "1", "--page"),
            "The option --page needs a value.",
            "选项 --page 需要一个值。",
        ),
        (("directive", "list", "--json=1"), "The option --json takes no value.", "选项 --json 不带值。"),
    ],
)
def test_a_wrong_command_line_is_explained(
    bare: Shell, arguments: tuple[str, ...], english: str, chinese: str
) -> None:
    for said, sentence in ((bare(*arguments), english), (bare(*arguments, chinese=True), chinese)):
        assert said.code == 2
        assert said.out == ""
        assert said.err.splitlines()[0] == sentence
        assert "--help" in said.err.splitlines()[1]
    assert not bare.data.exists()


def test_without_a_command_the_help_is_shown(bare: Shell) -> None:
    assert bare().code == 2
    assert bare("directive").code == 2


def test_a_fault_of_ours_is_one_line_and_a_log(shell: Shell) -> None:
    _drop(shell.office(), "letter_unit", "mail", "notice", "letter")

    said = shell("letter", "list", chinese=True)

    log = shell.data / "errors.log"
    assert (said.code, said.out) == (1, "")
    assert len(said.err.splitlines()) == 1
    assert str(log) in said.err
    assert "Traceback" in log.read_text(encoding="utf-8")


def _drop(office: Office, *tables: str) -> None:
    with writing(office.engine) as session:
        for name in tables:
            session.connection().exec_driver_sql(f"DROP TABLE {name}")
    office.engine.dispose()


def test_a_setting_that_is_wrong_is_named(bare: Shell) -> None:
    bare.patch.setenv("DUBAN_WEB_PORT", "99999")
    bare.patch.setenv("DUBAN_WEB_PROT", "80")

    said = bare("directive", "list")

    assert said.code == 2
    assert "DUBAN_WEB_PORT must be a whole number from 0 to 65535." in said.err
    assert "did you mean DUBAN_WEB_PORT?" in said.err


def test_the_language_may_be_set(bare: Shell, tmp_path: Any) -> None:
    bare.patch.setenv("DUBAN_LANGUAGE", "zh_CN")
    assert bare("directive", "list").err == "此处尚未建立站点：请先运行 `duban init`。\n"
    bare.patch.delenv("DUBAN_LANGUAGE")
    file = tmp_path / "duban.toml"
    file.write_text('language = "zh_CN"\n')
    bare.patch.setenv("DUBAN_SETTINGS_FILE", str(file))
    assert bare("directive", "list").err == "此处尚未建立站点：请先运行 `duban init`。\n"


def test_the_program_itself_answers_with_its_exit_code(tmp_path: Any) -> None:
    data = str(tmp_path / "data")

    refused = child("directive", "list", DUBAN_DATA_DIR=data, LANG="zh_CN.UTF-8")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "此处尚未建立站点：请先运行 `duban init`。\n"
    made = child("init", DUBAN_DATA_DIR=data, LANG="C.UTF-8")
    assert made.returncode == 0
    assert "Next: duban org import FILE" in made.stdout
    listed = child("directive", "list", "--json", DUBAN_DATA_DIR=data)
    assert (listed.returncode, listed.stdout) == (0, "[]\n")


def test_help_loads_nothing_heavy() -> None:
    heavy = ("sqlalchemy", "temporalio", "pydantic_settings", "openpyxl", "docx")
    program = f"import sys; from cli.app import run; run(['--help']); print([m for m in {heavy} if m in sys.modules])"

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_the_audit_trail_is_verified_and_a_change_is_found(shell: Shell) -> None:
    assert shell.ok("audit", "verify", "--json").json["ok"]
    shell.ok("audit", "rotate")
    anchor = shell.data.parent / "duban.anchor"
    shell.ok("audit", "anchor", anchor)
    assert "The trail is whole" in shell.ok("audit", "verify", "--anchor", anchor).out
    office = shell.office()
    with writing(office.engine) as session:
        connection = session.connection()
        for (name,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        ).all():
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        connection.exec_driver_sql("UPDATE audit SET actor = 'nobody' WHERE seq = 2")
    office.engine.dispose()

    said = shell("audit", "verify", chinese=True)

    assert said.code == 1
    assert said.out.startswith("审计记录在第 2 行断裂")


def test_check_finds_nothing_in_a_fresh_site(shell: Shell) -> None:
    report = shell.ok("check", "--json").json

    assert report["ok"]
    assert report["findings"] == []

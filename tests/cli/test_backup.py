"""`duban backup` and `duban restore`: a whole office carried to another folder, and checked there."""

import shutil
from pathlib import Path

from tests.cli.conftest import Shell
from tests.conftest import ROOT

NOTICE = ROOT / "samples" / "notice.txt"


def publish(shell: Shell) -> None:
    shell.ok("directive", "draft", NOTICE)
    shell.ok("directive", "assign", 1, 2, "--each-for-itself")
    shell.ok("directive", "publish", 1)


def test_a_restored_office_has_every_row_and_passes_its_check(shell: Shell, tmp_path: Path) -> None:
    publish(shell)
    before = shell.counts()

    shell.ok("backup", tmp_path / "backup")
    keys = shell.data.with_name(f"{shell.data.name}-keys")
    again = tmp_path / "again"
    shell.patch.setenv("DUBAN_DATA_DIR", str(again))
    restored = Shell(again, shell.capsys, shell.patch)
    ran = restored.ok("restore", tmp_path / "backup")
    shutil.copytree(keys, again.with_name("again-keys"))

    assert "duban check" in ran.out
    assert restored.counts() == before
    assert restored.ok("check", "--json").json["ok"] is True
    restored.ok("audit", "verify")


def test_a_backup_holds_no_key_and_no_secret(shell: Shell, tmp_path: Path) -> None:
    shell.patch.setenv("DUBAN_MAIL_FROM", "office@yunxi.example")
    shell.patch.setenv("DUBAN_SMTP_URL", "smtp://clerk:hunter2@127.0.0.1:2525?starttls=never")

    shell.ok("backup", tmp_path / "backup")

    key = shell.data.with_name(f"{shell.data.name}-keys") / "audit.key"
    secret = key.read_text().split('"')[-2]
    for file in (tmp_path / "backup").rglob("*"):
        if file.is_file():
            octets = file.read_bytes()
            assert b"hunter2" not in octets, file
            assert secret.encode() not in octets, file


def test_a_backup_over_something_and_a_restore_over_an_office_are_refused(
    shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("something")
    shell.ok("backup", tmp_path / "backup")

    over = shell("backup", tmp_path / "full", chinese=True)
    onto = shell("restore", tmp_path / "backup")
    nothing = shell("restore", tmp_path / "nowhere")

    assert (over.code, onto.code, nothing.code) == (2, 2, 2)
    assert "不是空" in over.err
    assert "not empty" in onto.err
    assert "no manifest" in nothing.err

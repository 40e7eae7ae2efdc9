"""`make help` is where a newcomer begins."""

import re
import subprocess
from pathlib import Path


def printed(root: Path, *goals: str) -> str:
    """What make prints; as a make within `make test` it would also say where it is."""
    command = ["make", "--no-print-directory", *goals]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


def test_help_names_every_target_with_a_line(root: Path) -> None:
    targets = re.findall(r"^\.PHONY: (.+)$", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    shown = printed(root, "help")

    assert [line.split()[1] for line in shown.splitlines()] == targets[0].split()
    assert all(len(line.split()) > 3 for line in shown.splitlines())


def test_plain_make_is_help(root: Path) -> None:
    assert printed(root) == printed(root, "help")

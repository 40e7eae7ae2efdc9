"""What lies in the repository: small files with names, and nothing of one machine or one registry."""

import re
from pathlib import Path

MOST_LINES = 400
DOT = re.escape(".")
# In pieces, so that this file does not hold what it looks for.
REGISTRY_HOSTS = re.compile(
    "|".join(
        part.replace("/", "").replace(".", DOT)
        for part in (
            "py/pi.org",
            "python/hosted.org",
            "npm/js.org",
            "npm/js.com",
            "deb.deb/ian.org",
            "crates/.io",
            "proxy.go/lang.org",
        )
    )
)
MACHINE_PATHS = re.compile(
    r"(?<![\w.~-])/(?:" + "|".join(("wo" + "rk", "ro" + "ot", "ho" + "me", "Us" + "ers")) + r")/\w"
)
LOCKS_WITH_ADDRESSES = {
    "uv.lock",
    "pylock.toml",
    "poetry.lock",
    "package-lock.json",
    "yarn.lock",
    "pnpm-lock.yaml",
}


def lines_with(pattern: re.Pattern[str], texts: dict[str, str]) -> list[str]:
    """The places where `pattern` stands."""
    return [
        f"{name}:{number}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_of_code_is_longer_than_400_lines(texts: dict[str, str]) -> None:
    code = (".py", ".html", ".css", ".js", ".typ")
    long = {
        name: count
        for name, text in texts.items()
        if name.endswith(code)
        and not name.startswith(("tests/", "migrations/versions/"))  # a schema is as long as it is
        and (count := len(text.splitlines())) > MOST_LINES
    }

    assert long == {}, "two reasons to change are two files"


def test_no_file_is_named_after_nothing(texts: dict[str, str]) -> None:
    vague = {"utils.py", "util.py", "helpers.py", "helper.py", "misc.py", "common.py"}

    assert [name for name in texts if Path(name).name in vague] == []


def test_no_file_names_a_package_registry(texts: dict[str, str]) -> None:
    assert lines_with(REGISTRY_HOSTS, texts) == []


def test_no_lock_that_records_addresses_is_kept(texts: dict[str, str]) -> None:
    assert [name for name in texts if Path(name).name in LOCKS_WITH_ADDRESSES] == []
    assert "://" not in texts["requirements.lock"]


def test_every_locked_package_has_its_hashes(texts: dict[str, str]) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", texts["requirements.lock"])[1:]

    assert len(entries) > 20
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_no_file_holds_a_path_of_one_machine(texts: dict[str, str]) -> None:
    assert lines_with(MACHINE_PATHS, texts) == []


def test_the_patterns_find_what_they_look_for() -> None:
    registry = "index-url = https://" + "py" + "pi.org/simple"
    path = 'open("' + "/wo" + 'rk/main/x")'

    assert lines_with(REGISTRY_HOSTS, {"a": f"fine\n{registry}"}) == ["a:2"]
    assert lines_with(MACHINE_PATHS, {"a": f"{path}\n~/.local/share /api/home/x"}) == ["a:1"]

"""The project as text and as syntax trees: what git tracks or would track."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the repository."""
    return ROOT


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    """Every text file, by its path from the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = {}
    for name in sorted(filter(None, listed.split("\0"))):
        path = ROOT / name
        if path.is_file() and b"\0" not in (content := path.read_bytes()):
            found[name] = content.decode("utf-8", errors="replace")
    return found


@pytest.fixture(scope="session")
def modules(texts: dict[str, str]) -> dict[str, ast.Module]:
    """Every Python file, parsed."""
    return {name: ast.parse(text, name) for name, text in texts.items() if name.endswith(".py")}


@pytest.fixture(scope="session")
def product(modules: dict[str, ast.Module]) -> dict[str, ast.Module]:
    """The Python files that make up the product: no tests, no benchmarks."""
    return {name: tree for name, tree in modules.items() if not name.startswith(("tests/", "bench/"))}

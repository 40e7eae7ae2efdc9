"""The packages lie at the top of the repository, so their names and the lists of them must hold."""

import importlib.metadata
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def packages(root: Path) -> set[str]:
    """The top-level packages of the product."""
    return {path.parent.name for path in root.glob("*/__init__.py")} - {"tests", "bench"}


@pytest.fixture(scope="module")
def pyproject(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def test_no_installed_distribution_brings_a_package_of_our_name(packages: set[str]) -> None:
    brought = importlib.metadata.packages_distributions()
    taken = {name: set(brought.get(name, ())) - {"duban"} for name in {*packages, "worker", "templates"}}

    assert {name: who for name, who in taken.items() if who} == {}


def test_the_contracts_of_imports_look_at_every_package(
    packages: set[str], pyproject: dict[str, Any]
) -> None:
    linted = set(pyproject["tool"]["importlinter"]["root_packages"])
    layers = pyproject["tool"]["importlinter"]["contracts"][0]["layers"]

    assert linted == packages - {"migrations"}
    assert {name.strip() for layer in layers for name in layer.split("|")} == linted


def test_the_built_package_holds_every_package(packages: set[str], pyproject: dict[str, Any]) -> None:
    built = set(pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"])

    assert packages - built == set()


def test_every_part_that_is_built_is_there(root: Path, pyproject: dict[str, Any]) -> None:
    built = pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]

    assert [name for name in built if not (root / name).exists()] == []


def test_every_package_says_what_it_is_for_and_passes_nothing_on(root: Path, packages: set[str]) -> None:
    talkative = [
        name
        for name in packages - {"cli"}
        if (root / name / "__init__.py").read_text(encoding="utf-8").count("\n") != 1
    ]

    assert sorted(talkative) == []


def test_imports_run_one_way(root: Path) -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-logo", "--no-cache"], cwd=root, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout

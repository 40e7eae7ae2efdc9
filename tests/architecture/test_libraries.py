"""Which package may use which library, in `worker.py` too."""

import ast
import sys
from collections.abc import Iterator

import pytest

SQL = {"models", "store", "services", "migrations"}
USERS = {
    "sqlalchemy": SQL,
    "sqlmodel": SQL,
    "alembic": {"store", "migrations"},
    "temporalio": {"workflows", "activities", "dispatch", "play", "worker"},
    "temporalio.client": {"dispatch", "play", "worker"},
    "aiosmtplib": {"mail"},
    "apscheduler": {"scheduler"},
    "typer": {"cli"},
    "rich": {"cli"},
    "fastapi": {"web"},
    "starlette": {"web"},
}
PURE = ("domain", "contracts")


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every dotted name a module imports, wherever in it; `from a import b` gives `a` and `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def package(name: str) -> str:
    """The top-level package of a file: `domain` for domain/ladder.py, `worker` for worker.py."""
    return name.split("/", maxsplit=1)[0].removesuffix(".py")


def strangers(library: str, modules: dict[str, ast.Module]) -> list[str]:
    """Where `library` is imported by a package that may not."""
    return sorted(
        {
            f"{name}:{line}"
            for name, tree in modules.items()
            for module, line in imported(tree)
            if (module == library or module.startswith(f"{library}.")) and package(name) not in USERS[library]
        }
    )


@pytest.mark.parametrize("library", USERS)
def test_a_library_stays_where_it_belongs(library: str, product: dict[str, ast.Module]) -> None:
    assert strangers(library, product) == []


def test_the_rules_and_what_crosses_a_border_need_the_standard_library_alone(
    product: dict[str, ast.Module],
) -> None:
    allowed = {*sys.stdlib_module_names, *PURE}
    foreign = [
        f"{name}:{line} {module}"
        for name, tree in product.items()
        if package(name) in PURE
        for module, line in imported(tree)
        if module.split(".")[0] not in allowed
    ]

    assert foreign == []


@pytest.mark.parametrize(
    "text",
    ["import temporalio.client", "from temporalio.client import Client", "from temporalio import client"],
)
def test_the_temporal_client_is_seen_however_it_is_imported(text: str) -> None:
    modules = {"services/x.py": ast.parse(text), "dispatch/x.py": ast.parse(text)}

    assert strangers("temporalio.client", modules) == ["services/x.py:1"]

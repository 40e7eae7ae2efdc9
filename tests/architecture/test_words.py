"""One word per happening: what the office has, `docs/words.md` names."""

import ast
import re

import pytest

NO_WORD = ("domain/errors.py", "domain/reading/")  # refusals are sentences; reading is grammar, not office


@pytest.fixture(scope="module")
def glossary(texts: dict[str, str]) -> set[str]:
    """Every identifier that stands in the page's tables."""
    rows = [line for line in texts["docs/words.md"].splitlines() if line.startswith("|")]
    return {
        name for row in rows for code in re.findall(r"`([^`]+)`", row) for name in re.findall(r"\w+", code)
    }


def test_every_class_of_the_rules_and_every_table_is_a_word(
    product: dict[str, ast.Module], glossary: set[str]
) -> None:
    classes = {
        node.name: name
        for name, tree in product.items()
        if name.startswith(("domain/", "models/")) and not name.startswith(NO_WORD)
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    }

    assert len(classes) > 20
    missing = {name: where for name, where in classes.items() if name not in glossary}
    assert missing == {}, "add a row to docs/words.md"


def test_every_act_and_state_of_a_unit_task_is_a_word(
    product: dict[str, ast.Module], glossary: set[str]
) -> None:
    values = {
        line.value.value
        for node in product["domain/unit_task.py"].body
        if isinstance(node, ast.ClassDef) and node.name in {"State", "Act"}
        for line in node.body
        if isinstance(line, ast.Assign)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, str)
    }

    assert values
    assert {value for value in values if value not in glossary and value.upper() not in glossary} == set()


def test_nothing_is_called_a_task_that_is_a_unit_task(product: dict[str, ast.Module]) -> None:
    named = [
        f"{name}:{node.lineno}"
        for name, tree in product.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name == "Task"
    ]

    assert named == []

"""The order of a workflow's commands is part of every run under way; it changes behind a gate or not at all."""

import ast
import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from tests.architecture.fingerprints import (
    FILE,
    REGENERATE,
    differences,
    fingerprints,
    handlers,
    workflow_modules,
)

GATES = {"patched", "deprecate_patch"}
KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
ADVICE = f"""
Runs that are under way replay their histories with this code and stop where it gives other commands.
Put the change behind a gate:  if workflow.patched("what-is-new"): the new order  else: the old one
and enter its id in docs/workflow-changes.md, with the date on which the gate may go; there is the whole recipe.
Then write the fingerprints anew:  {REGENERATE}
"""


def changes(known: Mapping[str, list[str]], found: Mapping[str, list[str]]) -> str:
    """What a person reads when the order of commands has changed; empty where it has not."""
    told = {name: differences(known.get(name, []), found.get(name, [])) for name in sorted({*known, *found})}
    lines = [f"{name}\n  " + "\n  ".join(said) for name, said in told.items() if said]
    return "\n".join(["The commands of a workflow have changed.", *lines, ADVICE]) if lines else ""


def gates_in(modules: Mapping[str, ast.Module]) -> set[str]:
    """The ids of all gates in the code; one that is not written out is told as its expression."""
    calls = (node for tree in modules.values() for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {
        str(ast.literal_eval(call.args[0]))
        if isinstance(call.args[0], ast.Constant)
        else ast.unparse(call.args[0])
        for call in calls
        if ast.unparse(call.func).rpartition(".")[2] in GATES
    }


def gates_told(page: str) -> dict[str, str]:
    """The ids of docs/workflow-changes.md, each with the date on which the gate may go."""
    rows = [line.strip("| ").split("|") for line in page.partition("## Gates")[2].splitlines()[4:]]
    return {cells[0].strip(" `"): cells[-1].strip() for cells in rows if len(cells) > 1}


def edited(**edits: tuple[str, str]) -> dict[str, ast.Module]:
    """The modules of `workflows/`, each edit (module=(old, new)) made once."""
    modules = {}
    for name, tree in workflow_modules().items():
        text = ast.unparse(tree)
        if name.removesuffix(".py") in edits:
            old, new = edits[name.removesuffix(".py")]
            assert text.count(old) == 1, f"{name} has not just one {old}"
            text = text.replace(old, new)
        modules[name] = ast.parse(text)
    return modules


def test_the_order_of_commands_is_the_known_one() -> None:
    told = changes(json.loads(FILE.read_text(encoding="utf-8")), fingerprints(workflow_modules()))

    assert not told, told


def test_every_gate_is_in_the_page_with_a_date_and_every_row_is_a_gate(root: Path) -> None:
    page = (root / "docs" / "workflow-changes.md").read_text(encoding="utf-8")
    told = gates_told(page)

    assert gates_in(workflow_modules()) == set(told)
    assert [name for name in told if not KEBAB.fullmatch(name)] == []
    assert all(date.fromisoformat(day) for day in told.values())
    assert REGENERATE in page


def test_handlers_are_done_before_a_run_can_end() -> None:
    late = [
        f"{name}:{method.lineno} {method.name}"
        for name, tree in workflow_modules().items()
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for _, method in handlers(node)
        if isinstance(method, ast.AsyncFunctionDef)
    ]

    assert late == [], "an asynchronous handler may be unfinished when its run ends"


WAIT = "await self._wait(outcome.wait_seconds)"


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (
            (WAIT, f"{WAIT}\n            await workflow.sleep(1)"),
            "new: sleep (line 9)",
        ),
        ((WAIT, "pass"), "gone: wait_condition with a timer"),
        (("timeout=timeout,", ""), "gone: wait_condition with a timer"),
        (("timeout=timeout,", ""), "new: wait_condition (line 8)"),
        (("outcome.closed and (not self._poked)", "outcome.closed"), "new: if outcome.closed: (line 5)"),
        (("GROWN = 250", "GROWN = 300"), "[GROWN = 300]"),
        (("while True:\n", "while True:\n            workflow.patched('x')\n"), "new: patched 'x' (line 4)"),
    ],
)
def test_an_edit_of_the_loop_is_told_for_each_workflow(edit: tuple[str, str], told: str) -> None:
    known = fingerprints(workflow_modules())
    said = changes(known, fingerprints(edited(owner=edit)))

    assert said.count(told) == len(known) == 3
    assert REGENERATE in said
    assert "docs/workflow-changes.md" in said


def test_a_command_that_changes_its_place_is_told_as_moved() -> None:
    waits_first = (
        "while True:\n",
        f"while True:\n            {WAIT.replace('outcome.wait_seconds', '60')}\n",
    )
    modules = edited(owner=waits_first)
    modules["owner.py"] = ast.parse(ast.unparse(modules["owner.py"]).replace(WAIT, "pass"))
    said = changes(fingerprints(workflow_modules()), fingerprints(modules))

    assert "moved: execute_activity self._activity (from line 4 to 6)" in said
    assert "moved: wait_condition with a timer (from line 8 to 5)" in said


def test_another_activity_and_another_handler_are_told() -> None:
    known = fingerprints(workflow_modules())

    said = changes(known, fingerprints(edited(item=("names.ADVANCE_ITEM", "names.ADVANCE_DIRECTIVE"))))
    assert "new: self._loop = OwnerLoop(owner, names.ADVANCE_DIRECTIVE) (line 1)" in said
    assert "DirectiveWorkflow" not in said
    said = changes(known, fingerprints(edited(item=("def poke", "def prod"))))
    assert "gone: on signal poke:" in said


def test_what_asks_nothing_of_the_server_leaves_the_fingerprint_as_it_is() -> None:
    known = fingerprints(workflow_modules())
    edits = {
        "owner": ("self._poked = True", "self._poked = bool(1)"),
        "policies": ("timedelta(minutes=10)", "timedelta(minutes=20)"),
    }

    assert changes(known, fingerprints(edited(**edits))) == ""


def test_gates_are_found_in_code_and_page() -> None:
    tree = ast.parse("if workflow.patched('ask-twice'):\n    f()\nworkflow.deprecate_patch(NAME)")
    page = "## Gates\n\n| id | what is new | since | may go on |\n|---|---|---|---|\n| `ask-twice` | asks | 2026-03-01 | 2027-12-31 |\n"

    assert gates_in({"owner.py": tree}) == {"ask-twice", "NAME"}
    assert gates_told(page) == {"ask-twice": "2027-12-31"}

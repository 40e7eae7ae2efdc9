"""The fingerprint of a workflow: what it asks of the server, in order, read from its source.

A line is a command (an activity, a timer, continuing as new, a gate) or what decides over one (a loop, a
condition, a return), indented as in the source; calls within `workflows/` are followed, and figures that a
condition names stand beside it. What a condition reads is not followed: write it where it decides.
Run as `python -m tests.architecture.fingerprints` it writes `workflow_fingerprints.json` anew.
"""

import ast
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FILE = Path(__file__).with_name("workflow_fingerprints.json")
REGENERATE = "python -m tests.architecture.fingerprints"
Fingerprint = list[str]
Function = ast.FunctionDef | ast.AsyncFunctionDef

COMMANDS = {
    "cancel", "continue_as_new", "create_nexus_client", "deprecate_patch", "get_external_workflow_handle", "patched", "signal",
    "sleep", "upsert_memo", "upsert_search_attributes", "wait", "wait_condition", "wait_for", "gather", "timeout",
    *(f"{verb}_{what}" for verb in ("execute", "start") for what in (
        "activity", "activity_class", "activity_method", "local_activity", "local_activity_class",
        "local_activity_method", "child_workflow",
    )),
}  # fmt: skip
MODULES = {"workflow", "asyncio"}
HANDLERS = {"signal", "update", "query"}


def workflow_modules(root: Path = ROOT) -> dict[str, ast.Module]:
    """The syntax trees of `workflows/`."""
    return {
        file.name: ast.parse(file.read_text(encoding="utf-8"))
        for file in sorted((root / "workflows").glob("*.py"))
    }


def fingerprints(modules: Mapping[str, ast.Module]) -> dict[str, Fingerprint]:
    """The fingerprint of every workflow class in these modules, by its name."""
    bodies = [node for tree in modules.values() for node in tree.body]
    classes = {node.name: node for node in bodies if isinstance(node, ast.ClassDef)}
    functions = {node.name: node for node in bodies if isinstance(node, Function)}
    figures = {
        ast.unparse(node.targets[0]): ast.unparse(node.value)
        for node in bodies
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    }
    source = _Source(classes, functions, figures)
    return {
        name: _Reader(node, source).fingerprint()
        for name, node in sorted(classes.items())
        if any(_dotted(decorator) == "workflow.defn" for decorator in node.decorator_list)
    }


def handlers(node: ast.ClassDef) -> Iterator[tuple[str, Function]]:
    """The handlers of a class, each with what it handles."""
    for method in node.body:
        if isinstance(method, Function):
            kinds = {_dotted(decorator).removeprefix("workflow.") for decorator in method.decorator_list}
            for kind in sorted(kinds & HANDLERS):
                yield kind, method


def _dotted(node: ast.expr) -> str:
    return ast.unparse(node.func if isinstance(node, ast.Call) else node)


@dataclass(frozen=True)
class _Source:
    """Where calls and names may lead."""

    classes: Mapping[str, ast.ClassDef]
    functions: Mapping[str, Function]
    figures: Mapping[str, str]

    def told(self, node: ast.expr) -> str:
        """An expression, with the figures that it names."""
        named = [
            inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name) and inner.id in self.figures
        ]
        return " ".join([ast.unparse(node), *(f"[{name} = {self.figures[name]}]" for name in named)])


@dataclass(frozen=True)
class _Reader:
    """Reads one class. `following` are the calls it is inside of."""

    node: ast.ClassDef
    source: _Source
    following: tuple[str, ...] = ()

    def fingerprint(self) -> Fingerprint:
        made = [f"{name} = {ast.unparse(call)}" for name, call in self._members().items()]
        lines = [*made, "run:", *_indented(self._method("run"))]
        for kind, method in handlers(self.node):
            lines += [f"on {kind} {method.name}:", *_indented(self._method(method.name))]
        return lines

    def _members(self) -> dict[str, ast.Call]:
        """`self._loop = OwnerLoop(...)`: which attribute is made from which class of ours."""
        return {
            ast.unparse(line.targets[0]): line.value
            for method in self.node.body
            if isinstance(method, Function) and method.name == "__init__"
            for line in method.body
            if isinstance(line, ast.Assign)
            and isinstance(line.value, ast.Call)
            and _dotted(line.value) in self.source.classes
        }

    def _method(self, name: str) -> Fingerprint:
        found = [node for node in self.node.body if isinstance(node, Function) and node.name == name]
        return self._follow(f"{self.node.name}.{name}", found[0]) if found else []

    def _follow(self, name: str, function: Function) -> Fingerprint:
        """The lines of a function, unless it asks nothing of the server or calls itself."""
        if name in self.following:
            return []
        lines = _Reader(self.node, self.source, (*self.following, name)).block(function.body)
        return lines if any(line.strip().partition(" ")[0] in COMMANDS for line in lines) else []

    def block(self, statements: Sequence[ast.stmt]) -> Fingerprint:
        """The lines of these statements, one after the other."""
        return [line for statement in statements for line in self._statement(statement)]

    def _statement(self, node: ast.stmt) -> Fingerprint:
        if isinstance(node, ast.Return | ast.Raise | ast.Break | ast.Continue):
            return [*self._calls(node), type(node).__name__.lower()]
        parts = list(self._parts(node))
        if not parts:
            return self._calls(node)
        decides = [line for header in _headers(node) for line in self._calls(header)]
        inner = [(title, self.block(body)) for title, body in parts]
        if not any(lines for _, lines in inner):
            return decides
        return decides + [line for title, lines in inner for line in [f"{title}:", *_indented(lines)]]

    def _parts(self, node: ast.stmt) -> Iterator[tuple[str, Sequence[ast.stmt]]]:
        """The blocks of a compound statement, each with its first line."""
        match node:
            case ast.If() | ast.While():
                yield f"{type(node).__name__.lower()} {self.source.told(node.test)}", node.body
            case ast.For() | ast.AsyncFor():
                yield f"for {ast.unparse(node.target)} in {ast.unparse(node.iter)}", node.body
            case ast.With() | ast.AsyncWith():
                yield f"with {', '.join(ast.unparse(item) for item in node.items)}", node.body
            case ast.Try():
                yield "try", node.body
                for handler in node.handlers:
                    yield f"except {ast.unparse(handler.type) if handler.type else ''}".strip(), handler.body
            case ast.Match():
                for choice in node.cases:
                    yield f"case {ast.unparse(choice.pattern)}", choice.body
        for name in ("orelse", "finalbody"):
            if block := getattr(node, name, []):
                yield name.removesuffix("body").replace("orelse", "else"), block

    def _calls(self, node: ast.AST) -> Fingerprint:
        """What the calls in an expression or a plain statement come to, in the order they are made."""
        if isinstance(node, ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef):
            return []
        lines = [line for child in ast.iter_child_nodes(node) for line in self._calls(child)]
        return lines + self._call(node) if isinstance(node, ast.Call) else lines

    def _call(self, call: ast.Call) -> Fingerprint:
        owner, _, name = _dotted(call).rpartition(".")
        if name in COMMANDS and owner in MODULES:
            return [_command(name, call)]
        if owner == "self":
            return self._method(name)
        if owner in (members := self._members()):
            return _Reader(self.source.classes[_dotted(members[owner])], self.source, self.following)._method(
                name
            )
        if not owner and name in self.source.functions:
            return self._follow(name, self.source.functions[name])
        return []


def _headers(node: ast.stmt) -> Iterator[ast.AST]:
    """The expressions that a compound statement evaluates before its blocks."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield child


def _command(name: str, call: ast.Call) -> str:
    """A command with what the server sees of it: which activity or gate, and whether there is a timer."""
    if name == "wait_condition":
        timed = any(word.arg == "timeout" and ast.unparse(word.value) != "None" for word in call.keywords)
        return "wait_condition with a timer" if timed else "wait_condition"
    if name in {"sleep", "continue_as_new"} or not call.args:
        return name
    return f"{name} {ast.unparse(call.args[0])}"


def _indented(lines: Sequence[str]) -> Fingerprint:
    return [f"    {line}" for line in lines]


def differences(known: Fingerprint, found: Fingerprint) -> list[str]:
    """What moved, went or came, line by line; nothing where both are the same."""
    if known == found:
        return []
    gone, came = Counter(known) - Counter(found), Counter(found) - Counter(known)
    told = [f"gone: {line.strip()}" for line in gone.elements()]
    told += [f"new: {line.strip()} (line {found.index(line) + 1})" for line in came.elements()]
    kept = Counter(known) & Counter(found)
    before, after = ([line for line in side if line in kept] for side in (known, found))
    told += [
        f"moved: {line.strip()} (from line {known.index(line) + 1} to {found.index(line) + 1})"
        for line in kept
        if before.index(line) != after.index(line)
    ]
    return told


def write() -> None:
    """Keep the fingerprints of today."""
    text = json.dumps(fingerprints(workflow_modules()), indent=2)
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()

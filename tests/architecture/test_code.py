"""Rules of the house that a syntax tree can see."""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator

import pytest

CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
OFFICE_CLOCK = {"dispatch/clock.py"}  # the wall clock, handed to whoever needs one
SILENCED = re.compile(r"#\s*(noqa|type:\s*ignore)(?P<rest>.*)")
WITH_CODE = re.compile(r":\s*[A-Z]+[0-9]+|\[[a-z-]+(,\s*[a-z-]+)*\]")


def dotted(node: ast.expr) -> str:
    """`datetime.now` for `datetime.now` and for `x.datetime.now` alike; a bare name as it is."""
    if isinstance(node, ast.Attribute):
        owner = node.value
        name = (
            owner.attr
            if isinstance(owner, ast.Attribute)
            else owner.id
            if isinstance(owner, ast.Name)
            else ""
        )
        return f"{name}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call in a module."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def prints(tree: ast.AST) -> list[int]:
    """Lines that print."""
    return [call.lineno for call in calls(tree) if dotted(call.func) == "print"]


def clock_readings(tree: ast.AST) -> list[int]:
    """Lines that ask what time it is; a reference handed on (`clock=datetime.now`) is one too."""
    return [
        node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and dotted(node) in CLOCKS
    ]


def naive_readings(tree: ast.AST) -> list[int]:
    """Lines that make an instant without a time zone."""
    return [
        call.lineno
        for call in calls(tree)
        if dotted(call.func) == "datetime.utcnow"
        or (dotted(call.func) == "datetime.now" and not call.args and not call.keywords)
    ]


def formats_of_data(tree: ast.AST) -> list[int]:
    """Lines where a text that is not a literal is a format: a person's text could read our attributes."""
    return [
        call.lineno
        for call in calls(tree)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in {"format", "format_map"}
        and not isinstance(call.func.value, ast.Constant)
    ]


def bare_silencers(text: str) -> list[int]:
    """Lines whose comment silences a check without saying which."""
    comments = (t for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type == tokenize.COMMENT)
    return [
        token.start[0]
        for token in comments
        if (found := SILENCED.search(token.string)) and not WITH_CODE.match(found["rest"])
    ]


def places(rule: Callable[[ast.AST], list[int]], modules: dict[str, ast.Module]) -> list[str]:
    """Where `rule` finds something."""
    return [f"{name}:{line}" for name, tree in modules.items() for line in rule(tree)]


def test_only_the_command_line_prints(product: dict[str, ast.Module]) -> None:
    assert places(prints, {n: t for n, t in product.items() if not n.startswith("cli/")}) == []


def test_the_time_comes_in_as_an_argument(product: dict[str, ast.Module]) -> None:
    assert places(clock_readings, {n: t for n, t in product.items() if n not in OFFICE_CLOCK}) == []


def test_no_instant_is_without_a_time_zone(modules: dict[str, ast.Module]) -> None:
    assert places(naive_readings, modules) == []


def test_no_text_from_outside_is_a_format(product: dict[str, ast.Module]) -> None:
    assert places(formats_of_data, product) == []


def test_who_silences_a_check_says_which(texts: dict[str, str]) -> None:
    found = [f"{n}:{line}" for n, text in texts.items() if n.endswith(".py") for line in bare_silencers(text)]

    assert found == []


@pytest.mark.parametrize(
    ("rule", "text", "lines"),
    [
        (prints, "print(1)\nx.print(2)", [1]),
        (clock_readings, "import datetime as d\nd.datetime.now(tz)\nf(clock=time.time)", [2, 3]),
        (naive_readings, "datetime.now()\ndatetime.now(UTC)\ndatetime.utcnow()", [1, 3]),
        (formats_of_data, "'{}'.format(1)\ntext.format(1)", [2]),
    ],
)
def test_a_rule_finds_what_it_looks_for(
    rule: Callable[[ast.AST], list[int]], text: str, lines: list[int]
) -> None:
    assert rule(ast.parse(text)) == lines


def test_a_silencer_needs_its_code() -> None:
    no, ty = "# no" + "qa", "# type: " + "ignore"

    assert bare_silencers(f"a  {no}\nb  {no}: E501\nc  {ty}\nd  {ty}[misc, attr-defined]\ne  # noted") == [
        1,
        3,
    ]

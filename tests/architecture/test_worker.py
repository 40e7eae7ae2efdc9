"""`worker.py` puts the parts together and decides nothing."""

import ast

MOST_LINES = 120
DECIDES = (
    ast.ClassDef,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.Try,
    ast.Match,
    ast.Raise,
    ast.Yield,
    ast.BinOp,
)


def test_the_worker_is_imports_and_wiring_alone(
    modules: dict[str, ast.Module], texts: dict[str, str]
) -> None:
    assert "worker.py" in modules
    deciding = [
        f"worker.py:{node.lineno} {type(node).__name__}"
        for node in ast.walk(modules["worker.py"])
        if isinstance(node, DECIDES)
    ]

    assert deciding == [], "a decision belongs in a package, where it has tests"
    assert len(texts["worker.py"].splitlines()) <= MOST_LINES

"""Which sentences the project says: found in its code and templates, kept in step with the catalogue.

`python -m locales.messages` adds to the catalogue what is missing, untranslated, and takes out what nobody
says any more. A sentence is the literal first argument of a `DubanError` class or of `_` / `gettext`; a word is
a value of a `StrEnum` of the office (a state, a kind), with the name of its class as context.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).parent.parent
CATALOGUE = Path(__file__).parent / "zh_CN" / "LC_MESSAGES" / "duban.po"
PACKAGES = tuple(sorted(path.parent.name for path in ROOT.glob("*/__init__.py")))
MARKS = frozenset({"_", "gettext"})
WITH_WORDS = ("domain", "models")  # the enums elsewhere are technical, no person reads them


@dataclass(frozen=True)
class Said:
    """A sentence or word and the file that says it; `text` is None where it is no literal, so cannot be found."""

    text: str | None
    path: str
    line: int
    context: str | None = None


def sources() -> dict[str, ast.Module]:
    """The parsed modules of all packages, by path from the root."""
    paths = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def error_classes(modules: dict[str, ast.Module]) -> frozenset[str]:
    """The names of DubanError and of all classes below it."""
    classes = [node for tree in modules.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    names = {"DubanError"}
    while more := {c.name for c in classes if names & {called(base) for base in c.bases}} - names:
        names |= more
    return frozenset(names)


def called(node: ast.expr) -> str:
    """The last part of a name: `RefusedError` for `errors.RefusedError`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def literal(node: ast.expr) -> str | None:
    """The text of a literal."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def sentences_in_code() -> Iterator[Said]:
    """Every sentence of the packages' code; not of `locales` itself, which passes on what others say."""
    modules = sources()
    speakers = MARKS | error_classes(modules)
    for path, tree in modules.items():
        for node in ast.walk(tree) if not path.startswith("locales/") else ():
            if isinstance(node, ast.Call) and node.args and called(node.func) in speakers:
                text = literal(node.args[0])
                if (
                    text is not None or called(node.func) != "gettext"
                ):  # of a variable: marked where it is written
                    yield Said(text, path, node.lineno)


def words_in_code() -> Iterator[Said]:
    """Every value of every StrEnum of the office; a value in Chinese is a name on paper and needs no other."""
    for path, tree in sources().items():
        for node in ast.walk(tree) if path.startswith(WITH_WORDS) else ():
            if isinstance(node, ast.ClassDef) and "StrEnum" in map(called, node.bases):
                for line in node.body:
                    value = literal(line.value) if isinstance(line, ast.Assign) else None
                    if value and value.isascii():
                        yield Said(value, path, line.lineno, context=node.name)


def sentences_in_templates() -> Iterator[Said]:
    """Every sentence of the page templates."""
    for path in sorted((ROOT / "templates").rglob("*.html")):
        with path.open("rb") as file:
            for line, _function, message, _comments in babel_extract(
                file, sorted(MARKS), (), {"encoding": "utf-8"}
            ):
                text = message[0] if isinstance(message, tuple) else message  # the rest fills its places
                yield Said(text, str(path.relative_to(ROOT)), line)


def said() -> list[Said]:
    """All of them."""
    return [*sentences_in_code(), *words_in_code(), *sentences_in_templates()]


def read_catalogue() -> Catalog:
    """The committed Chinese catalogue."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_CN")


def updated(old: Catalog, found: list[Said]) -> Catalog:
    """A catalogue of exactly what was `found`, with the translations `old` has; the file of each is named."""
    new = Catalog(locale="zh_CN", fuzzy=False)
    for one in found:
        if one.text is not None:
            known = old.get(one.text, one.context)
            new.add(one.text, known.string if known else "", [(one.path, 0)], context=one.context)
    return new


def write_catalogue() -> None:
    """Bring the committed catalogue into step with the code; the same code always writes the same bytes."""
    catalogue = updated(read_catalogue(), said())
    with CATALOGUE.open("wb") as target:
        write_po(target, catalogue, width=0, omit_header=True, sort_output=True, include_lineno=False)


if __name__ == "__main__":
    write_catalogue()

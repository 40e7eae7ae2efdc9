"""A letter's frozen structure, made from a wording and the facts.

A wording is a Jinja2 text of named parts (`[title]`, `[addressees]`, `[paragraphs]`, `[demands]`,
`[closing]`); one paragraph a line. The structure is plain JSON: every form of the letter (page, PDF,
DOCX) is made of it, and its hash says what was signed.
"""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from domain.errors import InvalidInputError
from domain.numbers import LetterKind
from domain.printed import printed_date

WORDINGS = Path(__file__).parent.parent / "templates" / "letters"
PARTS = ("title", "addressees", "paragraphs", "demands", "closing")

Structure = dict[str, Any]


@cache
def _template(language: str, kind: LetterKind) -> Template:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(WORDINGS),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    environment.filters["day"] = lambda iso: printed_date(iso, language)
    return environment.get_template(f"{language}/{kind.value}.txt")


def compose(language: str, kind: LetterKind, facts: dict[str, Any]) -> Structure:
    """The structure of a letter of that kind. `facts` are plain strings, numbers and lists of them.

    Raises InvalidInputError where the wording lacks its title or has a part that is not known.
    """
    parts: dict[str, list[str]] = {name: [] for name in PARTS}
    current: list[str] | None = None
    for line in _template(language, kind).render(_on_one_line(facts)).splitlines():
        text = line.strip()
        if text.startswith("[") and text.endswith("]"):
            if text[1:-1] not in parts:
                raise InvalidInputError(
                    "The wording of %(kind)s has a part %(part)s that no layout knows.", kind=kind, part=text
                )
            current = parts[text[1:-1]]
        elif text and current is not None:
            current.append(text)
    if not parts["title"]:
        raise InvalidInputError("The wording of %(kind)s has no title.", kind=kind)
    return {"kind": kind.value, "language": language, "title": " ".join(parts.pop("title")), **parts}


def _on_one_line(fact: Any) -> Any:
    """The facts with every text on one line: none can begin a part of its own, whatever its paper said."""
    if isinstance(fact, str):
        return " ".join(fact.split())
    if isinstance(fact, dict):
        return {name: _on_one_line(value) for name, value in fact.items()}
    return [_on_one_line(value) for value in fact] if isinstance(fact, list) else fact


def structure_hash(structure: Structure) -> str:
    """SHA-256 over the structure's canonical JSON."""
    text = json.dumps(structure, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def plain_text(structure: Structure, document_number: str, issuer: str, dated: str) -> str:
    """The letter as plain text, for a mail, a terminal and comparison. `dated` is an ISO date; empty for a draft."""
    lines = [issuer, document_number, "", structure["title"], ""]
    lines += structure["addressees"] + [""] + structure["paragraphs"]
    lines += [f"{number}. {demand}" for number, demand in enumerate(structure["demands"], 1)]
    lines += structure["closing"] + ["", issuer, printed_date(dated, structure["language"]) if dated else ""]
    return "\n".join(lines) + "\n"

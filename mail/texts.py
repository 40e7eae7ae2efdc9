"""What a mail says: a template a kind, its first line the subject, in the reader's language."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from domain.printed import printed_date

TEXTS = Path(__file__).parent.parent / "templates" / "mail"


@cache
def _template(language: str, kind: str) -> Template:
    environment = Environment(
        loader=FileSystemLoader(TEXTS),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701 -- plain text; nothing here is HTML
    )
    environment.filters["day"] = lambda iso: printed_date(iso, language)
    return environment.get_template(f"{language}/{kind}.txt")


def compose(language: str, kind: str, lines: tuple[dict[str, Any], ...], site: str) -> tuple[str, str]:
    """Subject and body of a mail of that kind. `lines` are its tellings; all but a digest have one."""
    subject, _, body = _template(language, kind).render(lines=lines, site=site, **lines[0]).partition("\n")
    return " ".join(subject.split())[:200], body.strip() + "\n"

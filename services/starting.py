"""How a draft begins: from a document, a pasted table, or a title alone."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.errors import InvalidInputError
from domain.instants import day_of
from domain.reading.document import read_document
from domain.reading.head import secrecy_mark
from domain.reading.lines import logical_lines
from domain.reading.model import Paragraph, Reading
from domain.reading.pasted import read_pasted
from intake.document import SourceText
from services.calendars import load_calendar
from services.directives import DraftDirective
from services.drafting import Frame, draft_of, horizon_of, unit_names
from services.office import Office
from store.sessions import reading

SOFT_BREAK = "\v"
"""Stands for a line break inside a paragraph, so that a line of a kept text is one paragraph."""


@dataclass(frozen=True)
class Start:
    """Who issues the draft, when it begins, and the last day of its periods where somebody named one."""

    issuer_id: int
    now: datetime
    horizon: date | None = None


def text_of(paragraphs: Sequence[Paragraph]) -> str:
    """The text kept of a document: one paragraph a line, so that anchors still point at the place."""
    return "\n".join(paragraph.text.replace("\n", SOFT_BREAK) for paragraph in paragraphs)


def paragraphs_of(text: str) -> list[str]:
    """The paragraphs of a kept text, as printed."""
    return [line.replace(SOFT_BREAK, "\n") for line in text.split("\n")]


def draft_of_document(office: Office, start: Start, source: SourceText, name: str) -> DraftDirective:
    """The draft a document comes to. Raises InvalidInputError for one without tasks, named `name`."""
    read = read_document(source.paragraphs)
    if not read.items and not read.secrecy_mark:
        raise InvalidInputError("%(file)s holds no tasks: nothing was written.", file=name)
    return _draft(office, start, read, text_of(source.paragraphs), source.sha256)


def draft_of_table(office: Office, start: Start, title: str, text: str) -> DraftDirective:
    """The draft a pasted table comes to. Raises InvalidInputError for a table that cannot be read."""
    read = read_pasted(text, title)
    kept = "\n".join(text.splitlines())
    return _draft(office, start, read, kept, hashlib.sha256(kept.encode()).hexdigest())


def draft_of_title(start: Start, title: str) -> DraftDirective:
    """A draft with a title and nothing else yet."""
    mark = secrecy_mark(logical_lines([Paragraph(title)]))
    return DraftDirective(
        title=title, issuer_id=start.issuer_id, horizon=start.horizon, items=(), secrecy_mark=mark
    )


def _draft(office: Office, start: Start, read: Reading, text: str, sha256: str) -> DraftDirective:
    today = day_of(start.now, office.tz)
    with reading(office.engine) as session:
        units, calendar = unit_names(session), load_calendar(session)
    horizon = start.horizon or horizon_of(read, today, calendar)
    return draft_of(read, text, sha256, units, Frame(start.issuer_id, today, horizon, calendar))

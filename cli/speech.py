"""What the command line says: sentences, tables and JSON, in the language of whoever reads them.

Everything that came from outside (names, titles, reasons) is shown without control characters, so no text in a
row can move the cursor or colour the screen.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

import typer

from cli.language import Translator
from domain.errors import DubanError

WIDE = 240
"""Columns of a table that goes to a file or another program."""


def _(sentence: str) -> str:
    """Mark a sentence for the catalogue; it is translated when it is said."""
    return sentence


def plain(text: object) -> str:
    """The text without characters that would steer a terminal; line feeds stay."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in str(text))


@dataclass(frozen=True)
class Speech:
    """One language, one pair of streams."""

    translator: Translator

    def text(self, sentence: str, **fields: object) -> str:
        """The sentence in this language, its places filled."""
        into = self.translator.gettext
        translated = into(sentence)
        return translated % {k: self.value(v) for k, v in fields.items()} if fields else translated

    def value(self, value: object) -> str:
        """A value as it stands in a sentence or a table: a word of the office in the reader's language."""
        if value is None:
            return "-"
        if isinstance(value, Enum):
            return self.translator.word(value)
        if isinstance(value, bool):
            return self.text(_("yes")) if value else self.text(_("no"))
        return plain(value)

    def say(self, sentence: str, **fields: object) -> None:
        """A line on standard output."""
        typer.echo(self.text(sentence, **fields))

    def line(self, text: object) -> None:
        """A text of the office itself (a title, a letter) on standard output."""
        typer.echo(plain(text))

    def remark(self, sentence: str, **fields: object) -> None:
        """A line on standard error: for people, never part of an output."""
        typer.echo(self.text(sentence, **fields), err=True)

    def fault(self, error: DubanError) -> None:
        """What was refused and why, with each of its problems on a line, on standard error."""
        typer.echo(plain(self.translator.render(error)), err=True)

    def json(self, value: Any) -> None:
        """One JSON value on standard output, in UTF-8 whatever the locale."""
        text = json.dumps(value, ensure_ascii=False, indent=2, default=_plain_json)
        sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
        sys.stdout.buffer.flush()

    def table(self, headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """A table on standard output; `headers` are sentences, cells are values."""
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold")
        for header in headers:
            table.add_column(self.text(header), overflow="fold")
        for row in rows:
            table.add_row(*(Text(self.value(cell)) for cell in row))
        Console(width=None if sys.stdout.isatty() else WIDE, highlight=False).print(table)


def day_text(instant: datetime | None, zone: ZoneInfo) -> str:
    """An instant as the office writes it: local date and minute."""
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M") if instant else "-"


def _plain_json(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)

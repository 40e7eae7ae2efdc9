"""The index of what was published, by pairs of characters: Chinese has no spaces, and two characters are a word.

A text is kept as its runs of letters and digits, each run as its overlapping pairs (幼儿园: 幼儿 儿园); a phrase of pairs
is then exactly a part of a run. SQLite keeps them in FTS5 tables, PostgreSQL as tsvectors under GIN (migrations).
Drafts are not in it. It is derived: a backup leaves it out, and a restore makes it anew.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, Select, TextualSelect, column, select, text

from models.columns import table
from models.directive import Directive, DirectiveState, Item
from models.paper import Letter, LetterState

_DIRECTIVE, _ITEM, _LETTER = table(Directive), table(Item), table(Letter)
DIRECTIVE, ITEM, LETTER = "search_directive", "search_item", "search_letter"
RUN = re.compile(r"[^\W_]+")
BREAK = "\ue000"
"""Stands between two runs, so that no phrase reaches over it; a character that nobody types."""
LONGEST = 10_000
"""Characters of a text that are found; PostgreSQL counts positions up to 16,383."""
AT_ONCE = 1000

_TITLED = select(_DIRECTIVE.c.id, _DIRECTIVE.c.title.label("said"))
_ITEMS = select(_ITEM.c.id, (_ITEM.c.number + " " + _ITEM.c.text).label("said"))
PUBLISHED = select(_DIRECTIVE.c.id).where(_DIRECTIVE.c.state != DirectiveState.DRAFT)
_ISSUED = select(_LETTER.c.id, (_LETTER.c.document_number + " " + _LETTER.c.title).label("said")).where(
    _LETTER.c.state == LetterState.ISSUED
)


def runs_of(said: str) -> list[str]:
    """The runs of letters and digits of a text, case aside."""
    return RUN.findall(said[:LONGEST].casefold())


def pairs_of(run: str) -> list[str]:
    """The overlapping pairs of a run; a run of one character is itself."""
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def index_directive(connection: Connection, directive_id: int) -> None:
    """Have a directive and all its items be found as they read now."""
    _index(connection, DIRECTIVE, _TITLED.where(_DIRECTIVE.c.id == directive_id))
    _index(connection, ITEM, _ITEMS.where(_ITEM.c.directive_id == directive_id))


def index_letter(connection: Connection, letter_id: int) -> None:
    """Have an issued letter be found by its number and title."""
    _index(connection, LETTER, _ISSUED.where(_LETTER.c.id == letter_id))


def index_all(connection: Connection) -> None:
    """Index everything that was published or issued, after a restore."""
    _index(connection, DIRECTIVE, _TITLED.where(_DIRECTIVE.c.id.in_(PUBLISHED)))
    _index(connection, ITEM, _ITEMS.where(_ITEM.c.directive_id.in_(PUBLISHED)))
    _index(connection, LETTER, _ISSUED)


def matching(connection: Connection, index: str, runs: Sequence[str]) -> TextualSelect:
    """The ids in one of the indexes of the texts in which every run stands, as `id`."""
    phrases = [pairs_of(run) for run in runs]
    if connection.dialect.name == "sqlite":
        query = " AND ".join('"' + " ".join(pairs) + '"' for pairs in phrases)
        asked = f"SELECT rowid AS id FROM {index} WHERE {index} MATCH :query"  # noqa: S608 -- names of ours
    else:
        query = " & ".join("(" + " <-> ".join(f"'{pair}'" for pair in pairs) + ")" for pairs in phrases)
        asked = f"SELECT id FROM {index} WHERE grams @@ CAST(:query AS tsquery)"  # noqa: S608 -- names of ours
    return text(asked).bindparams(query=query).columns(column("id", BigInteger))


def indexed(connection: Connection, index: str) -> TextualSelect:
    """The ids of all that one of the indexes holds, as `id`."""
    key = "rowid" if connection.dialect.name == "sqlite" else "id"
    return text(f"SELECT {key} AS id FROM {index}").columns(column("id", BigInteger))  # noqa: S608 -- names of ours


def _index(connection: Connection, name: str, chosen: Select[Any]) -> None:
    rows: Iterator[Row[Any]] = iter(connection.execute(chosen).all())
    sqlite = connection.dialect.name == "sqlite"
    key, vector = ("rowid", ":grams") if sqlite else ("id", "CAST(:grams AS tsvector)")
    while page := list(islice(rows, AT_ONCE)):
        values = [{"id": row.id, "grams": _grams(row) if sqlite else _vector(row)} for row in page]
        connection.execute(text(f"DELETE FROM {name} WHERE {key} = :id"), values)  # noqa: S608 -- names of ours
        connection.execute(text(f"INSERT INTO {name} ({key}, grams) VALUES (:id, {vector})"), values)  # noqa: S608 -- as above


def _tokens(row: Row[Any]) -> Iterable[str]:
    for run in runs_of(row.said):
        yield from pairs_of(run)
        yield BREAK


def _grams(row: Row[Any]) -> str:
    return " ".join(_tokens(row))


def _vector(row: Row[Any]) -> str:
    """The pairs with their positions, as PostgreSQL writes a tsvector; runs hold no character it would read otherwise."""
    return " ".join(f"'{token}':{at}" for at, token in enumerate(_tokens(row), 1) if token != BREAK)

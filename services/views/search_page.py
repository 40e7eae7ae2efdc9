"""What a word is found in: directives, items, letters, as far as the reader may see them; the newest first.

Overseers see nearly everything, so the index is asked first. A unit sees little, so its own is read through instead:
a common word would be found a hundred thousand times before one of them is theirs.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, select

from domain.errors import InvalidInputError
from models.columns import table
from models.directive import Directive, DirectiveState, Item, ItemUnit
from models.paper import Letter, LetterState
from services.access import OVERSEERS, sees_directive, sees_letter, sees_unit
from services.office import Office
from services.search_index import DIRECTIVE, ITEM, LETTER, matching, runs_of
from services.sign_in import SignedIn
from store.sessions import reading

_DIRECTIVE, _ITEM, _PART, _LETTER = table(Directive), table(Item), table(ItemUnit), table(Letter)
SHOWN = 20
AROUND = 40
"""Characters shown before and after what was found."""
LEAST = 2
"""Characters of the shortest word that is looked for."""


@dataclass(frozen=True)
class Hit:
    """A record that was found: the words around the first place, and what it belongs to."""

    id: int
    before: str
    found: str
    after: str
    about: str


@dataclass(frozen=True)
class Hits:
    """What was found of a kind; `more` where there are more than are shown."""

    rows: tuple[Hit, ...]
    more: bool


@dataclass(frozen=True)
class Found:
    """Everything that was found."""

    directives: Hits
    items: Hits
    letters: Hits

    @property
    def nothing(self) -> bool:
        """Whether there is none of any kind."""
        return not (self.directives.rows or self.items.rows or self.letters.rows)


def search(office: Office, me: SignedIn, asked: str) -> Found:
    """Records in which every run of letters and digits of `asked` stands. Raises InvalidInputError for too little."""
    runs = [run for run in runs_of(asked) if len(run) >= LEAST]
    if not runs:
        raise InvalidInputError("Type at least %(least)s characters that stand together.", least=LEAST)
    with reading(office.engine) as session:
        connection = session.connection()
        look = _indexed if me.role in OVERSEERS else _read_through
        found = [
            _hits(look(connection, runs, kind), runs) for kind in (_directives(me), _items(me), _letters(me))
        ]
    return Found(*found)


@dataclass(frozen=True)
class _Kind:
    """A kind of record: its index, the column of its id, and those the reader sees, with what is `said` in each."""

    index: str
    key: ColumnElement[int]
    seen: Select[Any]
    said: ColumnElement[str]


def _directives(me: SignedIn) -> _Kind:
    said = _DIRECTIVE.c.title
    chosen = select(_DIRECTIVE.c.id, said.label("said"), _DIRECTIVE.c.state.label("about"))
    seen = chosen.where(sees_directive(me), _DIRECTIVE.c.state != DirectiveState.DRAFT)
    return _Kind(DIRECTIVE, _DIRECTIVE.c.id, seen, said)


def _items(me: SignedIn) -> _Kind:
    said = _ITEM.c.number + " " + _ITEM.c.text
    conditions = [sees_directive(me), _DIRECTIVE.c.state != DirectiveState.DRAFT]
    if me.role not in OVERSEERS:
        conditions.append(_ITEM.c.id.in_(select(_PART.c.item_id).where(sees_unit(me, _PART.c.unit_id))))
    chosen = select(_ITEM.c.id, said.label("said"), _DIRECTIVE.c.title.label("about"))
    seen = chosen.join(_DIRECTIVE, _DIRECTIVE.c.id == _ITEM.c.directive_id).where(*conditions)
    return _Kind(ITEM, _ITEM.c.id, seen, said)


def _letters(me: SignedIn) -> _Kind:
    said = _LETTER.c.document_number + " " + _LETTER.c.title
    chosen = select(_LETTER.c.id, said.label("said"), _LETTER.c.kind.label("about"))
    seen = chosen.where(sees_letter(me), _LETTER.c.state == LetterState.ISSUED)
    return _Kind(LETTER, _LETTER.c.id, seen, said)


def _indexed(connection: Connection, runs: list[str], kind: _Kind) -> list[Row[Any]]:
    """The newest that the index has."""
    found = matching(connection, kind.index, runs).subquery("found")
    chosen = kind.seen.join(found, found.c.id == kind.key).order_by(found.c.id.desc())
    return list(connection.execute(chosen.limit(SHOWN + 1)).all())


def _read_through(connection: Connection, runs: list[str], kind: _Kind) -> list[Row[Any]]:
    """The newest of all that the reader sees."""
    here = and_(*(kind.said.icontains(run, autoescape=True) for run in runs))
    return list(connection.execute(kind.seen.where(here).order_by(kind.key.desc()).limit(SHOWN + 1)).all())


def _hits(rows: list[Row[Any]], runs: list[str]) -> Hits:
    return Hits(tuple(_hit(row, runs[0]) for row in rows[:SHOWN]), len(rows) > SHOWN)


def _hit(row: Row[Any], run: str) -> Hit:
    at = max(row.said.casefold().find(run), 0)
    before, found, after = row.said[:at], row.said[at : at + len(run)], row.said[at + len(run) :]
    return Hit(
        id=row.id,
        before=before if len(before) <= AROUND else f"…{before[-AROUND:]}",
        found=found,
        after=after if len(after) <= AROUND else f"{after[:AROUND]}…",
        about=row.about,
    )

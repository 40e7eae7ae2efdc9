"""The register of letters as an office keeps it, narrowed by filters, page by page and as rows to be exported."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_, select

from domain.numbers import LetterKind
from locales.translator import translator
from models.columns import table
from models.organisation import Unit
from models.paper import Letter, LetterState, LetterUnit
from services.access import sees_letter
from services.office import Office
from services.sign_in import SignedIn
from store.sessions import reading

_LETTER, _TO, _UNIT = table(Letter), table(LetterUnit), table(Unit)
PAGE = 50
AT_ONCE = 500
UNITS_NAMED = 3
"""Addressees named in a row; the others are counted."""


@dataclass(frozen=True)
class LetterFilter:
    """Empty fields leave everything. `text` stands in the number or the title; `unit` is an addressee's id."""

    kind: str = ""
    state: str = ""
    text: str = ""
    unit: int = 0
    directive: int = 0


@dataclass(frozen=True)
class RegisteredLetter:
    """One line of the register. `addressees` names the first ones, `addressees_in_all` counts them."""

    id: int
    number: str
    kind: str
    issuer: str
    title: str
    addressees: tuple[str, ...]
    addressees_in_all: int
    issued_at: datetime | None
    drafted_at: datetime
    state: str


@dataclass(frozen=True)
class LetterRegister:
    """A page of the register, newest first. `next` is where the next page goes on, 0 at the end."""

    letters: tuple[RegisteredLetter, ...]
    count: int
    next: int


def letter_register(office: Office, me: SignedIn, wanted: LetterFilter, before: int = 0) -> LetterRegister:
    """The letters the reader may see, as far as the filter leaves them, from the row before `before` on."""
    chosen = _letters(me, wanted)
    with reading(office.engine) as session:
        connection = session.connection()
        count = int(
            connection.execute(
                select(func.count()).select_from(chosen.order_by(None).subquery())
            ).scalar_one()
        )
        if before:
            chosen = chosen.where(_LETTER.c.id < before)
        rows = connection.execute(chosen.limit(PAGE + 1)).all()
        letters = tuple(_registered(connection, rows[:PAGE]))
    return LetterRegister(letters, count, rows[PAGE - 1].id if len(rows) > PAGE else 0)


def letters_to_export(office: Office, me: SignedIn, wanted: LetterFilter) -> Iterator[list[Any]]:
    """Every letter the filter leaves, a row each, in the reader's language."""
    speaker, after = translator(me.language or office.language), 0
    chosen = _letters(me, wanted).order_by(None).order_by(_LETTER.c.id).limit(AT_ONCE)
    with reading(office.engine) as session:
        connection = session.connection()
        while rows := connection.execute(chosen.where(_LETTER.c.id > after)).all():
            for one in _registered(connection, rows, named=AT_ONCE):
                yield [
                    one.number,
                    speaker.word(LetterKind(one.kind)),
                    one.issuer,
                    one.title,
                    "、".join(one.addressees),
                    one.issued_at.astimezone(office.tz).strftime("%Y-%m-%d %H:%M") if one.issued_at else "",
                    speaker.word(LetterState(one.state)),
                ]
            after = rows[-1].id


def _letters(me: SignedIn, wanted: LetterFilter) -> Select[Any]:
    narrowed: list[ColumnElement[bool]] = [sees_letter(me)]
    if wanted.kind:
        narrowed.append(_LETTER.c.kind == wanted.kind)
    if wanted.state:
        narrowed.append(_LETTER.c.state == wanted.state)
    if wanted.text:
        narrowed.append(
            or_(
                _LETTER.c.title.contains(wanted.text, autoescape=True),
                _LETTER.c.document_number.contains(wanted.text, autoescape=True),
            )
        )
    if wanted.unit:
        to_unit = select(_TO.c.letter_id).where(_TO.c.unit_id == wanted.unit)
        narrowed.append(_LETTER.c.id.in_(to_unit))
    if wanted.directive:
        narrowed.append(_LETTER.c.directive_id == wanted.directive)
    chosen = select(_LETTER, _UNIT.c.name.label("issuer")).join(_UNIT, _UNIT.c.id == _LETTER.c.issuer_id)
    return chosen.where(*narrowed).order_by(_LETTER.c.id.desc())


def _registered(
    connection: Connection, rows: Sequence[Row[Any]], named: int = UNITS_NAMED
) -> Iterator[RegisteredLetter]:
    addressees = _addressees(connection, [row.id for row in rows])
    for row in rows:
        units = addressees.get(row.id, [])
        yield RegisteredLetter(
            id=row.id,
            number=row.document_number,
            kind=row.kind,
            issuer=row.issuer,
            title=row.title,
            addressees=tuple(units[:named]),
            addressees_in_all=len(units),
            issued_at=row.issued_at,
            drafted_at=row.drafted_at,
            state=row.state,
        )


def _addressees(connection: Connection, ids: list[int]) -> dict[int, list[str]]:
    """The units of each letter, once each however many of their tasks it names."""
    chosen = (
        select(_TO.c.letter_id, _UNIT.c.name, func.min(_TO.c.id).label("first"))
        .join(_UNIT, _UNIT.c.id == _TO.c.unit_id)
        .where(_TO.c.letter_id.in_(ids))
        .group_by(_TO.c.letter_id, _UNIT.c.id, _UNIT.c.name)
        .order_by("first")
    )
    found: dict[int, list[str]] = {}
    for row in connection.execute(chosen):
        found.setdefault(row.letter_id, []).append(row.name)
    return found

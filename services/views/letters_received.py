"""The letters a unit has received, newest first, and one letter as paper with what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from models.columns import table
from models.organisation import Account, Unit
from models.paper import Letter, LetterState, LetterUnit, Mail, Notice
from models.rectification import Rectification
from models.unit_task import UnitTask
from services.access import letter_for, units_below
from services.office import Office
from services.sign_in import SignedIn
from services.views.cursor import Cursor, older_than
from store.sessions import reading

_LETTER, _TO, _UNIT, _TASK = table(Letter), table(LetterUnit), table(Unit), table(UnitTask)
_MAIL, _NOTICE, _ACCOUNT, _RECTIFICATION = table(Mail), table(Notice), table(Account), table(Rectification)
SHOWN = 50
ADDRESSEES_SHOWN = 50


@dataclass(frozen=True)
class LetterReceived:
    """One row of the list."""

    id: int
    kind: str
    number: str
    title: str
    issuer: str
    issued_at: datetime


@dataclass(frozen=True)
class LettersReceived:
    """A page of letters. `kinds` counts all of them by kind; `older` is where the next page goes on."""

    letters: tuple[LetterReceived, ...]
    kinds: tuple[tuple[str, int], ...]
    in_all: int
    older: str


@dataclass(frozen=True)
class Told:
    """One mail of the letter: to whom, in which state, since when."""

    recipient: str
    state: str
    at: datetime


@dataclass(frozen=True)
class Addressee:
    """A unit the letter is about, its task, and what came of it."""

    unit: str
    unit_task_id: int
    state: str
    opened_at: datetime | None
    """When its inbox row was opened."""
    answered_at: datetime | None
    """When the unit handed in after it, or replied to the circular."""
    rectification_id: int | None
    told: tuple[Told, ...]


@dataclass(frozen=True)
class LetterView:
    """A letter with those of its addressees that the reader may see; `addressees_in_all` counts these."""

    letter: Row[Any]
    issuer: str
    signer: str
    addressees: tuple[Addressee, ...]
    addressees_in_all: int


def letters_received(
    office: Office, unit_id: int, *, kind: str = "", before: Cursor | None = None
) -> LettersReceived:
    """The letters issued to one unit, of one kind where it is given."""
    to_us = select(_TO.c.letter_id).where(_TO.c.unit_id == unit_id)
    mine: tuple[ColumnElement[bool], ...] = (_LETTER.c.id.in_(to_us), _LETTER.c.state == LetterState.ISSUED)
    of_kind = (_LETTER.c.kind == kind,) if kind else ()
    chosen = (
        select(_LETTER, _UNIT.c.name.label("issuer"))
        .join(_UNIT, _UNIT.c.id == _LETTER.c.issuer_id)
        .where(*mine, *of_kind, *older_than(before, _LETTER.c.issued_at, _LETTER.c.id))
        .order_by(_LETTER.c.issued_at.desc(), _LETTER.c.id.desc())
        .limit(SHOWN + 1)
    )
    counted = (
        select(_LETTER.c.kind, func.count()).where(*mine).group_by(_LETTER.c.kind).order_by(_LETTER.c.kind)
    )
    with reading(office.engine) as session:
        connection = session.connection()
        rows = connection.execute(chosen).all()
        kinds = tuple((row[0], int(row[1])) for row in connection.execute(counted))
    last = rows[SHOWN - 1] if len(rows) > SHOWN else None
    return LettersReceived(
        letters=tuple(
            LetterReceived(row.id, row.kind, row.document_number, row.title, row.issuer, row.issued_at)
            for row in rows[:SHOWN]
        ),
        kinds=kinds,
        in_all=sum(count for _, count in kinds),
        older=Cursor(last.issued_at, last.id).text if last else "",
    )


def letter_view(office: Office, me: SignedIn, letter_id: int) -> LetterView:
    """The page of one letter. Raises NotFoundError for one the reader may not see."""
    with reading(office.engine) as session:
        connection = session.connection()
        letter = letter_for(connection, me, letter_id)
        seen = (_TO.c.letter_id == letter.id, _TO.c.unit_id.in_(units_below(me)))
        signer = select(_ACCOUNT.c.name).where(_ACCOUNT.c.id == letter.signed_by)
        return LetterView(
            letter=letter,
            issuer=connection.execute(
                select(_UNIT.c.name).where(_UNIT.c.id == letter.issuer_id)
            ).scalar_one(),
            signer=connection.execute(signer).scalar() or "",
            addressees=_addressees(connection, letter, seen),
            addressees_in_all=connection.execute(
                select(func.count()).select_from(_TO).where(*seen)
            ).scalar_one(),
        )


def _addressees(
    connection: Connection, letter: Row[Any], seen: tuple[ColumnElement[bool], ...]
) -> tuple[Addressee, ...]:
    opened = (
        select(func.min(_NOTICE.c.read_at))
        .where(_NOTICE.c.letter_id == letter.id, _NOTICE.c.unit_task_id == _TO.c.unit_task_id)
        .scalar_subquery()
    )
    ordered = (
        (_RECTIFICATION.c.letter_id == _TO.c.letter_id)
        & (_RECTIFICATION.c.unit_task_id == _TO.c.unit_task_id)
    ) | (_RECTIFICATION.c.id == _TO.c.rectification_id)
    chosen = (
        select(
            _TO.c.unit_id, _TO.c.unit_task_id, _UNIT.c.name, _TASK.c.state, _TASK.c.submitted_at, opened.label("opened"),
            _RECTIFICATION.c.id.label("rectification_id"), _RECTIFICATION.c.state.label("mending"),
            _RECTIFICATION.c.replied_at, _RECTIFICATION.c.submitted_at.label("mended_at"),
        )
        .join(_UNIT, _UNIT.c.id == _TO.c.unit_id)
        .join(_TASK, _TASK.c.id == _TO.c.unit_task_id)
        .outerjoin(_RECTIFICATION, ordered)
        .where(*seen)
        .order_by(_TO.c.id)
        .limit(ADDRESSEES_SHOWN)
    )  # fmt: skip
    rows = connection.execute(chosen).all()
    told = _told(connection, letter.id, {row.unit_id for row in rows})
    return tuple(
        Addressee(
            unit=row.name,
            unit_task_id=row.unit_task_id,
            state=row.state,
            opened_at=row.opened,
            answered_at=_answered(row, letter.issued_at),
            rectification_id=row.rectification_id,
            told=told.get(row.unit_id, ()),
        )
        for row in rows
    )


def _answered(row: Any, issued_at: datetime | None) -> datetime | None:
    """The first answer after the letter: a circular's is the plan, any other's the work handed in."""
    answers = (row.replied_at, row.mended_at) if row.rectification_id else (row.submitted_at,)
    after = [at for at in answers if at is not None and issued_at is not None and at >= issued_at]
    return min(after, default=None)


def _told(connection: Connection, letter_id: int, units: set[int]) -> dict[int, tuple[Told, ...]]:
    chosen = (
        select(_ACCOUNT.c.unit_id, _MAIL.c.recipient, _MAIL.c.state, _MAIL.c.sent_at, _MAIL.c.created_at)
        .join(_ACCOUNT, _ACCOUNT.c.id == _MAIL.c.account_id)
        .where(_MAIL.c.about == "letter", _MAIL.c.about_id == letter_id, _ACCOUNT.c.unit_id.in_(units))
        .order_by(_MAIL.c.id)
    )
    found: dict[int, tuple[Told, ...]] = {}
    for row in connection.execute(chosen):
        one = Told(row.recipient, row.state, row.sent_at or row.created_at)
        found[row.unit_id] = (*found.get(row.unit_id, ()), one)
    return found

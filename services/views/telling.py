"""Who was told what, when and how: every notice with the mails that carried it and what the servers answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from models.columns import table
from models.directive import Directive, Item
from models.organisation import Account, Unit
from models.paper import Mail, MailState, Notice, NoticeKind
from services.access import units_below
from services.office import Office
from services.sign_in import SignedIn
from services.views.cursor import Cursor, older_than
from store.sessions import reading

_NOTICE, _UNIT, _ITEM, _DIRECTIVE = table(Notice), table(Unit), table(Item), table(Directive)
_MAIL, _ACCOUNT = table(Mail), table(Account)
PAGE = 50
TEXT_SHOWN = 80
NOT_ARRIVED = (MailState.REFUSED, MailState.FAILED)


@dataclass(frozen=True)
class TellingFilter:
    """Empty fields leave everything. `lost`: tellings of which a mail was refused or given up."""

    unit: int = 0
    directive: int = 0
    kind: str = ""
    lost: bool = False


@dataclass(frozen=True)
class MailTold:
    """One mail. `at` is when it left, or was written where it has not."""

    id: int
    recipient: str
    state: str
    at: datetime
    answer: str


@dataclass(frozen=True)
class Told:
    """One telling: what, to which unit, about what; `opened_at` in the inbox."""

    id: int
    at: datetime
    kind: str
    rung: str
    unit: str
    unit_task_id: int
    text: str
    directive: str
    letter_id: int | None
    opened_at: datetime | None
    mails: tuple[MailTold, ...]


@dataclass(frozen=True)
class Tellings:
    """A page of tellings, newest first. `next` is where the next page goes on."""

    told: tuple[Told, ...]
    count: int
    next: str


def tellings(office: Office, me: SignedIn, wanted: TellingFilter, before: Cursor | None = None) -> Tellings:
    """What the units of the reader's part of the tree were told."""
    conditions = _narrowed(me, wanted)
    chosen = (
        select(_NOTICE, _UNIT.c.name.label("unit"), _ITEM.c.number, _ITEM.c.text, _DIRECTIVE.c.title)
        .join(_UNIT, _UNIT.c.id == _NOTICE.c.unit_id)
        .join(_ITEM, _ITEM.c.id == _NOTICE.c.item_id)
        .join(_DIRECTIVE, _DIRECTIVE.c.id == _ITEM.c.directive_id)
        .where(*conditions, *older_than(before, _NOTICE.c.at, _NOTICE.c.id))
        .order_by(_NOTICE.c.at.desc(), _NOTICE.c.id.desc())
        .limit(PAGE + 1)
    )
    counted = select(func.count()).select_from(_NOTICE).join(_ITEM, _ITEM.c.id == _NOTICE.c.item_id)
    with reading(office.engine) as session:
        connection = session.connection()
        rows = connection.execute(chosen).all()
        count = int(connection.execute(counted.where(*conditions)).scalar_one())
        mails = _mails(connection, rows[:PAGE])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Tellings(
        told=tuple(_told(row, mails.get(row.id, ())) for row in rows[:PAGE]),
        count=count,
        next=Cursor(last.at, last.id).text if last else "",
    )


def _narrowed(me: SignedIn, wanted: TellingFilter) -> list[ColumnElement[bool]]:
    narrowed: list[ColumnElement[bool]] = [
        _NOTICE.c.unit_id.in_(units_below(me)),
        _NOTICE.c.kind != NoticeKind.SUPERSEDED,
    ]
    if wanted.unit:
        narrowed.append(_NOTICE.c.unit_id == wanted.unit)
    if wanted.directive:
        narrowed.append(_ITEM.c.directive_id == wanted.directive)
    if wanted.kind:
        narrowed.append(_NOTICE.c.kind == wanted.kind)
    if wanted.lost:
        lost = select(_MAIL.c.about_id).where(_MAIL.c.state.in_(NOT_ARRIVED))
        of_notice, of_letter = lost.where(_MAIL.c.about == "notice"), lost.where(_MAIL.c.about == "letter")
        narrowed.append(or_(_NOTICE.c.id.in_(of_notice), _NOTICE.c.letter_id.in_(of_letter)))
    return narrowed


def _mails(connection: Connection, rows: Any) -> dict[int, tuple[MailTold, ...]]:
    """The mails of each notice: its own, and of a letter those that carried the letter to the same unit."""
    ids = [row.id for row in rows]
    letters = [row.letter_id for row in rows if row.letter_id is not None]
    chosen = (
        select(_MAIL, _ACCOUNT.c.unit_id)
        .join(_ACCOUNT, _ACCOUNT.c.id == _MAIL.c.account_id)
        .where(
            or_(
                and_(_MAIL.c.about == "notice", _MAIL.c.about_id.in_(ids)),
                and_(_MAIL.c.about == "letter", _MAIL.c.about_id.in_(letters)),
            )
        )
        .order_by(_MAIL.c.id)
    )
    by_notice: dict[int, tuple[MailTold, ...]] = {}
    by_letter: dict[tuple[int, int], tuple[MailTold, ...]] = {}
    for mail in connection.execute(chosen):
        one = _mail(mail)
        if mail.about == "notice":
            by_notice[mail.about_id] = (*by_notice.get(mail.about_id, ()), one)
        else:
            key = (mail.about_id, mail.unit_id)
            by_letter[key] = (*by_letter.get(key, ()), one)
    return {
        row.id: by_notice.get(row.id, ()) + by_letter.get((row.letter_id or 0, row.unit_id), ())
        for row in rows
    }


def _mail(row: Row[Any]) -> MailTold:
    return MailTold(row.id, row.recipient, row.state, row.sent_at or row.created_at, row.answer)


def _told(row: Row[Any], mails: tuple[MailTold, ...]) -> Told:
    return Told(
        id=row.id,
        at=row.at,
        kind=row.kind,
        rung=row.rung,
        unit=row.unit,
        unit_task_id=row.unit_task_id,
        text=f"{row.number} {row.text}"[:TEXT_SHOWN],
        directive=row.title,
        letter_id=row.letter_id,
        opened_at=row.read_at,
        mails=mails,
    )

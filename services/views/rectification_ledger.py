"""整改台账: every rectification with its circular, its clock and how it stands, narrowed by filters."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from domain.instants import last_day
from locales.translator import translator
from models.columns import table
from models.directive import Directive, Item
from models.organisation import Unit
from models.paper import Letter
from models.rectification import Rectification, RectificationState
from services.access import sees_rectification
from services.office import Office
from services.sign_in import SignedIn
from store.sessions import reading

_RECTIFICATION, _ITEM, _DIRECTIVE, _UNIT, _LETTER = (
    table(Rectification),
    table(Item),
    table(Directive),
    table(Unit),
    table(Letter),
)
PAGE = 50
AT_ONCE = 500


@dataclass(frozen=True)
class LedgerFilter:
    """Empty fields leave everything. `late`: those whose running clock has passed."""

    state: str = ""
    unit: int = 0
    late: bool = False


@dataclass(frozen=True)
class LedgerLine:
    """One rectification. `overdue`: its reply or its mending is late."""

    id: int
    unit: str
    problem: str
    circular: str
    letter_id: int
    directive: str
    opened_at: datetime
    reply_by: datetime
    replied_at: datetime | None
    deadline: datetime
    state: str
    failed_times: int
    verified_at: datetime | None
    overdue: bool


@dataclass(frozen=True)
class Ledger:
    """A page of the ledger, newest first. `next` is where the next page goes on, 0 at the end."""

    lines: tuple[LedgerLine, ...]
    count: int
    next: int


def rectification_ledger(
    office: Office, me: SignedIn, now: datetime, wanted: LedgerFilter, before: int = 0
) -> Ledger:
    """The rectifications the reader may see, as far as the filter leaves them."""
    chosen = _chosen(me, now, wanted)
    with reading(office.engine) as session:
        connection = session.connection()
        counted = select(func.count()).select_from(chosen.order_by(None).subquery())
        count = int(connection.execute(counted).scalar_one())
        if before:
            chosen = chosen.where(_RECTIFICATION.c.id < before)
        rows = connection.execute(chosen.limit(PAGE + 1)).all()
    lines = tuple(_line(row) for row in rows[:PAGE])
    return Ledger(lines, count, lines[-1].id if len(rows) > PAGE else 0)


def ledger_to_export(
    office: Office, me: SignedIn, now: datetime, wanted: LedgerFilter
) -> Iterator[list[Any]]:
    """Every line the filter leaves, a row each, in the reader's language; days at the site."""
    speaker, after = translator(me.language or office.language), 0
    chosen = _chosen(me, now, wanted).order_by(None).order_by(_RECTIFICATION.c.id).limit(AT_ONCE)
    with reading(office.engine) as session:
        connection = session.connection()
        while rows := connection.execute(chosen.where(_RECTIFICATION.c.id > after)).all():
            for one in map(_line, rows):
                yield [
                    one.unit,
                    one.problem,
                    one.circular,
                    one.directive,
                    one.opened_at.astimezone(office.tz).date(),
                    last_day(one.reply_by, office.tz),
                    one.replied_at.astimezone(office.tz).date() if one.replied_at else "",
                    last_day(one.deadline, office.tz),
                    speaker.word(RectificationState(one.state)),
                    one.failed_times,
                    one.verified_at.astimezone(office.tz).date() if one.verified_at else "",
                ]
            after = rows[-1].id


def _is_late(now: datetime) -> ColumnElement[bool]:
    ordered, planned = RectificationState.ORDERED, RectificationState.PLANNED
    state, late_reply = _RECTIFICATION.c.state, _RECTIFICATION.c.reply_by <= now
    return or_(
        and_(state == ordered, late_reply),
        and_(state.in_((ordered, planned)), _RECTIFICATION.c.deadline <= now),
    )


def _chosen(me: SignedIn, now: datetime, wanted: LedgerFilter) -> Select[Any]:
    narrowed: list[ColumnElement[bool]] = [sees_rectification(me)]
    if wanted.state:
        narrowed.append(_RECTIFICATION.c.state == wanted.state)
    if wanted.unit:
        narrowed.append(_RECTIFICATION.c.unit_id == wanted.unit)
    if wanted.late:
        narrowed.append(_is_late(now))
    return (
        select(
            _RECTIFICATION,
            _UNIT.c.name.label("unit"),
            _LETTER.c.document_number.label("circular"),
            _DIRECTIVE.c.title.label("directive"),
            _is_late(now).label("overdue"),
        )
        .join(_ITEM, _ITEM.c.id == _RECTIFICATION.c.item_id)
        .join(_DIRECTIVE, _DIRECTIVE.c.id == _ITEM.c.directive_id)
        .join(_UNIT, _UNIT.c.id == _RECTIFICATION.c.unit_id)
        .join(_LETTER, _LETTER.c.id == _RECTIFICATION.c.letter_id)
        .where(*narrowed)
        .order_by(_RECTIFICATION.c.id.desc())
    )


def _line(row: Any) -> LedgerLine:
    return LedgerLine(
        id=row.id,
        unit=row.unit,
        problem=row.problem,
        circular=row.circular,
        letter_id=row.letter_id,
        directive=row.directive,
        opened_at=row.opened_at,
        reply_by=row.reply_by,
        replied_at=row.replied_at,
        deadline=row.deadline,
        state=row.state,
        failed_times=row.failed_times,
        verified_at=row.verified_at,
        overdue=bool(row.overdue),
    )

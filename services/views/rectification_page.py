"""The rectifications of a unit, and one of them with its proof and what happened to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, case, func, select

from models.columns import table
from models.directive import Directive, DirectiveState, Item
from models.organisation import Account, AccountRole, Unit
from models.paper import Letter
from models.rectification import MENDING, Rectification, RectificationState, RectificationVerification
from services.access import rectification_for
from services.office import Office
from services.sign_in import SignedIn
from services.views.cursor import Cursor, older_than
from services.views.evidence_pieces import EvidencePiece, pieces_of, reusable_pieces
from store.sessions import reading

_RECTIFICATION, _VERIFICATION = table(Rectification), table(RectificationVerification)
_ITEM, _DIRECTIVE, _UNIT, _LETTER, _ACCOUNT = (
    table(Item), table(Directive), table(Unit), table(Letter), table(Account),
)  # fmt: skip
SHOWN = 50
TEXT_SHOWN = 120
REPLY, ADD_EVIDENCE, SUBMIT = "reply", "add_evidence", "submit"


@dataclass(frozen=True)
class RectificationRow:
    """One row of the list. `deadline` is the clock that runs now."""

    id: int
    directive: str
    number: str
    text: str
    letter: str
    state: str
    opened_at: datetime
    deadline: datetime
    overdue: bool
    failed_times: int


@dataclass(frozen=True)
class MyRectifications:
    """A page of the list, those still to be done first. `open` counts all that are."""

    rows: tuple[RectificationRow, ...]
    open: int
    in_all: int
    older: str


@dataclass(frozen=True)
class Step:
    """Something that happened: `what` is ordered, replied, submitted, verified or returned."""

    at: datetime
    what: str
    who: str = ""
    text: str = ""


@dataclass(frozen=True)
class RectificationView:
    """A rectification, what it is about, its proof, what happened, and what the reader's unit can do."""

    row: Row[Any]
    unit: str
    item: Row[Any]
    directive: str
    letter: str
    pieces: tuple[EvidencePiece, ...]
    reusable: tuple[EvidencePiece, ...]
    steps: tuple[Step, ...]
    acts: frozenset[str]
    reply_overdue: bool
    overdue: bool


def my_rectifications(
    office: Office, unit_id: int, now: datetime, *, only_open: bool = False, before: Cursor | None = None
) -> MyRectifications:
    """The rectifications of one unit, newest first."""
    mine = (_RECTIFICATION.c.unit_id == unit_id,)
    is_open = _RECTIFICATION.c.state.in_(MENDING)
    which: tuple[ColumnElement[bool], ...] = (*mine, is_open) if only_open else mine
    chosen = (
        select(_RECTIFICATION, _ITEM.c.number, _ITEM.c.text, _DIRECTIVE.c.title, _LETTER.c.document_number)
        .join(_ITEM, _ITEM.c.id == _RECTIFICATION.c.item_id)
        .join(_DIRECTIVE, _DIRECTIVE.c.id == _ITEM.c.directive_id)
        .join(_LETTER, _LETTER.c.id == _RECTIFICATION.c.letter_id)
        .where(*which, *older_than(before, _RECTIFICATION.c.opened_at, _RECTIFICATION.c.id))
        .order_by(_RECTIFICATION.c.opened_at.desc(), _RECTIFICATION.c.id.desc())
        .limit(SHOWN + 1)
    )
    counted = select(func.count(), func.coalesce(func.sum(case((is_open, 1), else_=0)), 0)).where(*mine)
    with reading(office.engine) as session:
        connection = session.connection()
        rows = connection.execute(chosen).all()
        in_all, still_open = connection.execute(counted).one()
    last = rows[SHOWN - 1] if len(rows) > SHOWN else None
    older = Cursor(last.opened_at, last.id).text if last else ""
    return MyRectifications(
        tuple(_row(row, now) for row in rows[:SHOWN]), int(still_open), int(in_all), older
    )


def _row(row: Row[Any], now: datetime) -> RectificationRow:
    reply, complete = overdue_clocks(row, now)
    return RectificationRow(
        id=row.id,
        directive=row.title,
        number=row.number,
        text=row.text[:TEXT_SHOWN],
        letter=row.document_number,
        state=row.state,
        opened_at=row.opened_at,
        deadline=row.reply_by if row.state == RectificationState.ORDERED else row.deadline,
        overdue=reply or complete,
        failed_times=row.failed_times,
    )


def overdue_clocks(row: Row[Any], now: datetime) -> tuple[bool, bool]:
    """Whether the plan and whether the mending are late: each only while its clock runs."""
    state = RectificationState(row.state)
    reply = state is RectificationState.ORDERED and row.reply_by <= now
    at_work = state in (RectificationState.ORDERED, RectificationState.PLANNED)
    return reply, at_work and row.deadline <= now


def rectification_view(
    office: Office, me: SignedIn, rectification_id: int, now: datetime
) -> RectificationView:
    """The page of one rectification. Raises NotFoundError for one the reader may not see."""
    with reading(office.engine) as session:
        connection = session.connection()
        row = rectification_for(connection, me, rectification_id)
        item = connection.execute(
            select(_ITEM, _DIRECTIVE.c.title, _DIRECTIVE.c.state.label("directive_state"))
            .join(_DIRECTIVE, _DIRECTIVE.c.id == _ITEM.c.directive_id)
            .where(_ITEM.c.id == row.item_id)
        ).one()
        pieces = tuple(
            piece for piece in pieces_of(connection, row.unit_task_id) if piece.uploaded_at >= row.opened_at
        )
        ours = (
            me.role in (AccountRole.UNIT_OFFICER, AccountRole.UNIT_HEAD) and row.unit_id == me.actor.unit_id
        )
        acts = acts_of_unit(row, item.directive_state) if ours else frozenset()
        reply, complete = overdue_clocks(row, now)
        return RectificationView(
            row=row,
            unit=connection.execute(select(_UNIT.c.name).where(_UNIT.c.id == row.unit_id)).scalar_one(),
            item=item,
            directive=item.title,
            letter=connection.execute(
                select(_LETTER.c.document_number).where(_LETTER.c.id == row.letter_id)
            ).scalar_one(),
            pieces=pieces,
            reusable=reusable_pieces(connection, row.unit_id, row.unit_task_id)
            if ADD_EVIDENCE in acts
            else (),
            steps=tuple(sorted(_steps(connection, row), key=lambda step: step.at, reverse=True)),
            acts=acts,
            reply_overdue=reply,
            overdue=complete,
        )


def acts_of_unit(row: Row[Any], directive_state: str) -> frozenset[str]:
    """What the unit that must mend can do now."""
    if row.state not in MENDING or directive_state == DirectiveState.SUSPENDED:
        return frozenset()
    own = {
        RectificationState.ORDERED: {REPLY, ADD_EVIDENCE},
        RectificationState.PLANNED: {ADD_EVIDENCE, SUBMIT},
    }
    return frozenset(own.get(RectificationState(row.state), set()))


def _steps(connection: Connection, row: Row[Any]) -> Iterator[Step]:
    yield Step(row.opened_at, "ordered", text=row.problem)
    if row.replied_at:
        yield Step(row.replied_at, "replied", text=row.plan)
    decided = (
        select(_VERIFICATION, _ACCOUNT.c.name.label("who"))
        .join(_ACCOUNT, _ACCOUNT.c.id == _VERIFICATION.c.account_id)
        .where(_VERIFICATION.c.rectification_id == row.id)
    )
    handed_in = {row.submitted_at} if row.submitted_at else set()
    for one in connection.execute(decided):
        handed_in.add(one.submitted_at)
        yield Step(one.at, "verified" if one.accepted else "returned", one.who, one.reason)
    for at in handed_in:
        yield Step(at, "submitted", text=row.report if at == row.submitted_at else "")

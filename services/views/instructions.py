"""The instructions a leader gave, and what came back: the open ones by date, then those that were answered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from domain.errors import NotFoundError
from domain.unit_task import OPEN, Role
from models.columns import table
from models.directive import Directive, Instruction, Item, ItemUnit
from models.organisation import Account, AccountRole, Unit
from models.unit_task import Review, Submission, UnitTask
from services.access import directive_to_decide, sees_directive
from services.figures import is_overdue
from services.instructions import About
from services.office import Office
from services.readiness import item_label
from services.sign_in import SignedIn
from services.views.draft_page import units_to_name
from store.sessions import reading

_ITEM, _TASK, _DIRECTIVE, _UNIT = table(Item), table(UnitTask), table(Directive), table(Unit)
_INSTRUCTION, _ACCOUNT, _PART = table(Instruction), table(Account), table(ItemUnit)
_SUBMISSION, _REVIEW = table(Submission), table(Review)
SHOWN = 200


@dataclass(frozen=True)
class Given:
    """An instruction with how it stands. `answer` is what the unit reported when it was accepted, at `answered_at`."""

    text: str
    directive_id: int
    directive: str
    who: str
    given_at: datetime
    unit: str
    unit_task_id: int | None
    state: str
    deadline: datetime | None
    overdue: bool
    answer: str
    answered_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether it is still to be done; one that was just given has no task yet."""
        return self.unit_task_id is None or self.state in OPEN


@dataclass(frozen=True)
class Occasion:
    """On what an instruction is about to be written: its directive, what it says, and the unit it lies near."""

    directive: Row[Any]
    about: About
    about_id: int
    title: str
    unit: str
    units: tuple[Row[Any], ...]


def instructions(office: Office, me: SignedIn, now: datetime) -> tuple[Given, ...]:
    """The reader's own where a leader reads, else all of their part of the tree; open ones first, by date."""
    chosen: Any = (
        select(
            _INSTRUCTION.c.given_at,
            _ITEM.c.id.label("item_id"),
            _ITEM.c.text,
            _DIRECTIVE.c.id.label("directive_id"),
            _DIRECTIVE.c.title,
            _ACCOUNT.c.login,
            _UNIT.c.name.label("unit"),
            _TASK.c.id.label("task_id"),
            _TASK.c.state,
            _TASK.c.deadline,
            _TASK.c.closed_at,
            is_overdue(now).label("overdue"),
        )
        .select_from(_INSTRUCTION)
        .join(_ITEM, _ITEM.c.id == _INSTRUCTION.c.item_id)
        .join(_DIRECTIVE, _DIRECTIVE.c.id == _ITEM.c.directive_id)
        .join(_ACCOUNT, _ACCOUNT.c.id == _INSTRUCTION.c.account_id)
        .join(_PART, _PART.c.item_id == _ITEM.c.id)
        .join(_UNIT, _UNIT.c.id == _PART.c.unit_id)
        .outerjoin(_TASK, and_(_TASK.c.item_id == _ITEM.c.id, _TASK.c.unit_id == _PART.c.unit_id))
        .where(sees_directive(me))
    )
    if me.role is AccountRole.LEADER:
        chosen = chosen.where(_INSTRUCTION.c.account_id == me.actor.account_id)
    with reading(office.engine) as session:
        connection = session.connection()
        rows = connection.execute(chosen.order_by(_INSTRUCTION.c.id.desc()).limit(SHOWN)).all()
        answers = _answers(connection, [row.task_id for row in rows if row.task_id is not None])
    found = [_given(row, answers.get(row.task_id, "")) for row in rows]
    far = max((one.given_at for one in found), default=now)
    return tuple(sorted(found, key=lambda one: (not one.open, one.deadline or far)))


def _answers(connection: Connection, tasks: list[int]) -> dict[int, str]:
    """What was reported and accepted, by unit task; of several the last."""
    said = (
        select(_SUBMISSION.c.unit_task_id, _SUBMISSION.c.text)
        .join(_REVIEW, _REVIEW.c.submission_id == _SUBMISSION.c.id)
        .where(_SUBMISSION.c.unit_task_id.in_(tasks), _REVIEW.c.accepted.is_(True))
        .order_by(_SUBMISSION.c.id)
    )
    return {row.unit_task_id: row.text for row in connection.execute(said)}


def _given(row: Row[Any], answer: str) -> Given:
    return Given(
        text=row.text,
        directive_id=row.directive_id,
        directive=row.title,
        who=row.login,
        given_at=row.given_at,
        unit=row.unit,
        unit_task_id=row.task_id,
        state=row.state or "",
        deadline=row.deadline,
        overdue=bool(row.overdue),
        answer=answer,
        answered_at=row.closed_at,
    )


def occasion(office: Office, me: SignedIn, directive_id: int, about: About, about_id: int) -> Occasion:
    """What the form of an instruction shows. Raises NotFoundError for what is not of that directive."""
    with reading(office.engine) as session:
        connection = session.connection()
        directive = directive_to_decide(connection, me, directive_id)
        title, unit = _near(connection, directive, about, about_id)
        return Occasion(directive, about, about_id, title, unit, tuple(units_to_name(connection)))


def _near(connection: Connection, directive: Row[Any], about: About, about_id: int) -> tuple[str, str]:
    """What it is written on, as a person reads it, and the unit that is answerable there."""
    if about is About.DIRECTIVE and about_id == directive.id:
        return directive.title, ""
    of = select(_ITEM, _UNIT.c.name.label("unit")).where(_ITEM.c.directive_id == directive.id)
    if about is About.ITEM:
        joined = of.join(_PART, _PART.c.item_id == _ITEM.c.id).join(_UNIT, _UNIT.c.id == _PART.c.unit_id)
        chosen = joined.where(_ITEM.c.id == about_id).order_by(_PART.c.role != Role.LEAD, _PART.c.id)
    else:
        joined = of.join(_TASK, _TASK.c.item_id == _ITEM.c.id).join(_UNIT, _UNIT.c.id == _TASK.c.unit_id)
        chosen = joined.where(_TASK.c.id == about_id)
    row = connection.execute(chosen).first()
    if row is None or about is About.DIRECTIVE:
        raise NotFoundError("What the instruction is written on is not of directive %(id)s.", id=directive.id)
    return f"{item_label(row)} {row.text}", row.unit

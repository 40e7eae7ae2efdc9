"""The counts of a directive, as its circulars and its closing report state them."""

from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select

from domain.numbers import LetterKind
from domain.unit_task import State
from models.columns import table
from models.directive import Item
from models.paper import Letter, LetterState
from models.rectification import Rectification
from models.unit_task import Extension, Review, Submission, UnitTask
from services.transaction import Transaction

ITEM, TASK, LETTER, RECTIFICATION = table(Item), table(UnitTask), table(Letter), table(Rectification)
_EXTENSION, _REVIEW, _SUBMISSION = table(Extension), table(Review), table(Submission)


def directive_figures(tx: Transaction, directive_id: int) -> dict[str, Any]:
    """Counts of items, unit tasks, decisions, issued letters and rectifications of one directive."""
    items = select(ITEM.c.id).where(ITEM.c.directive_id == directive_id)
    mine = TASK.c.item_id.in_(items)
    counted = select(
        func.count().label("unit_tasks"),
        func.coalesce(func.sum(case((TASK.c.state == State.ACCEPTED, 1), else_=0)), 0).label("accepted"),
        func.coalesce(func.sum(case((TASK.c.state == State.WITHDRAWN, 1), else_=0)), 0).label("withdrawn"),
        func.coalesce(func.sum(case((TASK.c.acknowledged_at.is_not(None), 1), else_=0)), 0).label(
            "acknowledged"
        ),
        func.coalesce(func.sum(case((is_overdue(tx.now), 1), else_=0)), 0).label("overdue"),
        func.coalesce(func.sum(TASK.c.returned_times), 0).label("returned"),
    ).where(mine)
    figures: dict[str, Any] = dict(tx.run(counted).one()._mapping)  # noqa: SLF001 -- SQLAlchemy's public name for a row as a mapping
    figures["items"] = tx.run(
        select(func.count()).select_from(ITEM).where(ITEM.c.directive_id == directive_id)
    ).scalar_one()
    granted = select(func.count()).select_from(_EXTENSION).join(TASK, TASK.c.id == _EXTENSION.c.unit_task_id)
    figures["extensions"] = tx.run(granted.where(mine, _EXTENSION.c.granted.is_not(None))).scalar_one()
    mending = select(func.count()).select_from(RECTIFICATION).where(RECTIFICATION.c.item_id.in_(items))
    figures["rectifications"] = tx.run(mending).scalar_one()
    return figures | _issued(tx, directive_id)


def is_overdue(now: datetime) -> Any:
    """The SQL of `domain.ladder.is_overdue`; a test holds the two together. The index of `late_from` serves it."""
    return TASK.c.late_from <= now


def _issued(tx: Transaction, directive_id: int) -> dict[str, int]:
    mine = (LETTER.c.directive_id == directive_id, LETTER.c.state == LetterState.ISSUED)
    rows = tx.run(
        select(LETTER.c.kind, func.count().label("letters")).where(*mine).group_by(LETTER.c.kind)
    ).all()
    count = {row.kind: row.letters for row in rows}
    return {
        "reminder_letters": count.get(LetterKind.REMINDER_LETTER, 0),
        "supervision_letters": count.get(LetterKind.SUPERVISION_LETTER, 0),
        "circulars": count.get(LetterKind.RECTIFICATION_CIRCULAR, 0),
    }

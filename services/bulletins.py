"""The bulletins of the office's rhythm: digest, brief, circular."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from domain.unit_task import OPEN, State
from models.columns import table
from models.engine import Bulletin
from models.paper import Letter, LetterState
from models.unit_task import Extension, UnitTask
from services.figures import is_overdue
from services.transaction import Answer, Request, Transaction, act

_BULLETIN, TASK, LETTER, _EXTENSION = (
    table(Bulletin),
    table(UnitTask),
    table(Letter),
    table(Extension),
)


class WriteBulletin(Request):
    """The engine's: write the bulletin of that kind and period."""

    kind: str
    period: str


@act
def write_bulletin(tx: Transaction, request: WriteBulletin) -> Answer:
    """Count where the office stands and keep it under its kind and period: once, by its unique key."""
    mine = (_BULLETIN.c.kind == request.kind, _BULLETIN.c.period == request.period)
    if tx.one(select(_BULLETIN.c.id).where(*mine)) is None:
        row = {"kind": request.kind, "period": request.period, "at": tx.now, "figures": _figures(tx, tx.now)}
        tx.run(insert(_BULLETIN), row)
        tx.record("write_bulletin", f"bulletin/{request.kind}/{request.period}")
    return {"kind": request.kind, "period": request.period}


def _figures(tx: Transaction, now: datetime) -> dict[str, Any]:
    def count(*conditions: Any) -> int:
        return int(tx.run(select(func.count()).select_from(TASK).where(*conditions)).scalar_one())

    drafts = select(func.count()).select_from(LETTER).where(LETTER.c.state == LetterState.DRAFT)
    asked = select(func.count()).select_from(_EXTENSION).where(_EXTENSION.c.decided_at.is_(None))
    return {
        "open": count(TASK.c.state.in_(OPEN)),
        "overdue": count(is_overdue(now)),
        "to_review": count(TASK.c.state == State.SUBMITTED),
        "disputes": count(TASK.c.state == State.DECLINED),
        "accepted": count(TASK.c.state == State.ACCEPTED),
        "letters_to_sign": tx.run(drafts).scalar_one(),
        "extensions_to_decide": tx.run(asked).scalar_one(),
    }

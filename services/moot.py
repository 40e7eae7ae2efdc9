"""Requests that closing a task leaves without a question: nobody is asked to answer them any more."""

from sqlalchemy import ColumnElement, select, update

from models.columns import table
from models.unit_task import Dispute, Extension, UnitTask
from services.transaction import Transaction

TASK = table(UnitTask)
_REQUESTS = (table(Extension), table(Dispute))
MOOT = "—"
"""The answer of a request that nobody decided."""


def drop_requests(tx: Transaction, tasks: ColumnElement[bool]) -> None:
    """Close what `tasks`, about to be closed, still ask for; nobody decided it, so `decided_by` stays empty."""
    ids = select(TASK.c.id).where(tasks)
    for request in _REQUESTS:
        waiting = (request.c.unit_task_id.in_(ids), request.c.decided_at.is_(None))
        tx.run(update(request).where(*waiting).values(decided_at=tx.now, answer=MOOT))

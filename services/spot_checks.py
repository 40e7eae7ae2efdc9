"""回头看: an accepted task is looked at again, and kept as it is or given back to its unit."""

from typing import Any

from sqlalchemy import insert, select

from domain.errors import WrongStateError
from domain.unit_task import Act
from models.columns import table
from models.directive import ItemPeriod, ItemState
from models.unit_task import SpotCheck
from services.reviews import DECIDERS, send_back
from services.rows import Case
from services.transaction import Answer, Request, Transaction, act
from services.unit_tasks import Text

_SPOT_CHECK, _PERIOD = table(SpotCheck), table(ItemPeriod)


class CheckSpot(Request):
    """What was found: `keep` it accepted, or reopen it. Either way it is said what was looked at or is wanting."""

    unit_task_id: int
    keep: bool
    reason: Text


@act
def spot_check(tx: Transaction, request: CheckSpot) -> Answer:
    """Record the look; reopening is a return with time for rework.

    Raises WrongStateError where the task was not accepted, or, to reopen it, where its lead unit reported for it
    or its item or round is closed: nobody would remind of it any more.
    """
    case = Case(tx, request.unit_task_id, Act.SPOT_CHECK if request.keep else Act.REOPEN, *DECIDERS)
    if not request.keep:
        _require_open(tx, case)
    row: dict[str, Any] = {"unit_task_id": case.task.id, "account_id": case.account, "at": tx.now}
    tx.run(insert(_SPOT_CHECK), row | {"kept": request.keep, "reason": request.reason})
    tx.record(case.act, case.subject, reason=request.reason)
    if not request.keep:
        send_back(tx, case, "spot_check")
    return {"state": case.state}


def _require_open(tx: Transaction, case: Case) -> None:
    if case.task.closed_with_lead:
        raise WrongStateError("The lead unit reported for this task: look at the lead unit's task.")
    this_round = (_PERIOD.c.item_id == case.task.item_id, _PERIOD.c.period == case.task.period)
    closed = tx.run(select(_PERIOD.c.closed_at).where(*this_round)).scalar_one()
    if case.item.state != ItemState.OPEN or closed is not None:
        raise WrongStateError(
            "The item is closed, so this task cannot be reopened: publish a further directive."
        )

"""Giving a task to another unit: after a dispute showed that it was the wrong one's, or to a successor."""

from typing import Any

from sqlalchemy import bindparam, insert, select, update

from contracts.names import Aggregate
from domain.errors import NotFoundError, WrongStateError
from domain.instants import end_of
from domain.policy import Policy
from domain.unit_task import OPEN, Role, State
from models.columns import table
from models.directive import ItemUnit
from models.organisation import Unit
from models.paper import NoticeKind
from models.unit_task import UnitTask
from services.clock import bump
from services.notices import Telling, mail_time, tell
from services.rows import Case
from services.transaction import Transaction

TASK, _UNIT, _ITEM_UNIT = table(UnitTask), table(Unit), table(ItemUnit)
BY_WEIGHT = (Role.COOPERATING, Role.HANDLING, Role.LEAD)
_SET = update(TASK).where(TASK.c.id == bindparam("task_id"))


def hand_to(tx: Transaction, case: Case, unit_id: int, policy: Policy, why: str) -> None:
    """Give the task's role to another unit: it gets a task of its own, or the one it has takes the stronger role.
    `why` tells this telling of a task it has already from others.

    Either way the unit is told. Raises NotFoundError for a unit that is not there, WrongStateError where it has
    closed its part.
    """
    if tx.one(select(_UNIT.c.id).where(_UNIT.c.id == unit_id, _UNIT.c.abolished_at.is_(None))) is None:
        raise NotFoundError("There is no unit %(id)s.", id=unit_id)
    same = (TASK.c.item_id == case.task.item_id, TASK.c.period == case.task.period, TASK.c.unit_id == unit_id)
    theirs = tx.one(select(TASK.c.id, TASK.c.state, TASK.c.role).where(*same).with_for_update())
    role = Role(case.task.role)
    if theirs is None:
        task_id, rung = _new_task(tx, case, unit_id, policy), "assignment"
    else:
        if theirs.state not in OPEN:
            raise WrongStateError("Unit %(unit)s has already closed its part of this item.", unit=unit_id)
        task_id, rung = theirs.id, f"assignment_{why}"
        role = max(role, Role(theirs.role), key=BY_WEIGHT.index)
        tx.run(_SET.values(role=role, version=TASK.c.version + 1), {"task_id": task_id})
    telling = Telling(NoticeKind.ASSIGNMENT, case.task.item_id, rung)
    tell(tx, telling, TASK.c.id == task_id, mail_at=mail_time(tx, policy.mail_hold_minutes))
    _take_part(tx, case.task.item_id, unit_id, role)
    bump(tx, Aggregate.ITEM, case.task.item_id)


def _new_task(tx: Transaction, case: Case, unit_id: int, policy: Policy) -> int:
    """The task with the deadline it has now, the first of the new unit; its days to acknowledge begin today."""
    by = end_of(tx.frame.calendar.add_working_days(tx.today, policy.acknowledge_days), tx.frame.tz)
    row: dict[str, Any] = {"directive_id": case.item.directive_id, "item_id": case.task.item_id}
    row |= {"period": case.task.period, "unit_id": unit_id}
    row |= {"role": case.task.role, "state": State.ASSIGNED, "held": False, "version": 1}
    row |= {"assigned_at": tx.now, "acknowledge_by": by, "acknowledge_level": -1}
    row |= {"deadline": case.task.deadline, "original_deadline": case.task.deadline}
    row |= {"deadline_since": tx.now, "deadline_version": 1, "complete_level": -1}
    row |= {"progress": 0, "returned_times": 0, "extended_times": 0, "closed_with_lead": False}
    return int(tx.run(insert(TASK).returning(TASK.c.id), row).scalar_one())


def _take_part(tx: Transaction, item_id: int, unit_id: int, role: Role) -> None:
    """Later periods go to the unit as well."""
    mine = (_ITEM_UNIT.c.item_id == item_id, _ITEM_UNIT.c.unit_id == unit_id)
    if not tx.run(update(_ITEM_UNIT).where(*mine).values(role=role)).rowcount:
        tx.run(insert(_ITEM_UNIT), {"item_id": item_id, "unit_id": unit_id, "role": role, "named_as": ""})

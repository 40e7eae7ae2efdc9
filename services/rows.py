"""Locking the rows of an act, always in one order (item, then unit task), so that no two acts wait for each other.

An act that cannot poke the item's workflow takes the item in share mode: acts of different units go side
by side, yet none slips between a ladder's look and its writing.
"""

from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Row, bindparam, select

from domain.errors import NotAllowedError, NotFoundError, WrongStateError
from domain.ladder import TaskClocks
from domain.policy import Policy, policy_from_json
from domain.unit_task import CLOCK_EFFECT, Act, ClockEffect, Role, State, after
from models.columns import table
from models.directive import Directive, DirectiveState, Item
from models.organisation import AccountRole
from models.unit_task import UnitTask
from services.transaction import Transaction

DIRECTIVE, ITEM, TASK = table(Directive), table(Item), table(UnitTask)

_ITEM_OF_TASK = select(TASK.c.item_id).where(TASK.c.id == bindparam("task_id")).scalar_subquery()
_FOR_TASK = (
    select(
        ITEM.c.id,
        ITEM.c.directive_id,
        ITEM.c.state,
        ITEM.c.text_sha256,
        DIRECTIVE.c.state.label("directive_state"),
        DIRECTIVE.c.issuer_id,
    )
    .join(DIRECTIVE, DIRECTIVE.c.id == ITEM.c.directive_id)
    .where(ITEM.c.id == _ITEM_OF_TASK)
)
_SHARE_ITEM = _FOR_TASK.with_for_update(read=True, of=ITEM)
_LOCK_ITEM = _FOR_TASK.add_columns(ITEM.c.ladder, ITEM.c.next_moment).with_for_update(of=ITEM)
_POLICY = select(DIRECTIVE.c.policy).where(DIRECTIVE.c.id == bindparam("directive_id"))
_LOCK_TASK = select(TASK).where(TASK.c.id == bindparam("task_id")).with_for_update()


class Case:
    """A unit task with its item, both locked, the act that is about to happen to it, and the account that does it."""

    def __init__(self, tx: Transaction, task_id: int, act: Act, *roles: AccountRole) -> None:
        """For the task's own unit, or for `roles` where some are named.

        Raises NotFoundError, NotAllowedError, or WrongStateError where the act does not fit: in this order, so that
        nobody learns how another unit stands.
        """
        pokes = CLOCK_EFFECT[act] is not ClockEffect.NONE or act in (Act.ACCEPT, Act.UPHOLD_DISPUTE)
        item = tx.one(_LOCK_ITEM if pokes else _SHARE_ITEM, {"task_id": task_id})
        task = tx.one(_LOCK_TASK, {"task_id": task_id})
        if item is None or task is None:
            raise NotFoundError("There is no unit task %(id)s.", id=task_id)
        self.account = require_role(tx, *roles) if roles else require_unit(tx, task.unit_id)
        self._tx, self.act, self.item, self.task = tx, act, item, task
        if item.directive_state == DirectiveState.SUSPENDED:
            raise WrongStateError("The directive of unit task %(id)s is suspended.", id=task_id)
        self.state = after(
            State(task.state), act, suspended_in=State(task.suspended_in) if task.suspended_in else None
        )

    @cached_property
    def policy(self) -> Policy:
        """The directive's; few acts ask for it."""
        return policy_from_json(self._tx.run(_POLICY, {"directive_id": self.item.directive_id}).scalar_one())

    @property
    def subject(self) -> str:
        """How the audit trail names it."""
        return f"unit_task/{self.task.id}"


def clocks_of(row: Row[Any], **changed: Any) -> TaskClocks:
    """A unit task's row as the ladder sees it, with some columns changed."""
    values = {**row._mapping, **changed}  # noqa: SLF001 -- SQLAlchemy's public name for a row as a mapping
    return TaskClocks(
        state=State(values["state"]),
        role=Role(values["role"]),
        held=values["held"],
        acknowledge_by=values["acknowledge_by"],
        assigned_at=values["assigned_at"],
        acknowledge_level=values["acknowledge_level"],
        deadline=values["deadline"],
        deadline_since=values["deadline_since"],
        complete_level=values["complete_level"],
        own_deadline=values["deadline_version"] > 1,
    )


def require_role(tx: Transaction, *roles: AccountRole) -> int:
    """The account that acts, when it has one of the roles. Raises NotAllowedError otherwise."""
    if tx.actor.account_id is None or tx.actor.role not in roles:
        raise NotAllowedError("%(who)s has not the right to do this.", who=tx.actor.name)
    return tx.actor.account_id


def require_manager(tx: Transaction) -> None:
    """Raise NotAllowedError unless an administrator acts, or the operator at the command line, who has no account."""
    if tx.actor.account_id is not None and tx.actor.role != AccountRole.ADMINISTRATOR:
        raise NotAllowedError("%(who)s has not the right to do this.", who=tx.actor.name)


def require_unit(tx: Transaction, unit_id: int) -> int:
    """The account that acts, when it belongs to that unit or enters a paper for it. Raises NotAllowedError otherwise."""
    if tx.actor.on_behalf is not None and tx.actor.on_behalf.unit_id == unit_id:
        return require_role(tx, AccountRole.SUPERVISION_OFFICE)
    account = require_role(tx, AccountRole.UNIT_OFFICER, AccountRole.UNIT_HEAD)
    if tx.actor.unit_id != unit_id:
        raise NotAllowedError("%(who)s belongs to another unit.", who=tx.actor.name)
    return account


def iso(instant: datetime | None) -> str | None:
    """An instant as plain JSON."""
    return instant.isoformat() if instant else None

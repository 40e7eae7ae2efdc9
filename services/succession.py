"""承继: what a unit that is no more still owes goes to its successor, with its history, proof and deadline.

A task moves as it stands. Where the successor has a task of its own in the same round, that one takes the stronger
role and the other is withdrawn. Parts in items and drafts, and rectifications, move as well.
"""

from typing import Any

from sqlalchemy import Row, delete, exists, select, update

from contracts.names import Aggregate
from domain.errors import WrongStateError
from domain.policy import policy_from_json
from domain.unit_task import OPEN, Act, Role, State
from models.columns import table
from models.directive import Directive, Item, ItemState, ItemUnit
from models.organisation import AccountRole
from models.paper import NoticeKind
from models.rectification import MENDING, Rectification
from models.unit_task import UnitTask
from services.clock import bump
from services.handover import BY_WEIGHT, hand_to
from services.moot import drop_requests
from services.notices import Telling, mail_time, tell
from services.reviews import close_followers
from services.rows import Case
from services.transaction import Transaction

TASK, _ITEM, _DIRECTIVE, _PART, _RECTIFICATION = (
    table(UnitTask),
    table(Item),
    table(Directive),
    table(ItemUnit),
    table(Rectification),
)
_OVER = (ItemState.CLOSED, ItemState.WITHDRAWN)


def hand_over(tx: Transaction, from_id: int, to_id: int, succession: int) -> int:
    """Move everything open from one unit to the other; answers how many tasks.

    Raises WrongStateError where both have a task of the same round and the one that would go cannot.
    """
    tasks = _tasks(tx, from_id)
    for task in tasks:
        theirs = tx.one(
            select(TASK.c.id, TASK.c.state)
            .where(TASK.c.item_id == task.item_id, TASK.c.period == task.period, TASK.c.unit_id == to_id)
            .with_for_update()
        )
        if theirs is None:
            _move(tx, task, to_id, succession)
        else:
            _join(tx, task, theirs, to_id, succession)
    mending = (_RECTIFICATION.c.unit_id == from_id, _RECTIFICATION.c.state.in_(MENDING))
    tx.run(update(_RECTIFICATION).where(*mending).values(unit_id=to_id, version=_RECTIFICATION.c.version + 1))
    _move_parts(tx, from_id, to_id)
    return len(tasks)


def _tasks(tx: Transaction, unit_id: int) -> list[Row[Any]]:
    """The tasks that are open or have a rectification that is, items locked before tasks, both in order."""
    mended = exists().where(_RECTIFICATION.c.unit_task_id == TASK.c.id, _RECTIFICATION.c.state.in_(MENDING))
    mine = (TASK.c.unit_id == unit_id, TASK.c.state.in_(OPEN) | mended)
    items = tx.run(select(TASK.c.item_id).where(*mine).distinct()).scalars().all()
    tx.run(select(_ITEM.c.id).where(_ITEM.c.id.in_(items)).order_by(_ITEM.c.id).with_for_update())
    return list(tx.run(select(TASK).where(*mine).order_by(TASK.c.id).with_for_update()).all())


def _move(tx: Transaction, task: Row[Any], to_id: int, succession: int) -> None:
    tx.run(update(TASK).where(TASK.c.id == task.id).values(unit_id=to_id, version=TASK.c.version + 1))
    tx.record("hand_over", f"unit_task/{task.id}", before=task.unit_id, after=to_id)
    if task.state not in OPEN:
        return
    chosen = select(_DIRECTIVE.c.policy).join(_ITEM, _ITEM.c.directive_id == _DIRECTIVE.c.id)
    policy = policy_from_json(tx.run(chosen.where(_ITEM.c.id == task.item_id)).scalar_one())
    telling = Telling(NoticeKind.ASSIGNMENT, task.item_id, f"assignment_succession_{succession}")
    tell(tx, telling, TASK.c.id == task.id, mail_at=mail_time(tx, policy.mail_hold_minutes))


def _join(tx: Transaction, task: Row[Any], theirs: Row[Any], to_id: int, succession: int) -> None:
    """Both have a task of the round: the successor's own goes on, with the stronger role where it is open."""
    if task.state not in OPEN:
        raise WrongStateError(
            "Close the rectification of unit task %(id)s first: the successor has a task of its own there.",
            id=task.id,
        )
    case = Case(tx, task.id, Act.WITHDRAW, AccountRole.ADMINISTRATOR)
    drop_requests(tx, TASK.c.id == task.id)
    gone = {"state": State.WITHDRAWN, "closed_at": tx.now, "held": False, "version": TASK.c.version + 1}
    tx.run(update(TASK).where(TASK.c.id == task.id).values(**gone))
    tx.record("hand_over", case.subject, before=task.unit_id, after=to_id, joined=theirs.id)
    if theirs.state in OPEN:
        hand_to(tx, case, to_id, case.policy, f"succession_{succession}")
    close_followers(tx, case)
    bump(tx, Aggregate.ITEM, task.item_id)


def _move_parts(tx: Transaction, from_id: int, to_id: int) -> None:
    """Later rounds, and drafts, name the successor; the stronger role where it takes part already."""
    mine = (
        select(_PART.c.id, _PART.c.item_id, _PART.c.role)
        .join(_ITEM, _ITEM.c.id == _PART.c.item_id)
        .where(_PART.c.unit_id == from_id, _ITEM.c.state.not_in(_OVER))
        .order_by(_PART.c.id)
    )
    for part in tx.run(mine).all():
        theirs = (_PART.c.item_id == part.item_id, _PART.c.unit_id == to_id)
        role = tx.run(select(_PART.c.role).where(*theirs)).scalar()
        if role is None:
            tx.run(update(_PART).where(_PART.c.id == part.id).values(unit_id=to_id))
            continue
        stronger = max(Role(part.role), Role(role), key=BY_WEIGHT.index)
        tx.run(update(_PART).where(*theirs).values(role=stronger))
        tx.run(delete(_PART).where(_PART.c.id == part.id))

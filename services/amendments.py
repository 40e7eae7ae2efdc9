"""调整: changing an item after it was published. Whom it concerns acknowledges anew, nobody else hears of it."""

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, insert, literal, select, update

from contracts.names import Aggregate
from domain.errors import WrongStateError
from domain.instants import end_of
from domain.policy import Policy, policy_from_json
from domain.unit_task import AT_WORK, OPEN, Act, State
from models.columns import Instant, table
from models.directive import Amendment, DirectiveState, Item, ItemPeriod, ItemUnit
from models.organisation import AccountRole
from models.paper import NoticeKind
from models.rectification import MENDING, Rectification, RectificationState
from models.unit_task import DeadlineChange, UnitTask
from services.amendment_plan import AmendItem, AmendmentPlan, plan_amendment
from services.clock import bump
from services.directives import lock_directive
from services.draft_parts import Parts, parts_of, write_parts
from services.moot import drop_requests
from services.notices import Telling, mail_time, tell
from services.rows import require_role
from services.search_index import index_directive
from services.transaction import Answer, Transaction, act

ITEM, TASK, PART, PERIOD = table(Item), table(UnitTask), table(ItemUnit), table(ItemPeriod)
_AMENDMENT, _CHANGE, _RECTIFICATION = table(Amendment), table(DeadlineChange), table(Rectification)
AMENDED = "amended"
"""Why a deadline has a new version: the item was changed, and with it the task is acknowledged anew."""


@act
def amend_item(tx: Transaction, request: AmendItem) -> Answer:
    """Change the item, and have those acknowledge it again whom the change concerns.

    A new text or date concerns every unit; one that comes gets its task, one that goes loses it. Raises what
    `plan_amendment` raises.
    """
    account = require_role(tx, AccountRole.LEADER)
    directive = lock_directive(tx, request.directive_id, DirectiveState.PUBLISHED)
    plan = plan_amendment(tx, directive, request)
    policy = policy_from_json(directive.policy)
    before = parts_of(tx, plan.item.id)
    row: dict[str, Any] = {"item_id": plan.item.id, "account_id": account, "at": tx.now}
    row |= {"before": _shape(plan.item.text, plan.item.due_on, before)}
    row |= {"after": _shape(plan.text, plan.due_on, plan.parts), "reason": request.reason}
    tx.run(insert(_AMENDMENT), row)
    _change_item(tx, plan)
    index_directive(tx.connection, directive.id)
    _let_go(tx, plan, policy)
    if plan.for_all:
        _ask_again(tx, plan, policy)
    _hand_out(tx, plan, directive, policy)
    tx.record(
        Act.AMEND,
        f"item/{plan.item.id}",
        **request.model_dump(mode="json", exclude={"directive_id", "item_id", "version"}),
    )
    bump(tx, Aggregate.ITEM, plan.item.id)
    return {"again": plan.again, "added": len(plan.added), "withdrawn": plan.withdrawn}


def _shape(text: str, due_on: Any, parts: Parts) -> dict[str, Any]:
    units = {str(unit): part.role.value for unit, part in parts.items()}
    return {"text": text, "due_on": due_on.isoformat() if due_on else None, "units": units}


def _change_item(tx: Transaction, plan: AmendmentPlan) -> None:
    values: dict[str, Any] = {"text": plan.text, "due_on": plan.due_on}
    values["text_sha256"] = hashlib.sha256(plan.text.encode()).hexdigest()
    tx.run(update(ITEM).where(ITEM.c.id == plan.item.id).values(**values))
    write_parts(tx, plan.item.id, plan.parts)


def _let_go(tx: Transaction, plan: AmendmentPlan, policy: Policy) -> None:
    """The tasks of units that are taken out end, and what they had to mend with them; they are told."""
    if not plan.removed:
        return
    gone = and_(TASK.c.item_id == plan.item.id, TASK.c.unit_id.in_(plan.removed), TASK.c.state.in_(OPEN))
    drop_requests(tx, gone)
    telling = Telling(NoticeKind.AMENDED, plan.item.id, f"{AMENDED}_withdrawn")
    tell(tx, telling, gone, mail_at=mail_time(tx, policy.mail_hold_minutes))
    ids = tx.run(select(TASK.c.id).where(gone)).scalars().all()
    ended = {"state": State.WITHDRAWN, "closed_at": tx.now, "held": False, "version": TASK.c.version + 1}
    tx.run(update(TASK).where(gone).values(**ended))
    mending = (_RECTIFICATION.c.unit_task_id.in_(ids), _RECTIFICATION.c.state.in_(MENDING))
    for rectification in tx.run(select(_RECTIFICATION.c.id).where(*mending)).scalars().all():
        mine = _RECTIFICATION.c.id == rectification
        tx.run(update(_RECTIFICATION).where(mine).values(state=RectificationState.WITHDRAWN))
        bump(tx, Aggregate.RECTIFICATION, rectification)


def _ask_again(tx: Transaction, plan: AmendmentPlan, policy: Policy) -> None:
    """A new version of every open task's deadline; what the unit works on is to be acknowledged anew."""
    mine = and_(TASK.c.item_id == plan.item.id, TASK.c.state.in_(OPEN))
    at_work = and_(mine, TASK.c.state.in_(AT_WORK))
    drop_requests(tx, at_work)
    deadline = end_of(plan.due_on, tx.frame.tz) if plan.moves and plan.due_on else None
    if deadline is not None:
        unfinished = (PERIOD.c.item_id == plan.item.id, PERIOD.c.closed_at.is_(None))
        tx.run(update(PERIOD).where(*unfinished).values(deadline=deadline))
    _new_versions(tx, mine, deadline)
    again = {
        "state": State.ASSIGNED,
        "held": False,
        "acknowledge_by": end_of(plan.acknowledge_by, tx.frame.tz),
        "acknowledged_at": None,
        "acknowledge_level": -1,
    }
    tx.run(update(TASK).where(at_work).values(**again))
    telling = Telling(NoticeKind.AMENDED, plan.item.id, AMENDED)
    tell(tx, telling, mine, mail_at=mail_time(tx, policy.mail_hold_minutes))


def _new_versions(tx: Transaction, tasks: ColumnElement[bool], deadline: datetime | None) -> None:
    """The history rows and the columns of a new version: the new deadline, or the one each has."""
    moved: Any = TASK.c.deadline if deadline is None else literal(deadline, Instant())
    columns = ["unit_task_id", "deadline_version", "deadline", "since", "reason"]
    history = select(
        TASK.c.id, TASK.c.deadline_version + 1, moved, literal(tx.now, Instant()), literal(AMENDED)
    ).where(tasks)
    tx.run(insert(_CHANGE).from_select(columns, history, include_defaults=False))
    values = {"deadline": moved, "deadline_since": tx.now, "complete_level": -1}
    values |= {"deadline_version": TASK.c.deadline_version + 1, "version": TASK.c.version + 1}
    tx.run(update(TASK).where(tasks).values(**values))


def _hand_out(tx: Transaction, plan: AmendmentPlan, directive: Row[Any], policy: Policy) -> None:
    """Every unit that is added gets its task of the round that is open; a fan-out under way finds it by itself."""
    rounds = (
        PERIOD.c.item_id == plan.item.id,
        PERIOD.c.closed_at.is_(None),
        PERIOD.c.assigned_at.is_not(None),
    )
    for period in tx.run(select(PERIOD).where(*rounds).order_by(PERIOD.c.id)).all() if plan.added else ():
        this_round = (TASK.c.item_id == plan.item.id, TASK.c.period == period.period)
        had = select(TASK.c.unit_id).where(*this_round, TASK.c.unit_id.in_(plan.added))
        if tx.one(had) is not None:
            raise WrongStateError("A unit that is to be added has already closed its part of this item.")
        row: dict[str, Any] = {"directive_id": directive.id, "item_id": plan.item.id, "period": period.period}
        row |= {"state": State.ASSIGNED, "held": False, "assigned_at": tx.now, "version": 1, "progress": 0}
        row |= {"acknowledge_by": end_of(plan.acknowledge_by, tx.frame.tz), "acknowledge_level": -1}
        row |= {"deadline": period.deadline, "original_deadline": period.deadline, "deadline_version": 1}
        row |= {"deadline_since": tx.now, "complete_level": -1, "returned_times": 0, "extended_times": 0}
        row["closed_with_lead"] = False
        tx.run(insert(TASK), [row | {"unit_id": u, "role": plan.parts[u].role} for u in plan.added])
        new = and_(*this_round, TASK.c.unit_id.in_(plan.added))
        telling = Telling(NoticeKind.ASSIGNMENT, plan.item.id, "assignment")
        tell(tx, telling, new, mail_at=mail_time(tx, policy.mail_hold_minutes))

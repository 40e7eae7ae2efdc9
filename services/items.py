"""One wake-up of an item: open what is due, walk the ladder, close what is finished, say how long to wait."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from contracts.names import Aggregate
from contracts.payloads import Advanced
from domain.errors import NotFoundError
from domain.ladder import earliest
from domain.policy import Policy, policy_from_json
from domain.unit_task import OPEN
from models.columns import table
from models.directive import Directive, DirectiveState, Item, ItemPeriod, ItemState
from models.rectification import MENDING, Rectification
from models.unit_task import UnitTask
from services.clock import bump
from services.fan_out import open_due_period
from services.ladder_walk import walk
from services.transaction import Answer, Request, Transaction, act

ITEM, DIRECTIVE, PERIOD, TASK = table(Item), table(Directive), table(ItemPeriod), table(UnitTask)
_RECTIFICATION = table(Rectification)
_LOCK = select(ITEM.c.id).where(ITEM.c.id == bindparam("item_id")).with_for_update()
_READ = (
    select(
        ITEM,
        DIRECTIVE.c.state.label("directive_state"),
        DIRECTIVE.c.starts_at,
        DIRECTIVE.c.horizon,
        DIRECTIVE.c.policy,
        DIRECTIVE.c.issuer_id,
        DIRECTIVE.c.title,
    )
    .join(DIRECTIVE, DIRECTIVE.c.id == ITEM.c.directive_id)
    .where(ITEM.c.id == bindparam("item_id"))
)
_LOCK_DIRECTIVE = select(DIRECTIVE.c.id).where(DIRECTIVE.c.id == bindparam("directive_id")).with_for_update()


_MINE = TASK.c.item_id == bindparam("of_item")
_SEEN = (
    update(ITEM)
    .where(ITEM.c.id == bindparam("of_item"))
    .values(seen_clock_version=bindparam("seen"), next_moment=bindparam("until"))
)
_TWO_PERIODS = select(PERIOD.c.id).where(PERIOD.c.item_id == bindparam("of_item")).limit(2)
_OPEN_TASK = select(TASK.c.id).where(_MINE, TASK.c.state.in_(OPEN)).limit(1)
_CLOSE_PERIODS = (
    update(PERIOD)
    .where(
        PERIOD.c.item_id == bindparam("of_item"),
        PERIOD.c.closed_at.is_(None),
        PERIOD.c.assigned_at.is_not(None),
        PERIOD.c.period.not_in(select(TASK.c.period).where(_MINE, TASK.c.state.in_(OPEN))),
    )
    .values(closed_at=bindparam("now"))
)


class AdvanceItem(Request):
    """The engine's: do what is due for this item now. `after` is what the page before answered."""

    item_id: int
    after: int = 0


@act
def advance_item(tx: Transaction, request: AdvanceItem) -> Answer:
    """One transaction of a wake-up. Answers `Advanced` as plain fields; `more` asks to be called again at once."""
    tx.run(_LOCK, {"item_id": request.item_id})
    item = tx.one(
        _READ, {"item_id": request.item_id}
    )  # after the lock: what it waited for is seen as a whole
    if item is None:
        raise NotFoundError("There is no item %(id)s.", id=request.item_id)
    return _resting(tx, item) or _go_on(tx, item, policy_from_json(item.policy), request.after)


def _resting(tx: Transaction, item: Row[Any]) -> Answer | None:
    """The answer of an item with nothing to do: suspended, over, or in the hold after publication."""
    if item.directive_state == DirectiveState.SUSPENDED:
        return _wait(tx, item, None, note="suspended")
    if item.state != ItemState.OPEN or item.directive_state != DirectiveState.PUBLISHED:
        _wait(tx, item, None)
        return advanced(Advanced(closed=True, note=item.state))
    if item.starts_at > tx.now:
        return _wait(tx, item, item.starts_at, note="in the hold after publication")
    return None


def _go_on(tx: Transaction, item: Row[Any], policy: Policy, after: int) -> Answer:
    """Open what is due, walk the ladder, close what is finished."""
    opening = open_due_period(tx, item, policy, after)
    if opening.more:
        return advanced(Advanced(note=f"assigned {opening.assigned}"), more=True) | {"after": opening.after}
    walked = walk(tx, item, policy, after)
    if walked.more:
        return advanced(Advanced(note=f"told {walked.told}"), more=True) | {"after": walked.after}
    _close_periods(tx, item)
    if opening.next_opening is None and not _has_open_task(tx, item):
        return _close(tx, item)
    note = (
        f"opened {opening.opened}, assigned {opening.assigned}" if opening.opened else f"told {walked.told}"
    )
    first = tx.run(_TWO_PERIODS, {"of_item": item.id}).all()
    period_ended = bool(opening.opened) and len(first) > 1
    return _wait(
        tx, item, earliest((opening.next_opening, walked.next_moment)), note=note, period_ended=period_ended
    )


def advanced(outcome: Advanced, *, more: bool = False) -> Answer:
    """The outcome of a wake-up as an act's answer."""
    return {
        "closed": outcome.closed,
        "wait_seconds": outcome.wait_seconds,
        "period_ended": outcome.period_ended,
        "note": outcome.note,
        "more": more,
    }


def _wait(
    tx: Transaction, item: Row[Any], until: datetime | None, *, note: str = "", period_ended: bool = False
) -> Answer:
    """Remember what the workflow has seen and what it waits for."""
    tx.run(_SEEN, {"of_item": item.id, "seen": item.clock_version, "until": until})
    seconds = max((until - tx.now).total_seconds(), 0.0) if until else None
    return advanced(Advanced(wait_seconds=seconds, note=note, period_ended=period_ended))


def _has_open_task(tx: Transaction, item: Row[Any]) -> bool:
    return tx.one(_OPEN_TASK, {"of_item": item.id}) is not None


def _close_periods(tx: Transaction, item: Row[Any]) -> None:
    tx.run(_CLOSE_PERIODS, {"of_item": item.id, "now": tx.now})


def _close(tx: Transaction, item: Row[Any]) -> Answer:
    values = {
        "state": ItemState.CLOSED,
        "closed_at": tx.now,
        "next_moment": None,
        "seen_clock_version": item.clock_version,
    }
    tx.run(update(ITEM).where(ITEM.c.id == item.id).values(version=ITEM.c.version + 1, **values))
    tx.record("close_item", f"item/{item.id}")
    bump_directive_when_done(tx, item.directive_id)
    return advanced(Advanced(closed=True, note="closed"))


def bump_directive_when_done(tx: Transaction, directive_id: int) -> None:
    """Poke the directive when nothing of it is open any more, items or rectifications: it drafts its closing report.

    It is locked before the look, so that of two last ones that close side by side the second sees the first.
    """
    tx.run(_LOCK_DIRECTIVE, {"directive_id": directive_id})
    open_items = (
        select(ITEM.c.id).where(ITEM.c.directive_id == directive_id, ITEM.c.state == ItemState.OPEN).limit(1)
    )
    mine = select(ITEM.c.id).where(ITEM.c.directive_id == directive_id)
    mending = (
        select(_RECTIFICATION.c.id)
        .where(_RECTIFICATION.c.item_id.in_(mine), _RECTIFICATION.c.state.in_(MENDING))
        .limit(1)
    )
    if tx.one(open_items) is None and tx.one(mending) is None:
        bump(tx, Aggregate.DIRECTIVE, directive_id)

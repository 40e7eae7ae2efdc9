"""The course of a directive as a whole: its mid-term circular, and its closing report when all is done."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update

from contracts.payloads import Advanced
from domain.errors import NotFoundError
from domain.foresight import mid_term
from domain.numbers import LetterKind
from domain.periods import Frequency
from domain.policy import Policy, policy_from_json
from models.columns import table
from models.directive import Directive, DirectiveState, Item, ItemState
from models.organisation import Unit
from models.rectification import MENDING, Rectification
from services.figures import directive_figures
from services.items import advanced
from services.letters import Draft, draft_letter
from services.transaction import Answer, Request, Transaction, act

DIRECTIVE, ITEM, RECTIFICATION, UNIT = table(Directive), table(Item), table(Rectification), table(Unit)
_LOCK = (
    select(DIRECTIVE, UNIT.c.name.label("issuer"))
    .join(UNIT, UNIT.c.id == DIRECTIVE.c.issuer_id)
    .where(DIRECTIVE.c.id == bindparam("directive_id"))
    .with_for_update(of=DIRECTIVE)
)


class AdvanceDirective(Request):
    """The engine's: do what is due for this directive as a whole."""

    directive_id: int


@act
def advance_directive(tx: Transaction, request: AdvanceDirective) -> Answer:
    """One wake-up of a directive."""
    row = tx.one(_LOCK, {"directive_id": request.directive_id})
    if row is None:
        raise NotFoundError("There is no directive %(id)s.", id=request.directive_id)
    return _resting(tx, row) or _go_on(tx, row, policy_from_json(row.policy))


def _resting(tx: Transaction, row: Row[Any]) -> Answer | None:
    """The answer of a directive with nothing to do: suspended, over, or in the hold after publication."""
    if row.state == DirectiveState.SUSPENDED:
        return _wait(tx, row, None, "suspended")
    if row.state != DirectiveState.PUBLISHED:
        _wait(tx, row, None, row.state)
        return advanced(Advanced(closed=True, note=row.state))
    if row.starts_at > tx.now:
        return _wait(tx, row, row.starts_at, "in the hold after publication")
    return None


def _go_on(tx: Transaction, row: Row[Any], policy: Policy) -> Answer:
    """Close it when nothing is open; otherwise its mid-term circular when that is due."""
    if not _anything_open(tx, row):
        return _close(tx, row, policy)
    moment = mid_term(policy, row.starts_at, row.horizon, tx.frame)
    if moment is None or row.mid_term_done_at is not None:
        return _wait(tx, row, None, "waits for its items")
    if moment > tx.now:
        return _wait(tx, row, moment, "waits for mid-term")
    _draft(tx, row, policy, LetterKind.PROGRESS_CIRCULAR)
    tx.run(update(DIRECTIVE).where(DIRECTIVE.c.id == row.id).values(mid_term_done_at=tx.now))
    return _wait(tx, row, None, "mid-term circular drafted")


def _anything_open(tx: Transaction, row: Row[Any]) -> bool:
    items = select(ITEM.c.id).where(ITEM.c.directive_id == row.id)
    open_items = tx.one(items.where(ITEM.c.state == ItemState.OPEN).limit(1))
    mending = select(RECTIFICATION.c.id).where(
        RECTIFICATION.c.item_id.in_(items), RECTIFICATION.c.state.in_(MENDING)
    )
    return open_items is not None or tx.one(mending.limit(1)) is not None


def _close(tx: Transaction, row: Row[Any], policy: Policy) -> Answer:
    _draft(tx, row, policy, LetterKind.CLOSING_REPORT)
    values = {
        "state": DirectiveState.CLOSED,
        "closed_at": tx.now,
        "next_moment": None,
        "seen_clock_version": row.clock_version,
    }
    tx.run(
        update(DIRECTIVE).where(DIRECTIVE.c.id == row.id).values(version=DIRECTIVE.c.version + 1, **values)
    )
    tx.record("close_directive", f"directive/{row.id}")
    return advanced(Advanced(closed=True, note="closing report drafted"))


def _draft(tx: Transaction, row: Row[Any], policy: Policy, kind: LetterKind) -> None:
    tz = tx.frame.tz
    ongoing = (ITEM.c.directive_id == row.id, ITEM.c.frequency == Frequency.ONGOING)
    facts = directive_figures(tx, row.id) | {
        "directive": row.title,
        "issuer": row.issuer,
        "today": tx.today.isoformat(),
        "published": row.published_at.astimezone(tz).date().isoformat(),
        "continuing": tx.run(select(func.count()).select_from(ITEM).where(*ongoing)).scalar_one(),
    }
    draft_letter(
        tx, Draft(kind, row.id, row.issuer_id, None, f"directive.{row.id}.{kind.value}", facts, ()), policy
    )


def _wait(tx: Transaction, row: Row[Any], until: datetime | None, note: str) -> Answer:
    values = {"seen_clock_version": row.clock_version, "next_moment": until}
    tx.run(update(DIRECTIVE).where(DIRECTIVE.c.id == row.id).values(**values))
    seconds = max((until - tx.now).total_seconds(), 0.0) if until else None
    return advanced(Advanced(wait_seconds=seconds, note=note))

"""When an act makes an owner's next moment earlier, its workflow is poked; otherwise nobody is."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update

from contracts.names import Aggregate
from domain.ladder import TaskClocks, earliest, next_moment, running_clocks
from domain.policy import ladder_from_json
from domain.unit_task import CLOCK_EFFECT, ClockEffect
from models.columns import table
from models.directive import Directive, Item
from models.engine import OutboxKind
from models.rectification import Rectification
from services.rows import Case
from services.transaction import Transaction

_OWNERS = {
    Aggregate.DIRECTIVE: table(Directive),
    Aggregate.ITEM: table(Item),
    Aggregate.RECTIFICATION: table(Rectification),
}
_BUMP = {
    aggregate: update(t)
    .where(t.c.id == bindparam("owner_id"))
    .values(clock_version=t.c.clock_version + 1, version=t.c.version + 1)
    .returning(t.c.clock_version)
    for aggregate, t in _OWNERS.items()
}


def bump(tx: Transaction, aggregate: Aggregate, owner_id: int, *, at: datetime | None = None) -> None:
    """Raise the owner's clock version and have the relay poke its workflow (not before `at`)."""
    version = tx.run(_BUMP[aggregate], {"owner_id": owner_id}).scalar_one()
    tx.send(
        OutboxKind.POKE,
        (aggregate, owner_id),
        f"{aggregate}/{owner_id}/{version}",
        at=at,
        clock_version=version,
    )


def task_moment(tx: Transaction, ladder: dict[str, Any], clocks: TaskClocks) -> datetime | None:
    """The next moment of one unit task."""
    rungs = ladder_from_json(ladder)
    return earliest(next_moment(running, rungs, tx.frame, tx.now) for running in running_clocks(clocks))


def bump_if_needed(tx: Transaction, case: Case, clocks: TaskClocks) -> None:
    """Poke the item after `case.act` where the table of clock effects asks for it.

    `clocks` is the task as it is after the act.
    """
    effect = CLOCK_EFFECT[case.act]
    if effect is ClockEffect.NONE:
        return
    if effect is ClockEffect.IF_EARLIER:
        moment = task_moment(tx, case.item.ladder, clocks)
        waits_for = case.item.next_moment
        if moment is None or (waits_for is not None and moment >= waits_for):
            return
    bump(tx, Aggregate.ITEM, case.item.id)

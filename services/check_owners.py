"""I4, I5, I13: who is open has an owner that knows it, who is closed has none, and no failure is silent."""

from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, func, literal, or_, select, union_all

from contracts.names import Aggregate
from domain.unit_task import CLOSED, OPEN, State
from models.columns import table
from models.directive import Directive, DirectiveState, Item, ItemState
from models.engine import Incident, Outbox, OutboxKind
from models.paper import Mail, MailState
from models.rectification import MENDING, Rectification
from models.unit_task import UnitTask
from services.check_report import BrokenError, Look, Rule, named

DIRECTIVE, ITEM, RECTIFICATION, TASK = table(Directive), table(Item), table(Rectification), table(UnitTask)
_OUTBOX, _INCIDENT, _MAIL = table(Outbox), table(Incident), table(Mail)
_OVER = (DirectiveState.CLOSED, DirectiveState.WITHDRAWN)
_OWNERS = (Aggregate.DIRECTIVE, Aggregate.ITEM, Aggregate.RECTIFICATION)


def _owner(
    aggregate: Aggregate, source: Any, is_open: ColumnElement[bool], is_draft: ColumnElement[bool]
) -> Select[Any]:
    t = {Aggregate.DIRECTIVE: DIRECTIVE, Aggregate.ITEM: ITEM, Aggregate.RECTIFICATION: RECTIFICATION}[
        aggregate
    ]
    status = case(
        (is_draft, "draft"),
        (is_open, "open"),
        (DIRECTIVE.c.state == DirectiveState.SUSPENDED, "suspended"),
        else_="closed",
    )
    return select(
        named(aggregate, t.c.id), t.c.clock_version, t.c.seen_clock_version, status.label("status")
    ).select_from(source)


_PUBLISHED = DIRECTIVE.c.state == DirectiveState.PUBLISHED
_DRAFT = DIRECTIVE.c.state == DirectiveState.DRAFT
_ITEMS = ITEM.join(DIRECTIVE, DIRECTIVE.c.id == ITEM.c.directive_id)
OWNERS = union_all(
    _owner(Aggregate.DIRECTIVE, DIRECTIVE, _PUBLISHED, _DRAFT),
    _owner(Aggregate.ITEM, _ITEMS, and_(_PUBLISHED, ITEM.c.state == ItemState.OPEN), _DRAFT),
    _owner(
        Aggregate.RECTIFICATION,
        RECTIFICATION.join(ITEM, ITEM.c.id == RECTIFICATION.c.item_id).join(
            DIRECTIVE, DIRECTIVE.c.id == ITEM.c.directive_id
        ),
        and_(_PUBLISHED, RECTIFICATION.c.state.in_(MENDING)),
        _DRAFT,
    ),
).subquery()
"""Every owner: its workflow's id, both clock versions, and whether it is draft, open, suspended or closed."""

_POKED = (
    select(_OUTBOX.c.id)
    .where(
        _OUTBOX.c.kind == OutboxKind.POKE,
        _OUTBOX.c.dedupe_key == OWNERS.c.subject + "/" + cast(OWNERS.c.clock_version, String),
        _OUTBOX.c.done_at.is_(None),
        _OUTBOX.c.parked_at.is_(None),
    )
    .exists()
)
"""That the newest poke of an owner is still to be relayed."""

_UNSEEN = Rule(
    "I4",
    BrokenError("Its clock version is %(clock)s, its workflow has seen %(seen)s, and no poke is on its way."),
    select(
        OWNERS.c.subject, OWNERS.c.clock_version.label("clock"), OWNERS.c.seen_clock_version.label("seen")
    ).where(OWNERS.c.status != "draft", OWNERS.c.clock_version != OWNERS.c.seen_clock_version, ~_POKED),
)


def _some(source: Any, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(literal(1)).select_from(source).where(*where).exists()


_OPEN_TASK = _some(TASK, TASK.c.item_id == ITEM.c.id, TASK.c.state.in_(OPEN))
_OPEN_ITEM = _some(ITEM, ITEM.c.directive_id == DIRECTIVE.c.id, ITEM.c.state == ItemState.OPEN)
_MENDING = _some(
    RECTIFICATION.join(ITEM, ITEM.c.id == RECTIFICATION.c.item_id),
    ITEM.c.directive_id == DIRECTIVE.c.id,
    RECTIFICATION.c.state.in_(MENDING),
)
_STATES = (
    Rule(
        "I5",
        BrokenError("It is %(state)s, yet a unit task of it is open."),
        select(named("item", ITEM.c.id), ITEM.c.state).where(
            ITEM.c.state.in_((ItemState.CLOSED, ItemState.WITHDRAWN, ItemState.DRAFT)), _OPEN_TASK
        ),
    ),
    Rule(
        "I5",
        BrokenError("It is %(state)s, yet an item or a rectification of it is open."),
        select(named("directive", DIRECTIVE.c.id), DIRECTIVE.c.state).where(
            DIRECTIVE.c.state.in_(_OVER), or_(_OPEN_ITEM, _MENDING)
        ),
    ),
    Rule(
        "I5",
        BrokenError("It is %(state)s, which does not fit the time at which it was closed."),
        select(named("unit_task", TASK.c.id), TASK.c.state).where(
            TASK.c.state.in_(CLOSED) != TASK.c.closed_at.is_not(None)
        ),
    ),
    Rule(
        "I5",
        BrokenError("It is suspended, but its directive is not, or the state it was in is lost."),
        select(named("unit_task", TASK.c.id))
        .join(ITEM, ITEM.c.id == TASK.c.item_id)
        .join(DIRECTIVE, DIRECTIVE.c.id == ITEM.c.directive_id)
        .where(
            TASK.c.state == State.SUSPENDED,
            or_(DIRECTIVE.c.state != DirectiveState.SUSPENDED, TASK.c.suspended_in.is_(None)),
        ),
    ),
)  # fmt: skip


def _without_incident(key: ColumnElement[str]) -> ColumnElement[bool]:
    return ~_some(_INCIDENT, _INCIDENT.c.key == key)


_SILENT = (
    Rule(
        "I13",
        BrokenError("The relay gave it up, and no incident says so."),
        select(named("outbox", _OUTBOX.c.id)).where(
            _OUTBOX.c.parked_at.is_not(None),
            _OUTBOX.c.done_at.is_(None),
            _without_incident(literal("outbox/") + cast(_OUTBOX.c.id, String)),
        ),
    ),
    Rule(
        "I13",
        BrokenError("It could not be delivered, and no incident says so."),
        select(named("mail", _MAIL.c.id)).where(
            _MAIL.c.state.in_((MailState.REFUSED, MailState.FAILED)),
            _without_incident(literal("mail/") + cast(_MAIL.c.id, String)),
        ),
    ),
)


def check_owners(look: Look) -> None:
    """What the rows alone say of owners: versions seen, open and closed, failures told."""
    look.checked["owners"] = int(
        look.connection.execute(select(func.count()).select_from(OWNERS)).scalar_one()
    )
    look.count("outbox", _OUTBOX)
    look.apply(_UNSEEN, *_STATES, *_SILENT)


def check_workflows(look: Look, running: AbstractSet[str], failed: AbstractSet[str]) -> None:
    """What the server runs, by workflow id, against what should run; a failed one must have its incident."""
    rows = look.rows(select(OWNERS.c.subject, OWNERS.c.status, _POKED.label("poked")))
    status = {row.subject: row.status for row in rows}
    for row in rows:
        if row.status == "open" and not row.poked and row.subject not in running:
            look.find("I4", row.subject, BrokenError("It is open and no workflow keeps its time."))
        if row.status == "closed" and not row.poked and row.subject in running:
            look.find("I5", row.subject, BrokenError("It is closed and its workflow still runs."))
    ours = tuple(f"{aggregate}/" for aggregate in _OWNERS)
    for name in sorted(name for name in running if name.startswith(ours) and name not in status):
        look.find("I5", name, BrokenError("A workflow runs for a row that is not there."))
    told = set(look.connection.execute(select(_INCIDENT.c.key)).scalars())
    for name in sorted(failed):
        if f"broken/{name}" not in told:
            look.find("I13", name, BrokenError("Its workflow failed, and no incident says so."))
    look.checked["workflows"] = len(running | failed)

"""What a webhook is told: rows of the audit trail that are events, each with its ids and titles.

There is no list of events beside the trail: a row is written in the transaction of the act it records, its number
grows in the order of the commits (the end of the chain is locked), so that who reads behind a number misses nothing.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from domain.ladder import Ladder
from domain.policy import ladder_from_json, policy_from_json
from models.columns import table
from models.directive import Directive, Item
from models.engine import Audit
from models.organisation import Unit
from models.paper import Letter, LetterUnit, Notice
from models.rectification import Rectification
from models.unit_task import UnitTask
from models.webhooks import WebhookEvent

_AUDIT, _DIRECTIVE, _ITEM, _LETTER = table(Audit), table(Directive), table(Item), table(Letter)
_LETTER_UNIT, _NOTICE, _RECTIFICATION = table(LetterUnit), table(Notice), table(Rectification)
_TASK, _UNIT = table(UnitTask), table(Unit)
MOST_UNITS = 500
"""Units named in one event; how many there are in all is said beside."""
Detail = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """One event: the audit row it comes from, what it is, when it was, about which record, and its ids and titles."""

    seq: int
    event: WebhookEvent
    at: datetime
    subject: str
    detail: Detail


def rows_after(connection: Connection, seq: int, most: int) -> list[Row[Any]]:
    """The next rows of the trail."""
    columns = (_AUDIT.c.seq, _AUDIT.c.at, _AUDIT.c.action, _AUDIT.c.subject, _AUDIT.c.detail)
    chosen: Select[Any] = select(*columns).where(_AUDIT.c.seq > seq).order_by(_AUDIT.c.seq).limit(most)
    return list(connection.execute(chosen).all())


def event_of(connection: Connection, row: Row[Any], wanted: Collection[str], webhook_id: int) -> Told | None:
    """What that row of the trail tells this webhook, None where it tells it nothing."""
    found = _EVENTS.get(row.action)
    if found is None:
        return None
    event, detail_of = found
    if event is WebhookEvent.TEST:
        return _told(row, event, {}) if row.subject == f"webhook/{webhook_id}" else None
    if event not in wanted:
        return None
    detail = detail_of(connection, row)
    return None if detail is None else _told(row, event, detail)


def _told(row: Row[Any], event: WebhookEvent, detail: Detail) -> Told:
    return Told(row.seq, event, row.at, row.subject, detail)


def _id_of(row: Row[Any]) -> int:
    return int(row.subject.partition("/")[2])


def _directive(connection: Connection, row: Row[Any]) -> Detail | None:
    columns = (_DIRECTIVE.c.id, _DIRECTIVE.c.title, _UNIT.c.name)
    chosen = select(*columns).join(_UNIT, _UNIT.c.id == _DIRECTIVE.c.issuer_id)
    found = connection.execute(chosen.where(_DIRECTIVE.c.id == _id_of(row))).first()
    if found is None:
        return None
    detail = {"directive_id": found.id, "directive": found.title, "issuer": found.name}
    kept = {name: row.detail[name] for name in ("items", "starts_at") if name in row.detail}
    return detail | kept


_ITEMS: Select[Any] = select(
    _ITEM.c.id, _ITEM.c.number, _ITEM.c.position, _ITEM.c.ladder, _ITEM.c.directive_id, _DIRECTIVE.c.title,
    _DIRECTIVE.c.policy,
).join(_DIRECTIVE, _DIRECTIVE.c.id == _ITEM.c.directive_id)  # fmt: skip


def _of_item(found: Row[Any]) -> Detail:
    return {
        "directive_id": found.directive_id,
        "directive": found.title,
        "item_id": found.id,
        "item": found.number,
        "position": found.position,
    }


def _item(connection: Connection, row: Row[Any]) -> Detail | None:
    found = connection.execute(_ITEMS.where(_ITEM.c.id == _id_of(row))).first()
    return None if found is None else _of_item(found)


def _letter(connection: Connection, row: Row[Any]) -> Detail | None:
    chosen = select(_LETTER, _DIRECTIVE.c.title.label("directive"))
    chosen = chosen.join(_DIRECTIVE, _DIRECTIVE.c.id == _LETTER.c.directive_id)
    found = connection.execute(chosen.where(_LETTER.c.id == _id_of(row))).first()
    if found is None:
        return None
    named = select(_UNIT.c.id, _UNIT.c.code, _UNIT.c.name, _LETTER_UNIT.c.unit_task_id)
    named = named.join(_UNIT, _UNIT.c.id == _LETTER_UNIT.c.unit_id).where(
        _LETTER_UNIT.c.letter_id == found.id
    )
    detail = {
        "letter_id": found.id,
        "kind": found.kind,
        "number": found.document_number,
        "title": found.title,
    }
    detail |= {"directive_id": found.directive_id, "directive": found.directive, "item_id": found.item_id}
    return detail | _units(connection, named.order_by(_LETTER_UNIT.c.id))


def _overdue(connection: Connection, row: Row[Any]) -> Detail | None:
    """A climb after the deadline; the units are those whose notices its transaction wrote."""
    if row.subject.startswith("rectification/"):
        return _overdue_rectification(connection, row)
    found = connection.execute(_ITEMS.where(_ITEM.c.id == _id_of(row))).first()
    if found is None:
        return None
    late = _late(ladder_from_json(found.ladder), row.detail)
    if not late:
        return None
    mine = (_NOTICE.c.item_id == found.id, _NOTICE.c.rectification_id == 0, _NOTICE.c.at == row.at)
    reached = (
        _NOTICE.c.clock == row.detail["clock"],
        _NOTICE.c.rung.in_(late),
        _TASK.c.period == row.detail["period"],
    )
    named = (
        select(_UNIT.c.id, _UNIT.c.code, _UNIT.c.name, _TASK.c.id.label("unit_task_id"))
        .join(_TASK, _TASK.c.unit_id == _UNIT.c.id)
        .join(_NOTICE, _NOTICE.c.unit_task_id == _TASK.c.id)
        .where(*mine, *reached)
        .distinct()
        .order_by(_TASK.c.id)
    )
    detail = _of_item(found) | {"period": row.detail["period"], "clock": row.detail["clock"], "rungs": late}
    return detail | _units(connection, named)


def _overdue_rectification(connection: Connection, row: Row[Any]) -> Detail | None:
    mine = select(_RECTIFICATION.c.item_id).where(_RECTIFICATION.c.id == _id_of(row)).scalar_subquery()
    found = connection.execute(_ITEMS.where(_ITEM.c.id == mine)).first()
    if found is None:
        return None
    late = _late(policy_from_json(found.policy).rectification, row.detail)
    if not late:
        return None
    named = select(_UNIT.c.id, _UNIT.c.code, _UNIT.c.name, _RECTIFICATION.c.unit_task_id)
    named = named.join(_UNIT, _UNIT.c.id == _RECTIFICATION.c.unit_id)
    detail = _of_item(found) | {"rectification_id": _id_of(row), "clock": row.detail["clock"], "rungs": late}
    return detail | _units(connection, named.where(_RECTIFICATION.c.id == _id_of(row)))


def _late(ladder: Ladder, detail: Detail) -> list[str]:
    """Of the rungs that were climbed those after the deadline."""
    after = {rung.name for rung in ladder.rungs if rung.offset > 0}
    return [name for name in detail["rungs"] if name in after]


def _units(connection: Connection, named: Select[Any]) -> Detail:
    rows = connection.execute(named).all()
    return {
        "unit_count": len(rows),
        "units": [
            {"unit_id": one.id, "code": one.code, "name": one.name, "unit_task_id": one.unit_task_id}
            for one in rows[:MOST_UNITS]
        ],
    }


def _nothing(connection: Connection, row: Row[Any]) -> Detail:  # noqa: ARG001 -- one shape for all
    return {}


_EVENTS: dict[str, tuple[WebhookEvent, Callable[[Connection, Row[Any]], Detail | None]]] = {
    "publish": (WebhookEvent.PUBLISHED, _directive),
    "climb": (WebhookEvent.OVERDUE, _overdue),
    "letter_issued": (WebhookEvent.LETTER_ISSUED, _letter),
    "close_item": (WebhookEvent.CLOSED, _item),
    "close_directive": (WebhookEvent.CLOSED, _directive),
    "try_webhook": (WebhookEvent.TEST, _nothing),
}
"""By the action of the audit row: what it is to a webhook, and where its ids and titles come from."""

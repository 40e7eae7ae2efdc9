"""Webhooks: made and ended by an administrator; where each stands, and when one that fails is tried again.

A webhook has no queue: its place in the audit trail is moved when a delivery was taken. So each event comes at least
once and in order, an event that is not taken holds up those behind it, and nothing is written twice.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, Row, Select, insert, select, update

from domain.errors import NotFoundError
from models.columns import table
from models.engine import AuditHead
from models.organisation import Account, AccountRole
from models.webhooks import Webhook, WebhookEvent
from services.incidents import close_incident, open_incident
from services.office import Actor, Office
from services.rows import require_role
from services.tokens import new_token
from services.transaction import Answer, Request, Transaction, act
from services.webhook_events import Told, event_of, rows_after
from services.webhook_hosts import address_to_ask, target_of
from store.sessions import reading, writing

_WEBHOOK, _ACCOUNT, _HEAD = table(Webhook), table(Account), table(AuditHead)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
GIVEN_UP_AFTER, WAIT_AFTER_THAT = timedelta(days=3), timedelta(days=1)
LOOKED_AT = 200
"""Rows of the trail that are looked at together."""
CHOICES = tuple(event for event in WebhookEvent if event is not WebhookEvent.TEST)


class WantedWebhook(Request):
    """Where it leads, and what it is told."""

    url: str = Field(min_length=1, max_length=500)
    events: tuple[WebhookEvent, ...] = Field(min_length=1)


class KeepWebhook(WantedWebhook):
    """A webhook with the secret that signs what it is told."""

    secret: str = Field(repr=False, max_length=80)


class OnWebhook(Request):
    """The webhook an act is about."""

    webhook_id: int


@dataclass(frozen=True)
class DueWebhook:
    """A webhook that may be told something now."""

    id: int
    url: str
    events: tuple[str, ...]
    after_seq: int
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Read:
    """What stands behind a webhook's place: its events, and the last row that was looked at (None: there was none)."""

    told: tuple[Told, ...]
    up_to: int | None


def make_webhook(
    office: Office, actor: Actor, now: datetime, wanted: WantedWebhook, hosts: Collection[str]
) -> str:
    """Its fresh secret, to be shown once. `hosts` are those the site lists; looks the name up.

    Raises InvalidInputError or RefusedError for an address that cannot be told anything, NotAllowedError.
    """
    address_to_ask(target_of(wanted.url), hosts)
    secret = f"duban_hook_{new_token()}"
    keep_webhook(office, actor, now, KeepWebhook(secret=secret, **wanted.model_dump()))
    return secret


@act
def keep_webhook(tx: Transaction, request: KeepWebhook) -> Answer:
    """Keep a webhook; it is told what happens from now on."""
    account = require_role(tx, AccountRole.ADMINISTRATOR)
    events = sorted({event.value for event in request.events if event in CHOICES})
    head = tx.run(select(_HEAD.c.seq).where(_HEAD.c.id == 1)).scalar_one()
    row: dict[str, Any] = {"account_id": account, "url": request.url, "secret": request.secret}
    row |= {"events": events, "after_seq": head, "made_at": tx.now, "next_at": tx.now, "answer": ""}
    new = tx.run(insert(_WEBHOOK).returning(_WEBHOOK.c.id), row).scalar_one()
    tx.record("make_webhook", f"webhook/{new}", host=target_of(request.url).host, events=events)
    return {"webhook_id": new}


@act
def end_webhook(tx: Transaction, request: OnWebhook) -> Answer:
    """Tell it nothing any more. Raises NotFoundError."""
    require_role(tx, AccountRole.ADMINISTRATOR)
    _set_living(tx, request, ended_at=tx.now)
    tx.record("end_webhook", f"webhook/{request.webhook_id}")
    return {}


@act
def try_webhook(tx: Transaction, request: OnWebhook) -> Answer:
    """Have it told a test event, behind what it still waits for; one that fails is tried at once. Raises NotFoundError."""
    require_role(tx, AccountRole.ADMINISTRATOR)
    _set_living(tx, request, next_at=tx.now)
    tx.record("try_webhook", f"webhook/{request.webhook_id}")
    return {}


def _set_living(tx: Transaction, request: OnWebhook, **values: Any) -> None:
    living = (_WEBHOOK.c.id == request.webhook_id, _WEBHOOK.c.ended_at.is_(None))
    if not tx.run(update(_WEBHOOK).where(*living).values(**values)).rowcount:
        raise NotFoundError("There is no webhook %(id)s.", id=request.webhook_id)


def all_webhooks(office: Office) -> Sequence[Row[Any]]:
    """Every webhook with who made it, newest first; never their secrets."""
    columns = (column for column in _WEBHOOK.c if column.name != "secret")
    chosen: Select[Any] = select(*columns, _ACCOUNT.c.login).join(
        _ACCOUNT, _ACCOUNT.c.id == _WEBHOOK.c.account_id
    )
    with reading(office.engine) as session:
        return session.connection().execute(chosen.order_by(_WEBHOOK.c.id.desc())).all()


def due_webhooks(office: Office, now: datetime) -> list[DueWebhook]:
    """The living webhooks that are not waiting to be tried again."""
    chosen = select(_WEBHOOK).where(_WEBHOOK.c.ended_at.is_(None), _WEBHOOK.c.next_at <= now)
    with reading(office.engine) as session:
        rows = session.connection().execute(chosen.order_by(_WEBHOOK.c.id)).all()
    return [DueWebhook(row.id, row.url, tuple(row.events), row.after_seq, row.secret) for row in rows]


def read_on(office: Office, webhook: DueWebhook, after: int) -> Read:
    """The events among the next LOOKED_AT rows of the trail after row `after`."""
    with reading(office.engine) as session:
        connection = session.connection()
        rows = rows_after(connection, after, LOOKED_AT)
        found = (event_of(connection, row, webhook.events, webhook.id) for row in rows)
        return Read(tuple(told for told in found if told is not None), rows[-1].seq if rows else None)


def move_on(office: Office, webhook_id: int, seq: int) -> None:
    """Everything up to that row of the trail is done with, and nothing had to be told."""
    with writing(office.engine) as session:
        session.connection().execute(update(_WEBHOOK).where(*_before(webhook_id, seq)).values(after_seq=seq))


def record_taken(office: Office, now: datetime, webhook_id: int, seq: int, answer: str) -> bool:
    """The event of that row of the trail was taken: whatever was wrong is over.

    False where the webhook was ended, or another worker was there meanwhile.
    """
    values = {"after_seq": seq, "failing_since": None} | _answered(now, answer)
    with writing(office.engine) as session:
        moved = session.connection().execute(
            update(_WEBHOOK).where(*_before(webhook_id, seq)).values(**values)
        )
        close_incident(session, now, _incident(webhook_id))
    return bool(moved.rowcount)


def _before(webhook_id: int, seq: int) -> tuple[ColumnElement[bool], ...]:
    """A living webhook that stands before that row: a place is never moved back."""
    return (_WEBHOOK.c.id == webhook_id, _WEBHOOK.c.after_seq < seq, _WEBHOOK.c.ended_at.is_(None))


def record_failed(office: Office, now: datetime, webhook_id: int, answer: str) -> None:
    """It was not taken: when to try again, and an incident once that has gone on for GIVEN_UP_AFTER."""
    mine = (_WEBHOOK.c.id == webhook_id, _WEBHOOK.c.ended_at.is_(None))
    with writing(office.engine) as session:
        connection = session.connection()
        row = connection.execute(select(_WEBHOOK.c.failing_since).where(*mine).with_for_update()).first()
        if row is None:
            return
        since = row.failing_since or now
        values = {"failing_since": since, "next_at": now + wait_after(now - since)} | _answered(now, answer)
        connection.execute(update(_WEBHOOK).where(*mine).values(**values))
        if now - since >= GIVEN_UP_AFTER:
            open_incident(session, now, "webhook", _incident(webhook_id), answer)


def wait_after(failing_for: timedelta) -> timedelta:
    """As long as it has been failing, so that each wait doubles: a minute at first, at most LONGEST_WAIT, then daily."""
    if failing_for >= GIVEN_UP_AFTER:
        return WAIT_AFTER_THAT
    return min(max(failing_for, FIRST_WAIT), LONGEST_WAIT)


def _answered(now: datetime, answer: str) -> dict[str, Any]:
    return {"answer": answer[:200], "answered_at": now}


def _incident(webhook_id: int) -> str:
    return f"webhook/{webhook_id}"

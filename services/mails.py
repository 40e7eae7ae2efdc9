"""Mails on their way: claimed under a lease, gathered into digests, and what became of each.

A mail is marked `sending` and committed before it leaves, and `sent` only after the server's yes: a crash
between leaves a lease that runs out, and the mail goes again with the same Message-ID.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)

from domain.instants import last_day
from letters.compose import plain_text
from models.columns import Instant, table
from models.directive import Directive, Item
from models.organisation import Account, Unit
from models.paper import Letter, Mail, MailState, Notice
from models.unit_task import UnitTask
from services.incidents import open_incident
from services.office import Office
from store.sessions import reading, writing

MAIL, NOTICE, LETTER, TASK, ITEM = table(Mail), table(Notice), table(Letter), table(UnitTask), table(Item)
DIRECTIVE, UNIT, ACCOUNT = table(Directive), table(Unit), table(Account)
_GLANCE = (MAIL.c.id, MAIL.c.recipient, MAIL.c.about, MAIL.c.state, MAIL.c.attempts)
LEASE = timedelta(seconds=180)
DIGEST_ABOVE = 3
DIGEST_WINDOW = timedelta(minutes=15)
TEST = "test"
"""What a mail is about that only shows whether mails arrive."""
MAIL_UNDELIVERABLE = "mail_undeliverable"
"""The kind of the incident that a refused or given-up mail opens."""


@dataclass(frozen=True)
class MailJob:
    """One mail to send now. `lines` are the facts of each telling in it: one, or all of a digest."""

    id: int
    recipient: str
    kind: str
    language: str
    message_id: str
    answered_at: datetime | None
    """Since when a server has been answering without taking it."""
    attempts: int
    """This one included."""
    lines: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class MailResult:
    """What became of one attempt: the mail's new state, when to try again, and the server's words.

    `attempt` is the job's count: the result of one that another mailer took over meanwhile changes nothing.
    `answered` is False where no server could be reached.
    """

    id: int
    attempt: int
    state: MailState
    next_at: datetime | None
    answer: str
    answered: bool = True


def claim_mails(office: Office, now: datetime, wall: datetime, limit: int = 500) -> list[MailJob]:
    """Take up to `limit` mails due at `now`, digests made, each marked `sending` and committed.

    Leases run on `wall`, the machine's clock, as they guard against a process that died.
    """
    with reading(office.engine) as session:
        if session.connection().execute(select(MAIL.c.id).where(_due(now, wall)).limit(1)).first() is None:
            return []
    with writing(office.engine) as session:
        connection = session.connection()
        order = (MAIL.c.next_at, MAIL.c.dedupe_key)
        glance = select(*_GLANCE).where(_due(now, wall)).order_by(*order).limit(limit)
        rows: Sequence[Row[Any]] = ()
        while not rows and (found := connection.execute(glance).all()):
            if not _make_digests(connection, now, {row.recipient for row in found if _may_be_gathered(row)}):
                mine = select(MAIL).where(MAIL.c.id.in_([row.id for row in found]), _due(now, wall))
                rows = connection.execute(mine.order_by(*order).with_for_update()).all()
                # none where another mailer took them meanwhile
        taken = {"state": MailState.SENDING, "lease_until": wall + LEASE, "attempts": MAIL.c.attempts + 1}
        connection.execute(update(MAIL).where(MAIL.c.id.in_([row.id for row in rows])).values(**taken))
        return _jobs(office, connection, rows)


def _due(now: datetime, wall: datetime) -> ColumnElement[bool]:
    waiting = and_(MAIL.c.state.in_((MailState.PENDING, MailState.UNKNOWN)), MAIL.c.next_at <= now)
    left_behind = and_(MAIL.c.state == MailState.SENDING, MAIL.c.lease_until < wall)
    return or_(waiting, left_behind)


def _may_be_gathered(row: Row[Any, Any, Any, Any, Any]) -> bool:
    """Whether the mail is a telling that nobody has tried to send yet."""
    return bool(row.about == "notice" and row.state == MailState.PENDING and row.attempts == 0)


def _make_digests(connection: Connection, now: datetime, recipients: set[str]) -> bool:
    """More than three tellings for one address within fifteen minutes become one mail; letters stay single.

    Where three have left already, a single further one waits until the first of them is fifteen minutes old.
    Answers whether a mail was gathered or put off.
    """
    tellings = and_(
        MAIL.c.about == "notice",
        MAIL.c.state == MailState.PENDING,
        MAIL.c.attempts == 0,
        MAIL.c.next_at <= now,
    )
    some = select(MAIL).where(MAIL.c.recipient.in_(recipients), tellings).order_by(MAIL.c.dedupe_key)
    waiting: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(some.with_for_update()).all():
        waiting.setdefault(row.recipient, []).append(row)
    left = _left_recently(connection, now, recipients)
    changed = False
    for recipient, mine in sorted(waiting.items()):
        sent, first = left.get(recipient, (0, now))
        if len(mine) + sent <= DIGEST_ABOVE:
            continue
        changed = True
        if len(mine) > 1:
            _digest(connection, now, mine)
        else:
            later = update(MAIL).where(MAIL.c.id == mine[0].id)
            connection.execute(later.values(next_at=first + DIGEST_WINDOW))
    return changed


def _left_recently(
    connection: Connection, now: datetime, recipients: set[str]
) -> dict[str, tuple[int, datetime]]:
    """How many mails, letters not counted, went to each in the last fifteen minutes, and when the first did."""
    recent = (
        MAIL.c.recipient.in_(recipients),
        MAIL.c.sent_at > now - DIGEST_WINDOW,
        MAIL.c.about != "letter",
    )
    counted = select(MAIL.c.recipient, func.count(), func.min(MAIL.c.sent_at)).where(*recent)
    rows = connection.execute(counted.group_by(MAIL.c.recipient)).all()
    return {recipient: (count, first) for recipient, count, first in rows}


def _digest(connection: Connection, now: datetime, rows: list[Row[Any]]) -> None:
    first = rows[0]
    row = {
        "about": "digest",
        "about_id": first.id,
        "account_id": first.account_id,
        "recipient": first.recipient,
        "kind": "digest",
    }
    row |= {
        "dedupe_key": f"digest.{first.dedupe_key}",
        "state": MailState.PENDING,
        "attempts": 0,
        "created_at": now,
    }
    new = connection.execute(
        insert(MAIL).returning(MAIL.c.id), row | {"next_at": now, "answer": ""}
    ).scalar_one()
    members = [r.id for r in rows]
    connection.execute(
        update(MAIL).where(MAIL.c.id.in_(members)).values(state=MailState.DIGESTED, digest_id=new)
    )


def message_id(office: Office, dedupe_key: str) -> str:
    """The Message-ID of a mail: the hash of its natural key, the same at every attempt."""
    return f"<{hashlib.sha256(dedupe_key.encode()).hexdigest()[:40]}@{office.mail_host}>"


def _jobs(office: Office, connection: Connection, rows: Any) -> list[MailJob]:
    ids = [row.id for row in rows]
    members = (
        select(MAIL.c.digest_id, MAIL.c.about_id).where(MAIL.c.digest_id.in_(ids)).order_by(MAIL.c.dedupe_key)
    )
    of_digest: dict[int, list[int]] = {}
    for digest_id, about_id in connection.execute(members):
        of_digest.setdefault(digest_id, []).append(about_id)
    told = [row.about_id for row in rows if row.about == "notice"] + [
        i for group in of_digest.values() for i in group
    ]
    notices = _notice_lines(office, connection, told)
    letters = _letter_lines(connection, [row.about_id for row in rows if row.about == "letter"])
    languages = _languages(connection, {row.account_id for row in rows})
    jobs = []
    for row in rows:
        if row.about == "letter":
            lines = [letters[row.about_id]]
        elif row.about == TEST:
            lines = [{}]
        else:
            lines = [notices[i] for i in of_digest.get(row.id, [row.about_id])]
        language = languages[row.account_id] or office.language
        jobs.append(
            MailJob(
                row.id,
                row.recipient,
                row.kind,
                language,
                message_id(office, row.dedupe_key),
                row.answered_at,
                row.attempts + 1,
                tuple(lines),
            )
        )
    return jobs


def _languages(connection: Connection, accounts: set[int]) -> dict[int, str]:
    return dict(
        connection.execute(select(ACCOUNT.c.id, ACCOUNT.c.language).where(ACCOUNT.c.id.in_(accounts))).all()
    )


def _notice_lines(office: Office, connection: Connection, ids: list[int]) -> dict[int, dict[str, Any]]:
    query = (
        select(
            NOTICE.c.id, NOTICE.c.kind, NOTICE.c.clock, NOTICE.c.rung, TASK.c.acknowledge_by, TASK.c.deadline, ITEM.c.number,
            ITEM.c.position, ITEM.c.text, DIRECTIVE.c.title, UNIT.c.name.label("unit"), TASK.c.id.label("unit_task_id"),
        )
        .join(TASK, TASK.c.id == NOTICE.c.unit_task_id)
        .join(ITEM, ITEM.c.id == NOTICE.c.item_id)
        .join(DIRECTIVE, DIRECTIVE.c.id == ITEM.c.directive_id)
        .join(UNIT, UNIT.c.id == TASK.c.unit_id)
    )  # fmt: skip
    lines = {}
    for start in range(0, len(ids), 500):
        for row in connection.execute(query.where(NOTICE.c.id.in_(ids[start : start + 500]))).all():
            lines[row.id] = {
                "kind": row.kind,
                "clock": row.clock,
                "directive": row.title,
                "position": row.position,
                "text": row.text[:120],
                "unit": row.unit,
                "unit_task_id": row.unit_task_id,
                "deadline": last_day(row.deadline, office.tz).isoformat(),
                "acknowledge_by": last_day(row.acknowledge_by, office.tz).isoformat()
                if row.acknowledge_by
                else "",
            }
    return lines


def _letter_lines(connection: Connection, ids: list[int]) -> dict[int, dict[str, Any]]:
    query = (
        select(LETTER, UNIT.c.name.label("issuer"))
        .join(UNIT, UNIT.c.id == LETTER.c.issuer_id)
        .where(LETTER.c.id.in_(ids))
    )
    lines = {}
    for row in connection.execute(query).all():
        text = plain_text(row.content, row.document_number, row.issuer, row.dated_on.isoformat())
        lines[row.id] = {"title": row.title, "document_number": row.document_number, "text": text}
    return lines


_LOST = (MailState.REFUSED, MailState.FAILED)
_MINE = update(MAIL).where(
    MAIL.c.id == bindparam("mail_id"),
    MAIL.c.state == MailState.SENDING,
    MAIL.c.attempts == bindparam("attempt"),
)
_SETTLE = _MINE.values(
    state=bindparam("to"),
    answer=bindparam("words"),
    answered_at=case(
        (bindparam("answered", type_=Boolean), func.coalesce(MAIL.c.answered_at, bindparam("heard_at", type_=Instant())))
    ),
    lease_until=None,
    sent_at=func.coalesce(bindparam("left_at", type_=Instant()), MAIL.c.sent_at),
    next_at=func.coalesce(bindparam("again_at", type_=Instant()), MAIL.c.next_at),
)  # fmt: skip


def record_results(office: Office, now: datetime, results: list[MailResult]) -> None:
    """Write what became of the mails. A refused or given-up one opens an incident; nothing is lost in silence."""
    lost = [result for result in results if result.state in _LOST]
    others = [_settled(result, now) for result in results if result.state not in _LOST]
    with writing(office.engine) as session:
        connection = session.connection()
        if others:
            connection.execute(_SETTLE, others)
        for result in lost:
            if connection.execute(_SETTLE, _settled(result, now)).rowcount:
                open_incident(session, now, MAIL_UNDELIVERABLE, f"mail/{result.id}", result.answer)


def _settled(result: MailResult, now: datetime) -> dict[str, Any]:
    return {
        "mail_id": result.id,
        "attempt": result.attempt,
        "to": result.state,
        "words": result.answer[:300],
        "answered": result.answered,
        "heard_at": now,
        "left_at": now if result.state is MailState.SENT else None,
        "again_at": result.next_at,
    }


def next_mail(office: Office) -> datetime | None:
    """When the next mail that waits may leave; None where nothing waits."""
    waiting = MAIL.c.state.in_((MailState.PENDING, MailState.UNKNOWN))
    with reading(office.engine) as session:
        found: datetime | None = (
            session.connection().execute(select(func.min(MAIL.c.next_at)).where(waiting)).scalar()
        )
    return found

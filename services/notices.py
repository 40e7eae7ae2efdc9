"""Telling people, once: notice rows (the inbox) and the mails that carry them, written set by set.

One statement writes the notices of a whole group of unit tasks, and one the mails to the accounts of the
units told, so that forty thousand units cost two statements, not eighty thousand.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, insert, literal, select

from domain.ladder import Clock
from models.columns import Instant, table
from models.organisation import Account, Unit
from models.paper import Mail, MailState, Notice, NoticeKind
from models.unit_task import UnitTask
from services.transaction import Transaction

NOTICE, MAIL, ACCOUNT, UNIT, TASK = table(Notice), table(Mail), table(Account), table(Unit), table(UnitTask)


@dataclass(frozen=True)
class Telling:
    """What a set of unit tasks is told. `rung` names the rung, or the happening where there is none."""

    kind: NoticeKind
    item_id: int
    rung: str
    clock: Clock | None = None
    letter_id: int | None = None
    rectification_id: int = 0
    deadline_version: int | None = None
    """Of the rectification; None takes each unit task's own."""


def tell(
    tx: Transaction, telling: Telling, tasks: ColumnElement[bool], *, mail_at: datetime | None = None
) -> int:
    """Write one notice for each unit task matching `tasks`, and the mails for it; answers how many.

    A superior is told in the place of the unit where the kind says so. `mail_at` is when mails may leave
    (None: no mail). A notice already there under its unique key is an error: the caller holds the lock.
    """
    before = tx.run(
        select(func.coalesce(func.max(NOTICE.c.id), 0)).where(NOTICE.c.item_id == telling.item_id)
    ).scalar_one()
    count = tx.run(_notices(tx, telling, tasks)).rowcount
    if mail_at is not None and telling.kind is not NoticeKind.SUPERSEDED:
        tx.run(_mails(tx, telling, before, mail_at))
    return count


def _notices(tx: Transaction, telling: Telling, tasks: ColumnElement[bool]) -> Any:
    trace = tx.actor.trace
    to_superior = telling.kind is NoticeKind.TELL_SUPERIOR
    recipient = func.coalesce(UNIT.c.parent_id, UNIT.c.id) if to_superior else TASK.c.unit_id
    values: dict[str, Any] = {
        "kind": literal(telling.kind.value),
        "item_id": TASK.c.item_id,
        "unit_task_id": TASK.c.id,
        "rectification_id": literal(telling.rectification_id),
        "unit_id": recipient,
        "clock": literal(telling.clock.value if telling.clock else ""),
        "rung": literal(telling.rung),
        "deadline_version": TASK.c.deadline_version
        if telling.deadline_version is None
        else literal(telling.deadline_version),
        "letter_id": literal(telling.letter_id, NOTICE.c.letter_id.type),
        "at": literal(tx.now, Instant()),
        "workflow_id": literal(trace.workflow_id),
        "run_id": literal(trace.run_id),
        "activity_id": literal(trace.activity_id),
    }
    source = TASK.join(UNIT, UNIT.c.id == TASK.c.unit_id) if to_superior else TASK
    chosen = (
        select(*(column.label(name) for name, column in values.items()))
        .select_from(source)
        .where(tasks)
        .order_by(TASK.c.id)
    )
    return insert(NOTICE).from_select(list(values), chosen, include_defaults=False)


def _mails(tx: Transaction, telling: Telling, before: int, mail_at: datetime) -> Any:
    """Mails to every account that wants them, of the units told by the notices after `before`.

    The key is made of natural keys, and the Message-ID of it: a repeat after a crash carries the same one.
    """
    pieces: tuple[ColumnElement[str], ...] = (
        cast(NOTICE.c.item_id, String),
        cast(TASK.c.unit_id, String),
        TASK.c.period,
        NOTICE.c.clock,
        NOTICE.c.rung,
        cast(NOTICE.c.deadline_version, String),
        cast(NOTICE.c.rectification_id, String),
        ACCOUNT.c.login,
    )
    dedupe = reduce(lambda left, right: left + "." + right, pieces)
    values: dict[str, Any] = {
        "about": literal("notice"),
        "about_id": NOTICE.c.id,
        "account_id": ACCOUNT.c.id,
        "recipient": ACCOUNT.c.email,
        "kind": NOTICE.c.kind,
        "dedupe_key": dedupe,
        "state": literal(MailState.PENDING.value),
        "attempts": literal(0),
        "created_at": literal(tx.now, Instant()),
        "next_at": literal(mail_at, Instant()),
        "answer": literal(""),
    }
    source = NOTICE.join(TASK, TASK.c.id == NOTICE.c.unit_task_id).join(
        ACCOUNT, ACCOUNT.c.unit_id == NOTICE.c.unit_id
    )
    wanted = (
        NOTICE.c.item_id == telling.item_id,
        NOTICE.c.id > before,
        ACCOUNT.c.active,
        ACCOUNT.c.wants_mail,
        ACCOUNT.c.email != "",
    )
    chosen = (
        select(*(column.label(name) for name, column in values.items())).select_from(source).where(*wanted)
    )
    return insert(MAIL).from_select(
        list(values), chosen.order_by(NOTICE.c.id, ACCOUNT.c.id), include_defaults=False
    )


def mail_time(tx: Transaction, hold_minutes: int) -> datetime:
    """When a mail written now may leave: after the hold in which it can be taken back."""
    return tx.now + timedelta(minutes=hold_minutes)

"""Telling people, once: notice rows (the inbox) and the mails that carry them, written set by set.

One statement writes the notices of a whole group of unit tasks, and one the mails to the accounts of the
units told, so that forty thousand units cost two statements, not eighty thousand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, reduce
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Integer,
    String,
    bindparam,
    cast,
    func,
    insert,
    literal,
    select,
)

from domain.ladder import Clock
from models.columns import Instant, table
from models.organisation import Account, Unit
from models.paper import Mail, MailState, Notice, NoticeKind
from models.unit_task import UnitTask
from services.office import Office
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


_BEFORE = select(func.coalesce(func.max(NOTICE.c.id), 0)).where(NOTICE.c.item_id == bindparam("item_id"))


def tell(
    tx: Transaction,
    telling: Telling,
    tasks: ColumnElement[bool],
    values: Mapping[str, Any] | None = None,
    *,
    mail_at: datetime | None = None,
) -> int:
    """Write one notice for each unit task matching `tasks`, and the mails for it; answers how many.

    `values` are those of the bind parameters in `tasks`, for a condition that is written once in its module: its
    statement is then kept. A superior is told in the place of the unit where the kind says so. `mail_at` is when
    mails may leave (None: no mail). A notice already there under its unique key is an error: the caller holds the lock.
    """
    before = tx.run(_BEFORE, {"item_id": telling.item_id}).scalar_one()
    make = _notices if values is None else _kept_notices
    statement = make(tasks, telling.kind is NoticeKind.TELL_SUPERIOR)
    count = tx.run(statement, _said(tx, telling) | dict(values or {})).rowcount
    if mail_at is not None and telling.kind is not NoticeKind.SUPERSEDED:
        when = {"item_id": telling.item_id, "before": before, "now": tx.now, "mail_at": mail_at}
        told = {"kind": telling.kind.value, "rung": telling.rung, "rectification": telling.rectification_id}
        tx.run(_MAILS, when | told | {"mail_state": first_state(tx.office)})
    return count


def _said(tx: Transaction, telling: Telling) -> dict[str, Any]:
    trace = tx.actor.trace
    return {
        "said_kind": telling.kind.value,
        "said_rectification": telling.rectification_id,
        "said_clock": telling.clock.value if telling.clock else "",
        "said_rung": telling.rung,
        "said_version": telling.deadline_version,
        "said_letter": telling.letter_id,
        "said_at": tx.now,
        "said_workflow": trace.workflow_id,
        "said_run": trace.run_id,
        "said_activity": trace.activity_id,
    }


def _notices(tasks: ColumnElement[bool], to_superior: bool) -> Executable:
    recipient = func.coalesce(UNIT.c.parent_id, UNIT.c.id) if to_superior else TASK.c.unit_id
    values: dict[str, ColumnElement[Any]] = {
        "kind": bindparam("said_kind", type_=String),
        "item_id": TASK.c.item_id,
        "unit_task_id": TASK.c.id,
        "rectification_id": bindparam("said_rectification", type_=Integer),
        "unit_id": recipient,
        "clock": bindparam("said_clock", type_=String),
        "rung": bindparam("said_rung", type_=String),
        "deadline_version": func.coalesce(bindparam("said_version", type_=Integer), TASK.c.deadline_version),
        "letter_id": bindparam("said_letter", type_=NOTICE.c.letter_id.type),
        "at": bindparam("said_at", type_=Instant()),
        "workflow_id": bindparam("said_workflow", type_=String),
        "run_id": bindparam("said_run", type_=String),
        "activity_id": bindparam("said_activity", type_=String),
    }
    source = TASK.join(UNIT, UNIT.c.id == TASK.c.unit_id) if to_superior else TASK
    chosen = (
        select(*(column.label(name) for name, column in values.items()))
        .select_from(source)
        .where(tasks)
        .order_by(TASK.c.id)
    )
    return insert(NOTICE).from_select(list(values), chosen, include_defaults=False)


_kept_notices = lru_cache(maxsize=64)(_notices)


def _mails() -> Executable:
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
    values: dict[str, ColumnElement[Any]] = {
        "about": literal("notice"),
        "about_id": NOTICE.c.id,
        "account_id": ACCOUNT.c.id,
        "recipient": ACCOUNT.c.email,
        "kind": NOTICE.c.kind,
        "dedupe_key": dedupe,
        "state": bindparam("mail_state", type_=String()),
        "attempts": literal(0),
        "created_at": bindparam("now", type_=Instant()),
        "next_at": bindparam("mail_at", type_=Instant()),
        "answer": literal(""),
    }
    source = NOTICE.join(TASK, TASK.c.id == NOTICE.c.unit_task_id).join(
        ACCOUNT, ACCOUNT.c.unit_id == NOTICE.c.unit_id
    )
    wanted = (
        NOTICE.c.item_id == bindparam("item_id"),
        NOTICE.c.id > bindparam("before"),
        # What another act tells of the same item meanwhile has mails of its own.
        NOTICE.c.kind == bindparam("kind"),
        NOTICE.c.rung == bindparam("rung"),
        NOTICE.c.rectification_id == bindparam("rectification"),
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


_MAILS = _mails()


def mail_time(tx: Transaction, hold_minutes: int) -> datetime:
    """When a mail written now may leave: after the hold in which it can be taken back."""
    return tx.now + timedelta(minutes=hold_minutes)


def first_state(office: Office) -> MailState:
    """Waiting to be sent, or kept for the record where the site has no mail server."""
    return MailState.PENDING if office.sends_mail else MailState.INBOX_ONLY

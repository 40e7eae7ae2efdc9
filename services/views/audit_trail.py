"""The audit trail as a person reads it: what was done to one thing, or to anything, newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from domain.errors import NotFoundError
from models.columns import table
from models.directive import Item
from models.engine import Audit
from models.organisation import AccountRole
from services.access import (
    directive_for,
    letter_for,
    rectification_for,
    sees_site,
    unit_task_for,
)
from services.office import Office
from services.sign_in import SignedIn
from store.sessions import reading

_AUDIT, _ITEM = table(Audit), table(Item)
PAGE = 50
LARGEST = 2**62


@dataclass(frozen=True)
class TrailFilter:
    """Empty fields leave everything. `subject` is a kind and an id (`unit_task/5`); `actor` a login."""

    subject: str = ""
    actor: str = ""
    action: str = ""


@dataclass(frozen=True)
class TrailRow:
    """One row: who (an account's login, or the engine), what, to which thing, with which detail."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    path: str
    """Where the thing is seen; empty where it has no page."""
    detail: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Trail:
    """A page of the trail. `next` is where the next page goes on, 0 at the end."""

    rows: tuple[TrailRow, ...]
    count: int
    next: int


_PAGES = {
    "unit_task": "/unit-tasks/%s",
    "directive": "/directives/%s",
    "letter": "/letters/%s",
    "rectification": "/rectifications/%s",
}


def trail(office: Office, me: SignedIn, wanted: TrailFilter, before: int = 0) -> Trail:
    """The rows the filter leaves. Raises NotFoundError for a thing the reader may not see; without one the whole
    trail is for those alone who look after the site.
    """
    conditions: list[ColumnElement[bool]] = []
    if wanted.subject:
        conditions.append(_AUDIT.c.subject == wanted.subject)
    if wanted.actor:
        conditions.append(_AUDIT.c.actor.in_((wanted.actor, f"account:{wanted.actor}")))
    if wanted.action:
        conditions.append(_AUDIT.c.action == wanted.action)
    with reading(office.engine) as session:
        connection = session.connection()
        _require(connection, me, wanted.subject)
        count = int(
            connection.execute(select(func.count()).select_from(_AUDIT).where(*conditions)).scalar_one()
        )
        chosen = select(_AUDIT).where(*conditions).order_by(_AUDIT.c.seq.desc()).limit(PAGE + 1)
        rows = connection.execute(chosen.where(_AUDIT.c.seq < before) if before else chosen).all()
    shown = tuple(_row(row) for row in rows[:PAGE])
    return Trail(shown, count, shown[-1].seq if len(rows) > PAGE else 0)


def _require(connection: Connection, me: SignedIn, subject: str) -> None:
    """Raise NotFoundError where the reader may not see that thing's trail."""
    kind, _, text = subject.partition("/")
    accessors = {
        "unit_task": unit_task_for,
        "directive": directive_for,
        "letter": letter_for,
        "rectification": rectification_for,
    }
    if kind in accessors and me.role is not AccountRole.ADMINISTRATOR:
        accessors[kind](connection, me, _id(subject, text))
    elif kind == "item" and me.role is not AccountRole.ADMINISTRATOR:
        found = select(_ITEM.c.directive_id).where(_ITEM.c.id == _id(subject, text))
        directive_for(connection, me, connection.execute(found).scalar() or 0)
    elif not sees_site(me) or (me.role is AccountRole.ADMINISTRATOR and not _is_managed(kind)):
        raise NotFoundError("There is no trail of %(subject)s.", subject=subject or "*")


def _id(subject: str, text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) > LARGEST:
        raise NotFoundError("There is no trail of %(subject)s.", subject=subject)
    return int(text)


def _is_managed(kind: str) -> bool:
    """Whether it is something an administrator manages: they decide nothing and read no papers."""
    return kind in ("account", "accounts", "unit", "calendar", "site", "incident", "webhook", "mail")


def _row(row: Any) -> TrailRow:
    kind, _, text = row.subject.partition("/")
    return TrailRow(
        seq=row.seq,
        at=row.at,
        actor=row.actor.removeprefix("account:"),
        action=row.action,
        subject=row.subject,
        path=_PAGES[kind] % text if kind in _PAGES else "",
        detail=tuple(
            (name, _plain(value)) for name, value in sorted(row.detail.items()) if value not in ("", None, [])
        ),
    )


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(_plain(one) for one in value)
    if isinstance(value, dict):
        return "；".join(f"{name}: {_plain(one)}" for name, one in sorted(value.items()))
    return str(value)

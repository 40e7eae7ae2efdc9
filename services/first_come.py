"""Of two people who change the same thing the first one counts; the second is told who that was."""

from collections.abc import Sequence

from sqlalchemy import select

from domain.errors import ConflictError
from models.columns import table
from models.engine import Audit
from services.transaction import Transaction

_AUDIT = table(Audit)


def check_version(tx: Transaction, version: int | None, seen: int | None, subjects: Sequence[str]) -> None:
    """Refuse a change that was made looking at an older version of what is to be changed.

    `version` is the one it has now, None where it is gone; `seen` the one the person saw, None where that does not
    matter; `subjects` is how the trail names it and its parts. Raises ConflictError naming who was first, and when.
    """
    if seen is None or version == seen:
        return
    made = _AUDIT.c.subject.in_(subjects)
    last = tx.one(select(_AUDIT.c.actor, _AUDIT.c.at).where(made).order_by(_AUDIT.c.seq.desc()).limit(1))
    raise ConflictError(
        "%(who)s was first and changed this at %(at)s. Nothing of yours was written: look at it as it is now.",
        who=last.actor.removeprefix("account:") if last else "?",
        at=last.at.astimezone(tx.office.tz).strftime("%H:%M") if last else "?",
    )

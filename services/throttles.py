"""What slows a guesser down: failed sign-ins are counted by account and by address, in rows that all webs share."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from domain.errors import RefusedError
from models.columns import table
from models.sign_in import Throttle
from services.office import Office
from store.sessions import reading, writing

_THROTTLE = table(Throttle)
WINDOW = timedelta(minutes=15)
MOST_OF_BOTH, MOST_OF_ACCOUNT, MOST_OF_ADDRESS = 8, 50, 60
"""Many people of an office sit behind one address; and who guesses from elsewhere must not lock the owner out."""


def keys_of(login: str, address: str) -> dict[str, int]:
    """The counters a sign-in falls under, each with its most."""
    account, place = login[:80], address[:80]
    return {
        f"both:{account} {place}": MOST_OF_BOTH,
        f"account:{account}": MOST_OF_ACCOUNT,
        f"address:{place}": MOST_OF_ADDRESS,
    }


def check_throttle(office: Office, now: datetime, keys: dict[str, int]) -> None:
    """Raise RefusedError where one of them has had its most failures within the window."""
    with reading(office.engine) as session:
        rows = session.connection().execute(
            select(_THROTTLE).where(_THROTTLE.c.key.in_(keys), _THROTTLE.c.since > now - WINDOW)
        )
        for row in rows:
            if row.failures >= keys[row.key]:
                minutes = max(1, -(-(row.since + WINDOW - now).seconds // 60))
                raise RefusedError("Too many attempts: try again in %(minutes)s minutes.", minutes=minutes)


def count_failure(office: Office, now: datetime, keys: Iterable[str]) -> None:
    """One more failure for each; a window that has passed begins anew."""
    for key in keys:
        with writing(office.engine) as session:
            connection = session.connection()
            mine = _THROTTLE.c.key == key
            connection.execute(delete(_THROTTLE).where(mine, _THROTTLE.c.since <= now - WINDOW))
            more = update(_THROTTLE).where(mine).values(failures=_THROTTLE.c.failures + 1)
            if not connection.execute(more).rowcount:
                try:
                    with connection.begin_nested():
                        connection.execute(insert(_THROTTLE), {"key": key, "since": now, "failures": 1})
                except IntegrityError:  # another web process was first
                    connection.execute(more)


def forget_failures(office: Office, login: str, address: str) -> None:
    """After a sign-in that went well; what was guessed elsewhere still counts."""
    mine = _THROTTLE.c.key == f"both:{login[:80]} {address[:80]}"
    with reading(office.engine) as session:
        if session.connection().execute(select(_THROTTLE.c.key).where(mine)).first() is None:
            return
    with writing(office.engine) as session:
        session.connection().execute(delete(_THROTTLE).where(mine))

"""How the site is, from the rows alone: no page waits for Temporal or a mail server."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from services.heartbeats import Beat, beats
from services.office import Office

LATE = 60.0
"""Seconds of relay lag from which on timers are visibly late."""


@dataclass(frozen=True)
class Health:
    """What answers. `temporal` and `mail` are as the workers saw them last; None where nobody could say, or, for
    `mail`, where no mail server is set. `relay_lag` is in seconds.
    """

    database: bool
    worker: bool
    temporal: bool | None = None
    mail: bool | None = None
    relay_lag: float | None = None

    @property
    def ready(self) -> bool:
        """Whether the office works: people's acts are kept, and somebody does what follows from them."""
        return self.database and self.worker

    @property
    def degraded(self) -> list[str]:
        """The parts that are not well."""
        wrong = {
            "database": not self.database,
            "worker": not self.worker,
            "temporal": self.temporal is False,
            "mail": self.mail is False,
            "relay_lag": (self.relay_lag or 0) > LATE,
        }
        return [part for part, bad in wrong.items() if bad]


def health(office: Office, now: datetime) -> Health:
    """How the site is at `now`."""
    try:
        there = beats(office, now)
    except SQLAlchemyError:
        return Health(database=False, worker=False)
    if not there:
        return Health(database=True, worker=False)
    lags = [float(beat.state["relay_lag"]) for beat in there]
    return Health(
        database=True,
        worker=True,
        temporal=_any(there, "temporal"),
        mail=_any(there, "mail"),
        relay_lag=min(lags),
    )


def _any(there: list[Beat], part: str) -> bool | None:
    """Whether any worker reaches it; None where none of them tries."""
    said = [beat.state[part] for beat in there if beat.state[part] is not None]
    return any(said) if said else None

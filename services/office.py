"""Where acts happen and who acts: the office, its audit keys, an actor."""

from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from contracts.payloads import Trace
from domain.audit import KeyRing


def nobody_to_nudge() -> None:
    """Without a relay in this process its polling finds the outbox rows."""


@dataclass(frozen=True)
class Office:
    """What every act needs: the database, the audit keys, the zone, and whom to tell of new outbox rows."""

    engine: Engine
    keys: KeyRing
    tz: ZoneInfo
    mail_host: str = "duban.invalid"
    language: str = "zh_CN"
    """The language of letters and mails that have no reader's own to follow."""
    nudge: Callable[[], None] = nobody_to_nudge
    sends_mail: bool = True
    """Without a mail server the in-app inbox is all there is: mails are kept as what would have been sent, so
    that a server set up later is not flooded with old ones."""


@dataclass(frozen=True)
class OnBehalf:
    """The unit for which the supervision office enters what came on paper (services/on_behalf)."""

    unit_id: int
    name: str


@dataclass(frozen=True)
class Actor:
    """Who acts: an account of a unit, or the engine itself with the activity that Temporal ran."""

    name: str
    account_id: int | None = None
    unit_id: int | None = None
    role: str = ""
    trace: Trace = field(default_factory=Trace)
    on_behalf: OnBehalf | None = None


def engine_actor(trace: Trace) -> Actor:
    """The engine, acting because time passed."""
    return Actor(name=f"engine:{trace.workflow_id}" if trace.workflow_id else "engine", trace=trace)

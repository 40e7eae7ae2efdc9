"""How the site is, from the rows alone: workers, what waits to leave, mails, incidents open and closed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from domain.errors import NotFoundError
from models.columns import table
from models.engine import Incident, Outbox
from models.organisation import Account, Unit
from models.paper import Mail
from services.access import sees_mail, sees_site
from services.health import Health, health
from services.heartbeats import Beat, beats
from services.mails import TEST
from services.office import Office
from services.sign_in import SignedIn
from store.sessions import reading

_INCIDENT, _OUTBOX, _MAIL, _ACCOUNT, _UNIT = (
    table(Incident),
    table(Outbox),
    table(Mail),
    table(Account),
    table(Unit),
)
CLOSED_SHOWN = 50


@dataclass(frozen=True)
class Worker:
    """One worker as it last spoke. `scheduler_tick`: when its scheduler last looked; None where another one looks."""

    name: str
    at: datetime
    temporal: bool | None
    mail: bool | None
    relay_lag: float
    scheduler_tick: datetime | None
    faults: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SystemView:
    """The site at one moment. `waiting` counts outbox rows not done, `parked` those given up, `mails` by state."""

    health: Health
    workers: tuple[Worker, ...]
    waiting: int
    parked: int
    mails: tuple[tuple[str, int], ...]
    open: tuple[Row[Any], ...]
    closed: tuple[Row[Any], ...]
    test: Row[Any] | None
    """The reader's last test mail."""


def system_view(office: Office, me: SignedIn, now: datetime) -> SystemView:
    """The health page."""
    undone = _OUTBOX.c.done_at.is_(None)
    with reading(office.engine) as session:
        connection = session.connection()
        by_state = select(_MAIL.c.state, func.count()).group_by(_MAIL.c.state).order_by(_MAIL.c.state)
        return SystemView(
            health=health(office, now),
            workers=tuple(_worker(beat) for beat in beats(office, now)),
            waiting=_count(connection, undone, _OUTBOX.c.parked_at.is_(None)),
            parked=_count(connection, undone, _OUTBOX.c.parked_at.is_not(None)),
            mails=tuple((row[0], int(row[1])) for row in connection.execute(by_state)),
            open=_incidents(connection, closed=False),
            closed=_incidents(connection, closed=True),
            test=connection.execute(
                select(_MAIL)
                .where(_MAIL.c.about == TEST, _MAIL.c.account_id == me.actor.account_id)
                .order_by(_MAIL.c.id.desc())
                .limit(1)
            ).first(),
        )


def incident_row(office: Office, me: SignedIn, incident_id: int) -> Row[Any]:
    """One incident. Raises NotFoundError for who does not look after the site."""
    with reading(office.engine) as session:
        row = session.connection().execute(select(_INCIDENT).where(_INCIDENT.c.id == incident_id)).first()
    if row is None or not sees_site(me):
        raise NotFoundError("There is no incident %(id)s.", id=incident_id)
    return row


def mail_row(office: Office, me: SignedIn, mail_id: int) -> Row[Any]:
    """One mail with its account as it is now. Raises NotFoundError for one the reader may not see."""
    chosen = (
        select(_MAIL, _ACCOUNT.c.login, _ACCOUNT.c.email, _ACCOUNT.c.active, _UNIT.c.name.label("unit"))
        .join(_ACCOUNT, _ACCOUNT.c.id == _MAIL.c.account_id)
        .outerjoin(_UNIT, _UNIT.c.id == _ACCOUNT.c.unit_id)
        .where(_MAIL.c.id == mail_id, sees_mail(me))
    )
    with reading(office.engine) as session:
        row = session.connection().execute(chosen).first()
    if row is None:
        raise NotFoundError("There is no mail %(id)s.", id=mail_id)
    return row


def _count(connection: Connection, *where: Any) -> int:
    return int(connection.execute(select(func.count()).select_from(_OUTBOX).where(*where)).scalar_one())


def _incidents(connection: Connection, *, closed: bool) -> tuple[Row[Any], ...]:
    chosen = select(_INCIDENT).where(
        _INCIDENT.c.closed_at.is_not(None) if closed else _INCIDENT.c.closed_at.is_(None)
    )
    order = _INCIDENT.c.closed_at.desc() if closed else _INCIDENT.c.opened_at
    return tuple(connection.execute(chosen.order_by(order, _INCIDENT.c.id).limit(CLOSED_SHOWN)).all())


def _worker(beat: Beat) -> Worker:
    tick = beat.state.get("scheduler_tick")
    return Worker(
        name=beat.worker,
        at=beat.at,
        temporal=beat.state.get("temporal"),
        mail=beat.state.get("mail"),
        relay_lag=float(beat.state.get("relay_lag", 0.0)),
        scheduler_tick=datetime.fromisoformat(tick) if tick else None,
        faults=tuple(sorted(beat.state.get("faults", {}).items())),
    )

"""What a person does about what went wrong: a mail is sent again, an incident settled, a test mail written."""

from typing import Any

from sqlalchemy import Row, func, insert, select, update

from domain.errors import NotFoundError, RefusedError, WrongStateError
from models.columns import table
from models.engine import Incident
from models.organisation import Account, AccountRole
from models.paper import Mail, MailState
from services.mails import TEST
from services.notices import first_state
from services.rows import require_role
from services.transaction import Answer, Request, Transaction, act
from services.unit_tasks import Text

_MAIL, _ACCOUNT, _INCIDENT = table(Mail), table(Account), table(Incident)
CARERS = (AccountRole.SUPERVISION_OFFICE, AccountRole.LEADER, AccountRole.ADMINISTRATOR)
LOST = (MailState.REFUSED, MailState.FAILED)


class OnMail(Request):
    """One mail."""

    mail_id: int


class SettleIncident(Request):
    """An incident that a person has seen to, and what was done about it."""

    incident_id: int
    note: Text


class WriteTestMail(Request):
    """A mail to one's own address."""


@act
def send_mail_again(tx: Transaction, request: OnMail) -> Answer:
    """Send a mail that was refused or given up to the address its account has now; its incident closes.

    Raises WrongStateError for a mail that was not lost, RefusedError where the account has no address.
    """
    require_role(tx, *CARERS)
    mail = tx.one(select(_MAIL).where(_MAIL.c.id == request.mail_id).with_for_update())
    if mail is None:
        raise NotFoundError("There is no mail %(id)s.", id=request.mail_id)
    if mail.state not in LOST:
        raise WrongStateError(
            "This mail is %(state)s: it need not be sent again.", state=MailState(mail.state)
        )
    address = _address(tx, mail)
    again: dict[str, Any] = {"state": MailState.PENDING, "recipient": address, "attempts": 0, "answer": ""}
    again |= {"next_at": tx.now, "lease_until": None, "answered_at": None}
    tx.run(update(_MAIL).where(_MAIL.c.id == mail.id).values(**again))
    mine = (_INCIDENT.c.key == f"mail/{mail.id}", _INCIDENT.c.closed_at.is_(None))
    tx.run(update(_INCIDENT).where(*mine).values(closed_at=tx.now))
    tx.record("send_mail_again", f"mail/{mail.id}", recipient=address)
    return {"recipient": address}


def _address(tx: Transaction, mail: Row[Any]) -> str:
    chosen = select(_ACCOUNT.c.email, _ACCOUNT.c.active).where(_ACCOUNT.c.id == mail.account_id)
    account = tx.run(chosen).one()
    if not account.email or not account.active:
        raise RefusedError("Its account is closed or has no address: change the account first.")
    return str(account.email)


@act
def settle_incident(tx: Transaction, request: SettleIncident) -> Answer:
    """Close an incident by hand. What is still wrong opens it again by itself."""
    require_role(tx, *CARERS)
    row = tx.one(select(_INCIDENT).where(_INCIDENT.c.id == request.incident_id).with_for_update())
    if row is None:
        raise NotFoundError("There is no incident %(id)s.", id=request.incident_id)
    if row.closed_at is not None:
        raise WrongStateError("This incident is closed already.")
    tx.run(update(_INCIDENT).where(_INCIDENT.c.id == row.id).values(closed_at=tx.now))
    tx.record("settle_incident", f"incident/{row.id}", kind=row.kind, key=row.key, note=request.note)
    return {"kind": row.kind}


@act
def write_test_mail(tx: Transaction, request: WriteTestMail) -> Answer:  # noqa: ARG001 -- an act's interface
    """Write a mail to the acting administrator's own address; the mailer sends it like any other."""
    account_id = require_role(tx, AccountRole.ADMINISTRATOR)
    account = tx.run(select(_ACCOUNT.c.login, _ACCOUNT.c.email).where(_ACCOUNT.c.id == account_id)).one()
    if not account.email:
        raise RefusedError("Your account has no address: enter one first.")
    earlier = select(func.coalesce(func.max(_MAIL.c.about_id), 0)).where(_MAIL.c.about == TEST)
    serial = int(tx.run(earlier).scalar_one()) + 1
    row: dict[str, Any] = {"about": TEST, "about_id": serial, "account_id": account_id, "kind": TEST}
    row |= {"recipient": account.email, "dedupe_key": f"test.{serial}.{account.login}", "attempts": 0}
    row |= {"state": first_state(tx.office), "created_at": tx.now, "next_at": tx.now, "answer": ""}
    new = int(tx.run(insert(_MAIL).returning(_MAIL.c.id), row).scalar_one())
    tx.record("write_test_mail", f"mail/{new}", recipient=account.email)
    return {"mail_id": new}

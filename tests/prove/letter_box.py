"""The mail server's own account of what arrived, held against the rows."""

from collections import Counter

from sqlalchemy import select

from models.columns import table
from models.paper import Mail, MailState
from services.mails import message_id
from store.sessions import reading
from tests.prove.place import Place
from tests.smtp_server import ScriptedSmtp

_MAIL = table(Mail)
DONE = frozenset({MailState.SENT, MailState.DIGESTED})


def in_the_air(place: Place) -> list[str]:
    """The Message-IDs of the mails that were claimed, and of which nobody has written yet what became of them."""
    with reading(place.office.engine) as session:
        sending = select(_MAIL.c.dedupe_key).where(_MAIL.c.state == MailState.SENDING)
        return [message_id(place.office, key) for key in session.connection().execute(sending).scalars()]


def mail_faults(place: Place, smtp: ScriptedSmtp, may_repeat: Counter[str]) -> list[str]:
    """What of the mail is not as the rows say: each that is `sent` arrived, nothing else did.

    A copy bears the Message-ID of the first; it is right once for each worker that died with it in the air.
    """
    with reading(place.office.engine) as session:
        rows = session.connection().execute(select(_MAIL)).all()
    arrived = smtp.received
    by_id = {message_id(place.office, row.dedupe_key): row for row in rows}
    faults = [f"{row.dedupe_key} is {row.state}" for row in rows if row.state not in DONE]
    for one, row in by_id.items():
        if row.state == MailState.SENT and not arrived[one]:
            faults.append(f"{row.dedupe_key} is sent and never arrived")
        if row.state != MailState.SENT and arrived[one]:
            faults.append(f"{row.dedupe_key} arrived and is {row.state}")
    faults += [f"{one} arrived and is in no row" for one in arrived.keys() - by_id.keys()]
    faults += [f"{one} arrived {n} times" for one, n in arrived.items() if n > 1 + may_repeat[one]]
    return faults


def copies(smtp: ScriptedSmtp) -> int:
    """How many mails came a second time."""
    return sum(count - 1 for count in smtp.received.values())

"""The mail server's own account of what arrived, held against the rows."""

from sqlalchemy import select

from models.columns import table
from models.paper import Mail, MailState
from services.mails import message_id
from store.sessions import reading
from tests.prove.place import Place
from tests.smtp_server import ScriptedSmtp

DONE = frozenset({MailState.SENT, MailState.DIGESTED})


def mail_faults(place: Place, smtp: ScriptedSmtp, *, deaths_with_mail_in_the_air: int) -> list[str]:
    """What of the mail is not as the rows say: each that is `sent` arrived, nothing else did.

    A copy is right only where a worker died while mails were in the air; it bears the Message-ID of the first.
    """
    with reading(place.office.engine) as session:
        rows = session.connection().execute(select(table(Mail))).all()
    arrived = smtp.received
    by_id = {message_id(place.office, row.dedupe_key): row for row in rows}
    faults = [f"{row.dedupe_key} is {row.state}" for row in rows if row.state not in DONE]
    for one, row in by_id.items():
        if row.state == MailState.SENT and not arrived[one]:
            faults.append(f"{row.dedupe_key} is sent and never arrived")
        if row.state != MailState.SENT and arrived[one]:
            faults.append(f"{row.dedupe_key} arrived and is {row.state}")
    faults += [f"{one} arrived and is in no row" for one in arrived.keys() - by_id.keys()]
    most = 1 + deaths_with_mail_in_the_air
    faults += [f"{one} arrived {count} times" for one, count in arrived.items() if count > most]
    return faults


def copies(smtp: ScriptedSmtp) -> int:
    """How many mails came a second time."""
    return sum(count - 1 for count in smtp.received.values())

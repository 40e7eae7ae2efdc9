"""The mailer beside a bare aiosmtplib loop: the same messages, as many connections, one sink in another process.

Ours claims the rows, writes the texts, builds the messages, sends them, and marks each row. The bare loop only
sends: once the same messages ready made, once built from their texts on the way.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

from aiosmtplib import SMTP
from sqlalchemy import func, select, update

from bench.figure import Figure, median, say
from bench.site import OPENS, draft, fan_out, make_place
from dispatch.clock import DrivenClock
from dispatch.mailer import Mailer
from mail.message import Outgoing, build
from mail.settings import SmtpSettings
from mail.texts import compose
from mail.transport import Carrier
from models.columns import table
from models.paper import Mail, MailState
from services.directives import OnDirective, publish
from services.mails import MailJob, claim_mails
from services.office import Office
from store.sessions import reading, writing

MAILS = 2000
ROUNDS = 3
CONNECTIONS = 4
SENDER, SITE = "office@bench.example", "督办"
SENT_AT = OPENS + timedelta(minutes=11)
MAIL = table(Mail)
SERVER = """
import sys
from pathlib import Path
from mail.sink import MailSink

with MailSink(Path(sys.argv[1])) as sink:
    print(sink.port, flush=True)
    sys.stdin.read()
"""


def run(folder: Path) -> list[Figure]:
    """Three ways in turn, so that a busy machine slows all of them."""
    place = make_place(folder / "mails.sqlite", MAILS)
    publish(place.office, place.leader, OPENS, OnDirective(directive_id=draft(place, 1, MAILS)))
    fan_out(place.office, 1)
    with _sink(folder) as port:
        server = SmtpSettings.from_url(
            f"smtp://127.0.0.1:{port}?from={SENDER}&starttls=never&connections={CONNECTIONS}"
        )
        return asyncio.run(_rounds(place.office, server))


@contextmanager
def _sink(folder: Path) -> Iterator[int]:
    command = [sys.executable, "-c", SERVER, str(folder / "caught.mbox")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.communicate()


async def _rounds(office: Office, server: SmtpSettings) -> list[Figure]:
    letters = _letters(office)
    messages = [build(letter) for letter in letters]
    ours, ready, built = [], [], []
    async with Carrier(server) as carrier:
        mailer = Mailer(office, carrier, SENDER, SITE, DrivenClock(SENT_AT))
        for _ in range(ROUNDS):
            _as_before(office)
            ours.append(await _ours(mailer, office))
            ready.append(await _bare(server, messages))
            built.append(await _bare(server, letters))
            say(
                f"mails: ours {ours[-1]:,.0f}/s, bare ready made {ready[-1]:,.0f}/s, bare and built {built[-1]:,.0f}/s"
            )
    by_ready = median(o / r for o, r in zip(ours, ready, strict=True))
    by_built = median(o / b for o, b in zip(ours, built, strict=True))
    note = f"median of {ROUNDS} rounds of {MAILS:,} over {CONNECTIONS} connections"
    return [
        Figure("mails from claimed row to marked row", median(ours), "mails/s", None, note),
        Figure("bare loop, messages built on the way", median(built), "mails/s"),
        Figure("bare loop, messages ready made", median(ready), "mails/s"),
        Figure("mailer / bare loop that builds the same messages", by_built, "", (">=", 0.8)),
        Figure(
            "mailer / bare loop with ready messages",
            by_ready,
            "",
            (">=", 0.8),
            "ours claims, writes, builds and marks as well",
        ),
    ]


def _letters(office: Office) -> list[Outgoing]:
    jobs = claim_mails(office, SENT_AT, SENT_AT, limit=MAILS)
    assert len(jobs) == MAILS
    return [_letter(job) for job in jobs]


def _letter(job: MailJob) -> Outgoing:
    subject, text = compose(job.language, job.kind, job.lines, SITE)
    return Outgoing(
        SENDER, job.recipient, subject, text, job.message_id, SENT_AT, language=job.language.replace("_", "-")
    )


def _as_before(office: Office) -> None:
    """Every mail waits again."""
    fresh = {"state": MailState.PENDING, "attempts": 0, "lease_until": None, "sent_at": None}
    with writing(office.engine) as session:
        session.connection().execute(update(MAIL).values(**fresh))


async def _ours(mailer: Mailer, office: Office) -> float:
    started = time.perf_counter()
    assert await mailer.drain() == MAILS
    seconds = time.perf_counter() - started
    with reading(office.engine) as session:
        sent = select(func.count()).where(MAIL.c.state == MailState.SENT)
        assert session.connection().execute(sent).scalar_one() == MAILS
    return MAILS / seconds


async def _bare(server: SmtpSettings, letters: list[Outgoing] | list[EmailMessage]) -> float:
    async def share(part: list[Outgoing] | list[EmailMessage]) -> None:
        async with SMTP(hostname=server.host, port=server.port, start_tls=False) as line:
            for letter in part:
                await line.send_message(build(letter) if isinstance(letter, Outgoing) else letter)

    started = time.perf_counter()
    await asyncio.gather(*(share(letters[first::CONNECTIONS]) for first in range(CONNECTIONS)))
    return MAILS / (time.perf_counter() - started)

"""The mailer: takes due mails from the rows, hands them to the server, writes what became of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from email.utils import parseaddr
from urllib.parse import parse_qsl, quote, urlsplit

from config.settings import Settings
from dispatch.clock import OfficeClock, wall_clock
from dispatch.role import Role
from mail.faults import Fault, Stage, backoff, is_given_up
from mail.message import Outgoing
from mail.outcome import Outcome
from mail.settings import SmtpSettings
from mail.texts import compose
from mail.transport import Carrier
from models.paper import MailState
from services.failpoints import failpoint
from services.mails import MailJob, MailResult, claim_mails, record_results
from services.office import Office

BATCH = 500
IDLE_POLL = 5.0
GATHER = 0.05
"""Seconds in which answers are gathered into one transaction. What a crash in them leaves goes a second time."""


class Mailer:
    """Sends what is due. `rate` is the most messages a second over all connections (0: no cap)."""

    rate = 0.0

    def __init__(self, office: Office, carrier: Carrier, sender: str, site: str, clock: OfficeClock) -> None:
        self._office, self._carrier, self._clock = office, carrier, clock
        self._sender, self._site = sender, site
        self.reachable = True

    async def run(self, role: Role) -> None:
        """Until cancelled. Of all workers one sends at a time, so that the rate holds for the site."""
        async with role.given_back():
            while True:
                if not (await role.is_mine() and await self.drain(role)):
                    await asyncio.sleep(IDLE_POLL)

    async def drain(self, role: Role | None = None) -> int:
        """Send everything that is due now, as long as `role` is ours; answers how many were tried."""
        total = 0
        while jobs := await asyncio.to_thread(
            claim_mails, self._office, self._clock(), wall_clock(), self._batch()
        ):
            now = self._clock()
            started = asyncio.get_running_loop().time()
            failpoint("mailer.after_claim")
            outcomes = await self._send(jobs, now)
            self.reachable = any(outcome.stage is not Stage.CONNECT for outcome in outcomes)
            total += len(jobs)
            if not self.reachable or not (role is None or await role.is_mine()):
                break
            await self._keep_rate(len(jobs), started)
        return total

    async def _send(self, jobs: list[MailJob], now: datetime) -> list[Outcome]:
        """Send them all. What became of each is written while others are on their way: after a crash only
        those go a second time whose answers had not been written yet, not the whole batch.
        """
        messages = [self._build(job, now) for job in jobs]
        answered: asyncio.Queue[MailResult | None] = asyncio.Queue()

        def tell(index: int, outcome: Outcome) -> None:
            answered.put_nowait(_result(jobs[index], outcome, now))
            failpoint("mailer.mid_batch")

        async with asyncio.TaskGroup() as group:
            group.create_task(self._write(answered, now))
            failpoint("mailer.before_send")
            outcomes = await self._carrier.send_many(messages, tell)
            answered.put_nowait(None)
        return outcomes

    async def _write(self, answered: asyncio.Queue[MailResult | None], now: datetime) -> None:
        """Write what there is, all of it in one transaction, until None comes."""
        last = False
        while not last:
            results = [await answered.get()]
            with suppress(TimeoutError):
                async with asyncio.timeout(GATHER):
                    while results[-1] is not None:
                        results.append(await answered.get())
            known = [result for result in results if result is not None]
            last = len(known) < len(results)
            if known:
                failpoint("mailer.before_mark")
                await asyncio.to_thread(record_results, self._office, now, known)

    def _batch(self) -> int:
        return min(BATCH, max(int(self.rate), 1)) if self.rate else BATCH

    async def _keep_rate(self, sent: int, started: float) -> None:
        if self.rate:
            await asyncio.sleep(max(sent / self.rate - (asyncio.get_running_loop().time() - started), 0))

    def _build(self, job: MailJob, now: datetime) -> Outgoing:
        subject, text = compose(job.language, job.kind, job.lines, self._site)
        language = job.language.replace("_", "-")
        return Outgoing(self._sender, job.recipient, subject, text, job.message_id, now, language=language)


def _result(job: MailJob, outcome: Outcome, now: datetime) -> MailResult:
    """What an outcome means for the row. The 72 hours of trying count while a server answers: a mail that no
    server could be found for waits as long as it takes.
    """
    words = f"{outcome.code or ''} {outcome.text}".strip()
    if outcome.fault is None:
        return MailResult(job.id, job.attempts, MailState.SENT, None, words)
    if outcome.fault is Fault.FINAL:
        return MailResult(job.id, job.attempts, MailState.REFUSED, None, words)
    answered = outcome.stage is not Stage.CONNECT
    if answered and is_given_up(job.answered_at or now, now):
        return MailResult(job.id, job.attempts, MailState.FAILED, None, words)
    state = MailState.UNKNOWN if outcome.fault is Fault.UNKNOWN else MailState.PENDING
    return MailResult(job.id, job.attempts, state, now + backoff(job.attempts), words, answered)


def mail_server(settings: Settings) -> SmtpSettings | None:
    """The mail server of the settings, None where none is set. DUBAN_MAIL_FROM is the sender where the URL has none."""
    url = settings.smtp_url.get_secret_value()
    if not url:
        return None
    options = parse_qsl(urlsplit(url).query)
    if "from" not in dict(options):
        sender = quote(parseaddr(settings.mail_from)[1], safe="@")
        url += f"{'&' if options else '?'}from={sender}"
    return SmtpSettings.from_url(url)


@asynccontextmanager
async def mailer_of(settings: Settings, office: Office, clock: OfficeClock) -> AsyncIterator[Mailer | None]:
    """The mailer of the settings, its lines closed at the end; None where no mail leaves."""
    server = mail_server(settings)
    if server is None:
        yield None
        return
    async with Carrier(server) as carrier:
        mailer = Mailer(office, carrier, server.sender, settings.site_name, clock)
        mailer.rate = settings.mail_rate
        yield mailer

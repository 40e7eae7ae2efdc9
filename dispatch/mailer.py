"""The mailer: takes due mails from the rows, hands them to the server, writes what became of them."""

import asyncio
from datetime import datetime

from dispatch.clock import OfficeClock, wall_clock
from mail.faults import Fault, backoff, is_given_up
from mail.message import Outgoing
from mail.outcome import Outcome
from mail.texts import compose
from mail.transport import Carrier
from models.paper import MailState
from services.failpoints import failpoint
from services.mails import MailJob, MailResult, claim_mails, record_results
from services.office import Office

BATCH = 200
IDLE_POLL = 5.0


class Mailer:
    """Sends what is due. `rate` is the most messages a second over all connections (0: no cap)."""

    def __init__(
        self, office: Office, carrier: Carrier, sender: str, site: str, clock: OfficeClock, *, rate: float = 0
    ) -> None:
        self._office, self._carrier, self._clock = office, carrier, clock
        self._sender, self._site, self._rate = sender, site, rate
        self.reachable = True

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if not await self.drain():
                await asyncio.sleep(IDLE_POLL)

    async def drain(self) -> int:
        """Send everything that is due now; answers how many were tried."""
        total = 0
        while jobs := await asyncio.to_thread(
            claim_mails, self._office, self._clock(), wall_clock(), self._batch()
        ):
            now = self._clock()
            started = asyncio.get_running_loop().time()
            failpoint("mailer.before_send")
            outcomes = await self._carrier.send_many([self._build(job, now) for job in jobs])
            failpoint("mailer.before_mark")
            results = [_result(job, outcome, now) for job, outcome in zip(jobs, outcomes, strict=True)]
            await asyncio.to_thread(record_results, self._office, now, results)
            self.reachable = any(outcome.stage.value != "connect" for outcome in outcomes)
            total += len(jobs)
            if not self.reachable:
                break
            await self._keep_rate(len(jobs), started)
        return total

    def _batch(self) -> int:
        return min(BATCH, max(int(self._rate), 1)) if self._rate else BATCH

    async def _keep_rate(self, sent: int, started: float) -> None:
        if self._rate:
            await asyncio.sleep(max(sent / self._rate - (asyncio.get_running_loop().time() - started), 0))

    def _build(self, job: MailJob, now: datetime) -> Outgoing:
        subject, text = compose(job.language, job.kind, job.lines, self._site)
        language = job.language.replace("_", "-")
        return Outgoing(self._sender, job.recipient, subject, text, job.message_id, now, language=language)


def _result(job: MailJob, outcome: Outcome, now: datetime) -> MailResult:
    answer = f"{outcome.code or ''} {outcome.text}".strip()
    if outcome.fault is None:
        return MailResult(job.id, MailState.SENT, None, answer)
    if outcome.fault is Fault.FINAL:
        return MailResult(job.id, MailState.REFUSED, None, answer)
    if is_given_up(job.created_at, now):
        return MailResult(job.id, MailState.FAILED, None, answer)
    state = MailState.UNKNOWN if outcome.fault is Fault.UNKNOWN else MailState.PENDING
    return MailResult(job.id, state, now + backoff(job.attempts), answer)

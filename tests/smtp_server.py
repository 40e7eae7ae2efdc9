"""A real SMTP server that misbehaves as told: refusals by stage and recipient, cuts, silence, greylisting.

    with ScriptedSmtp() as smtp:
        smtp.rule("rcpt", "550 5.1.1 no such user", recipient="gone@example.com")
        smtp.rule("dot", DROP, times=1)
        settings = SmtpSettings.from_url(smtp.url)

Stages: connect, ehlo, auth, mail, rset, rcpt, data (before 354), body (after 354, before the final dot), dot (after
it). At "dot" a 2xx or a cut keeps the message, as a server does whose answer was lost; other replies do not.
"""

import asyncio
import ssl
from collections import Counter
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from mail.server import HOST, LocalServer


@dataclass(frozen=True)
class Drop:
    """Cut the connection without a word; at "body" after this many octets were read."""

    after_octets: int = 0


@dataclass(frozen=True)
class Silence:
    """Never answer."""


@dataclass(frozen=True)
class TarPit:
    """Answer one octet at a time."""

    reply: str
    seconds_per_octet: float


DROP = Drop()
SILENCE = Silence()
Answer = str | Drop | Silence | TarPit


@dataclass
class Rule:
    """What to answer at `stage`, to one recipient or to all, `times` times (each, if `per_recipient`) or always."""

    stage: str
    answer: Answer
    recipient: str | None = None
    times: int | None = None
    per_recipient: bool = False
    used: Counter[str] = field(default_factory=Counter)

    def applies(self, stage: str, recipient: str) -> bool:
        """Whether this rule is for now; counts as used when it is."""
        if stage != self.stage or self.recipient not in {None, recipient}:
            return False
        key = recipient if self.per_recipient else ""
        if self.times is not None and self.used[key] >= self.times:
            return False
        self.used[key] += 1
        return True


@dataclass(frozen=True)
class Taken:
    """A message the server has answered for, or would have."""

    sender: str
    recipient: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return BytesParser(policy=default).parsebytes(self.content)

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])


class ScriptedSmtp(LocalServer):
    """Takes everything until rules say otherwise. Earlier rules win."""

    def __init__(
        self,
        *,
        login: tuple[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        tls_from_the_start: ssl.SSLContext | None = None,
        smtputf8: bool = True,
    ) -> None:
        super().__init__(lambda loop: ScriptedSession(self, loop), tls_from_the_start)
        self.login = login
        self.tls = tls
        self.smtputf8 = smtputf8
        self.rules: list[Rule] = []
        self.taken: list[Taken] = []
        self.connections = 0
        self.attempts: Counter[str] = Counter()  # RCPT commands by recipient

    @property
    def url(self) -> str:
        """A mail URL for this server, without a login."""
        return f"smtp://{HOST}:{self.port}?from=office@example.gov.cn"

    @property
    def received(self) -> Counter[str]:
        """How many copies of each Message-ID were taken."""
        return Counter(one.message_id for one in self.taken)

    def rule(self, stage: str, answer: Answer, **more: Any) -> Rule:
        """Add a rule; `more` as in Rule."""
        self.rules.append(Rule(stage, answer, **more))
        return self.rules[-1]

    def greylist(self) -> None:
        """Refuse the first attempt for every recipient with 451."""
        self.rule("rcpt", "451 4.7.1 greylisted", times=1, per_recipient=True)

    def answer(self, stage: str, recipient: str = "") -> Answer | None:
        """The answer of the first rule that applies."""
        return next((rule.answer for rule in self.rules if rule.applies(stage, recipient)), None)


class ScriptedSession(SMTP):
    """One connection to the scripted server."""

    def __init__(self, script: ScriptedSmtp, loop: asyncio.AbstractEventLoop) -> None:
        self.script = script
        super().__init__(
            self,
            hostname="localhost",
            enable_SMTPUTF8=script.smtputf8,
            tls_context=script.tls,
            auth_require_tls=False,
            auth_exclude_mechanism=() if script.login else ("LOGIN", "PLAIN"),
            authenticator=self._check_login,
            loop=loop,
        )

    async def _handle_client(self) -> None:
        self.script.connections += 1
        if await self._scripted("connect"):
            if self.transport is not None:
                self.transport.close()
            return
        await super()._handle_client()

    async def smtp_EHLO(self, arg: str) -> None:  # noqa: N802  aiosmtpd calls it so
        if not await self._scripted("ehlo"):
            await super().smtp_EHLO(arg)

    async def smtp_HELO(self, arg: str) -> None:  # noqa: N802  aiosmtpd calls it so
        if not await self._scripted("ehlo"):
            await super().smtp_HELO(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802  aiosmtpd calls it so
        if not await self._scripted("auth"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802  aiosmtpd calls it so
        if not await self._scripted("mail"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802  aiosmtpd calls it so
        recipient = (arg or "").partition("<")[2].partition(">")[0]
        self.script.attempts[recipient] += 1
        if not await self._scripted("rcpt", recipient):
            await super().smtp_RCPT(arg)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802  aiosmtpd calls it so
        if not await self._scripted("rset"):
            await super().smtp_RSET(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  aiosmtpd calls it so
        if await self._scripted("data", self._recipient):
            return
        cut = self.script.answer("body", self._recipient)
        if isinstance(cut, Drop):
            await self.push("354 go on")
            read = 0
            while read < cut.after_octets:
                read += len(await self._reader.read(4096))
            self._abort()
        else:
            await super().smtp_DATA(arg)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd calls it so
        """Called with the whole message, before the answer to the final dot."""
        answer = self.script.answer("dot", self._recipient)
        refused = isinstance(answer, str) and not answer.startswith("2")
        if not refused:
            content = cast("bytes", envelope.content)
            self.script.taken.append(Taken(envelope.mail_from or "", self._recipient, content))
        if isinstance(answer, str):
            return answer
        if answer is None:
            return "250 2.0.0 taken"
        return await self._misbehave(answer)

    @property
    def _recipient(self) -> str:
        return (self.envelope.rcpt_tos or [""])[0] if self.envelope else ""

    async def _scripted(self, stage: str, recipient: str = "") -> bool:
        """Whether a rule has answered."""
        answer = self.script.answer(stage, recipient)
        if answer is None:
            return False
        await self.push(answer if isinstance(answer, str) else await self._misbehave(answer))
        return True

    async def _misbehave(self, answer: Drop | Silence | TarPit) -> str:
        if isinstance(answer, Drop):
            self._abort()
        elif isinstance(answer, TarPit):
            for octet in answer.reply.encode():
                self._writer.write(bytes([octet]))
                await asyncio.sleep(answer.seconds_per_octet)
            return ""  # the end of the line follows
        await asyncio.Event().wait()  # until the connection is gone and this task is cancelled
        return ""

    def _abort(self) -> None:
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    def _check_login(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword
    ) -> AuthResult:
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == self.script.login, handled=False)

"""One connection to the mail server: opened, greeted, protected, logged in; then message after message."""

import asyncio
from contextlib import suppress
from typing import Self, cast

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPHeloError,
    SMTPNotSupported,
    SMTPResponse,
    SMTPServerDisconnected,
)
from aiosmtplib.protocol import SMTPProtocol

from domain.errors import DubanError
from mail.faults import Fault, Stage
from mail.message import Outgoing, build, wire_address
from mail.outcome import Outcome, failed, taken
from mail.settings import SmtpSettings, Tls

CONNECT_SECONDS = 10.0  # to the greeting
COMMAND_SECONDS = 30.0
DATA_SECONDS = 120.0  # from the first byte of the message to the answer to its last
GOODBYE_SECONDS = 2.0
ONE_WRITE = 65_536  # octets; a longer message is seen off before its final dot is sent
FLUSH_PAUSE = 0.01  # seconds

START_TLS = {Tls.AUTO: None, Tls.ALWAYS: True, Tls.NEVER: False, Tls.IMPLICIT: False}
START_INPUT = 354
SERVICE_CLOSING = 421
EXPECTED = (OSError, SMTPException, ValueError, DubanError)  # anything else is a fault in the program


class Connection:
    """An open line. It may be lost at any time: look at `is_open` before giving it the next message."""

    def __init__(self, client: SMTP) -> None:
        self._client = client
        self._stage = Stage.BUILD
        self.carried = 0  # messages that got an answer, good or bad

    @classmethod
    async def open(cls, settings: SmtpSettings) -> Self:
        """Connect and log in. OSError or SMTPException when the server is away or does not want us."""
        client = SMTP(
            hostname=settings.host,
            port=settings.port,
            timeout=COMMAND_SECONDS,
            use_tls=settings.tls is Tls.IMPLICIT,
            start_tls=START_TLS[settings.tls],
        )
        try:
            await client.connect(timeout=CONNECT_SECONDS)
            await _greet(client)
            if settings.user is not None and settings.password is not None:
                _require_secrecy(client, settings)
                await client.login(settings.user, settings.password)
        except BaseException:  # also when cancelled: a half-open line is of no use
            client.close()
            raise
        return cls(client)

    @property
    def is_open(self) -> bool:
        """Whether nobody has closed the line, as far as is known."""
        return self._client.is_connected

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Hand over one message to its one recipient. Never raises for what a server or a message can do."""
        try:
            return await self._attempt(outgoing)
        except BaseException:  # cancelled in the middle: the next answer would belong to this message
            self._client.close()
            raise

    def went_stale(self, outcome: Outcome) -> bool:
        """Whether a line that had worked was closed while it lay idle: a new one may well take the message."""
        closed = outcome.code is None or outcome.code == SERVICE_CLOSING
        return self.carried > 0 and closed and outcome.stage is Stage.MAIL and outcome.fault is Fault.PASSING

    async def close(self) -> None:
        """Say goodbye, but do not wait long for the answer."""
        with suppress(OSError, SMTPException):
            await self._client.quit(timeout=GOODBYE_SECONDS)
        self._client.close()
        await asyncio.sleep(0)  # lets the transport finish its own closing

    async def _attempt(self, outgoing: Outgoing) -> Outcome:
        self._stage = Stage.BUILD
        try:
            reply = await self._hand_over(outgoing)
        except EXPECTED as problem:
            outcome = failed(outgoing, problem, self._stage)
            await self._tidy(answered=outcome.code is not None)
            return outcome
        self.carried += 1
        return taken(outgoing, reply.code, reply.message)

    async def _hand_over(self, outgoing: Outgoing) -> SMTPResponse:
        sender, recipient = wire_address(outgoing.sender), wire_address(outgoing.recipient)
        payload = bytes(build(outgoing)).replace(b"\r\n.", b"\r\n..")
        self._stage = Stage.MAIL
        options = [f"SIZE={len(payload)}"] if self._client.supports_extension("size") else []
        if not (sender + recipient).isascii():
            if not self._client.supports_extension("smtputf8"):
                raise SMTPNotSupported("the server takes no address outside ASCII")
            options.append("SMTPUTF8")
        await self._client.mail(sender, options=options, encoding="utf-8")
        self._stage = Stage.RCPT
        await self._client.rcpt(recipient, encoding="utf-8")
        self._stage = Stage.DATA
        go_ahead = await self._client.execute_command(b"DATA")
        if go_ahead.code != START_INPUT:
            raise SMTPDataError(go_ahead.code, go_ahead.message)
        answer = await self._transmit(payload)
        if not 200 <= answer.code <= 299:
            raise SMTPDataError(answer.code, answer.message)
        return answer

    async def _transmit(self, payload: bytes) -> SMTPResponse:
        """Send the message and its final dot; the answer to the dot.

        A long message goes first and alone, so that a line which breaks under it is known to have broken
        before the dot.
        """
        async with asyncio.timeout(DATA_SECONDS):
            if len(payload) > ONE_WRITE:
                self._write(payload)
                await self._flush()
                payload = b""
            protocol = self._write(payload + b".\r\n")
            self._stage = Stage.ANSWER
            return await protocol.read_response()

    def _write(self, octets: bytes) -> SMTPProtocol:
        protocol = self._client.protocol
        if protocol is None:
            raise SMTPServerDisconnected("Connection lost")
        protocol.write(octets)
        return protocol

    async def _flush(self) -> None:
        while (transport := self._client.transport) is not None and not transport.is_closing():
            if cast("asyncio.WriteTransport", transport).get_write_buffer_size() == 0:
                return
            await asyncio.sleep(FLUSH_PAUSE)  # the library offers no event to wait for
        raise SMTPServerDisconnected("Connection lost")

    async def _tidy(self, *, answered: bool) -> None:
        """After a failure: make the line ready for the next message, or drop it."""
        if self._stage is Stage.BUILD:
            return
        if not (answered and self.is_open):
            self._client.close()
            return
        self.carried += 1
        try:
            await self._client.rset()
        except (OSError, SMTPException):
            self._client.close()


async def _greet(client: SMTP) -> None:
    if not client.is_ehlo_or_helo_needed:
        return
    try:
        await client.ehlo()
    except SMTPHeloError:
        if not client.is_connected:
            raise
        await client.helo()


def _require_secrecy(client: SMTP, settings: SmtpSettings) -> None:
    """A stripped STARTTLS must not coax the password out of us; starttls=never is the site's own decision."""
    if settings.tls is Tls.AUTO and client.get_transport_info("sslcontext") is None:
        raise SMTPNotSupported("no STARTTLS offered, so no password given; starttls=never would allow it")

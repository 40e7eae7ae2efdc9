"""A real mail server that delivers to nobody: what it takes it counts and keeps in one mbox file."""

import asyncio
import re
import time
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from mail.server import HOST, LocalServer

FROM_LINE = re.compile(rb"^(>*From )", re.MULTILINE)
NO_DATE = datetime.fromtimestamp(0, UTC)


class MailSink:
    """Use as a context manager, or `start` and `stop` it. `url` is where to send while it runs."""

    def __init__(self, mbox: Path) -> None:
        self.count = 0
        self._path = mbox
        self._mbox: BinaryIO | None = None
        self._server = LocalServer(self._session)

    @property
    def port(self) -> int:
        """The port on 127.0.0.1, chosen by the system at each start."""
        return self._server.port

    @property
    def url(self) -> str:
        """The beginning of a mail URL: `smtp://127.0.0.1:port`."""
        return f"smtp://{HOST}:{self.port}"

    def start(self) -> None:
        """Open the mbox file (it is appended to) and listen."""
        self._mbox = self._path.open("ab", buffering=0)
        self._server.start()

    def stop(self) -> None:
        """Stop listening and close the file."""
        self._server.stop()
        if self._mbox is not None:
            self._mbox.close()
            self._mbox = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def handle_DATA(  # noqa: N802  the name aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Append the message whole before saying that it was taken."""
        content = envelope.content
        if self._mbox is None or not isinstance(content, bytes):
            return "451 4.3.0 not open"
        self._mbox.write(mbox_entry(envelope.mail_from or "MAILER-DAEMON", content))
        self.count += 1
        return "250 2.0.0 kept"

    def _session(self, loop: asyncio.AbstractEventLoop) -> SMTP:
        return SMTP(self, hostname="localhost", enable_SMTPUTF8=True, loop=loop)


def mbox_entry(sender: str, content: bytes) -> bytes:
    """One message as an mbox file holds it (RFC 4155), dated by its own Date header."""
    quoted = FROM_LINE.sub(rb">\1", content.replace(b"\r\n", b"\n"))
    separator = f"From {sender} {time.asctime(_date(content).utctimetuple())}\n"
    return separator.encode() + quoted.removesuffix(b"\n") + b"\n\n"


def _date(content: bytes) -> datetime:
    try:
        return parsedate_to_datetime(BytesHeaderParser().parsebytes(content)["Date"] or "")
    except (TypeError, ValueError):
        return NO_DATE

"""One message to one person: plain text in UTF-8, an HTML page beside it if there is one."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy
from functools import cache, lru_cache
from typing import Any

from domain.errors import RefusedError
from domain.headers import safe_address, safe_header

# Longer ids do not fit one folded line, and the standard library then hides them in encoded words.
MESSAGE_ID = re.compile(r"<(?=.{3,75}>)[A-Za-z0-9!#$%&'*+/=^_`{|}~.-]+@[A-Za-z0-9.-]+>")
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class Outgoing:
    """What is to be sent. `sender`, `recipient` and `reply_to` are plain addresses; `date` is aware.

    `message_id` (`<...@...>`, at most 77 characters) stays the same through every retry. `references` is one
    such id or several with a space between. `html` comes from a template that escapes by itself.
    """

    sender: str
    recipient: str
    subject: str
    text: str
    message_id: str
    date: datetime
    reply_to: str | None = None
    references: str | None = None
    html: str | None = None
    language: str = "zh-CN"


@cache
def _header_class(name: str) -> type[BaseHeader]:
    return HeaderRegistry()[name]


@lru_cache(maxsize=256)
def _header(name: str, value: str | datetime) -> BaseHeader:
    return _header_class(name)(name, value)


class KeptHeaders(HeaderRegistry):
    """Parses a header once. Most stay the same from letter to letter: building is three times as fast."""

    def __getitem__(self, name: str) -> type[BaseHeader]:
        """The class for the headers of this name; the registry itself makes a new one for every header."""
        return _header_class(name.lower())

    def __call__(self, name: str, value: Any) -> BaseHeader:
        """The header, which nobody changes once it is made."""
        return _header(name, value)


class Wire(EmailPolicy):
    """Folds a header once, as most stay the same from letter to letter."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """The header's lines as octets."""
        return _folded(self, name, value)

    def fold_anew(self, name: str, value: str) -> bytes:
        """The same, not looked up."""
        return super().fold_binary(name, value)


@lru_cache(maxsize=256)
def _folded(wire: Wire, name: str, value: str) -> bytes:
    return wire.fold_anew(name, value)


WIRE, WIRE_UTF8 = (
    Wire(linesep="\r\n", max_line_length=78, utf8=utf8, header_factory=KeptHeaders())
    for utf8 in (False, True)
)


@lru_cache(maxsize=1024)  # asked twice of each, and of the sender every time
def wire_address(address: str) -> str:
    """A plain address as it travels: its host in ASCII (RFC 5890), its name as it is; else RefusedError."""
    local_part, _, domain = safe_address(address).rpartition("@")
    try:
        return f"{local_part}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise RefusedError(
            "%(address)s is not one plain e-mail address.", address=repr(address[:100])
        ) from error


def build(outgoing: Outgoing) -> EmailMessage:
    """The message with every header guarded; `bytes()` of it is what goes over the wire.

    RefusedError when a header, an address, an id or the date cannot stand in a mail. Bodies travel in base64,
    so no server has to take eight bits, long lines or a line that is a lone dot.
    """
    sender, recipient = wire_address(outgoing.sender), wire_address(outgoing.recipient)
    reply_to = wire_address(outgoing.reply_to) if outgoing.reply_to else ""
    ascii_only = (sender + recipient + reply_to).isascii()
    message = EmailMessage(policy=WIRE if ascii_only else WIRE_UTF8)
    message["From"] = sender
    message["To"] = recipient
    if reply_to:
        message["Reply-To"] = reply_to
    message["Subject"] = safe_header(outgoing.subject)
    message["Date"] = _in_utc(outgoing.date)
    message["Message-ID"] = _message_id(outgoing.message_id)
    if outgoing.references:
        earlier = [_message_id(one) for one in outgoing.references.split(" ")]
        message["References"] = safe_header(" ".join(earlier))
        message["In-Reply-To"] = earlier[-1]
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answering machine may answer
    message["X-Auto-Response-Suppress"] = "All"  # the same for Exchange
    message.set_content(_encodable(outgoing.text), cte="base64")
    if outgoing.html is not None:
        message.add_alternative(_encodable(outgoing.html), subtype="html", cte="base64")
    message["Content-Language"] = _language_tag(outgoing.language)  # last: new content takes Content-* away
    return message


def _in_utc(date: datetime) -> datetime:
    if date.utcoffset() is None:
        raise RefusedError("The date of a mail needs its time zone.")
    return date.astimezone(UTC)


def _message_id(text: str) -> str:
    if not MESSAGE_ID.fullmatch(text):
        raise RefusedError("%(id)s is not a Message-ID.", id=repr(text[:100]))
    return text


def _language_tag(text: str) -> str:
    if not LANGUAGE_TAG.fullmatch(text):
        raise RefusedError("%(language)s is not a language tag.", language=repr(text[:100]))
    return text.replace("_", "-")


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise RefusedError("The text of a mail holds a character that cannot be encoded.") from error
    return text

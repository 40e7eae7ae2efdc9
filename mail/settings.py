"""Where mail is handed over, read from one URL."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Self
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from domain.errors import InvalidInputError, RefusedError
from domain.headers import has_hidden_character, safe_address

DEFAULT_PORTS = {"smtp": 25, "smtps": 465}
OPTIONS = frozenset({"starttls", "from", "connections"})
MOST_CONNECTIONS = 64


class Tls(Enum):
    """How the connection is protected. AUTO takes STARTTLS when offered, but gives no password without it."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"
    IMPLICIT = "implicit"


@dataclass(frozen=True)
class SmtpSettings:
    """One mail server. `sender` is the office's own address, `connections` the most kept open at once."""

    host: str
    port: int
    tls: Tls
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    connections: int = 4

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `smtp://user:password@host:25?from=office@host&starttls=auto|always|never&connections=4`.

        `smtps://` is TLS from the first byte (port 465). User and password are percent-encoded. Certificates
        are always checked (SSL_CERT_FILE names the site's own authority). InvalidInputError says what is wrong
        and never repeats the password.
        """
        parts, port = _split(url)
        options = _options(parts.query)
        user = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        if (user is None) != (password is None):
            raise InvalidInputError("The mail URL needs both a user and a password, or neither.")
        if has_hidden_character(f"{user}{password}"):
            raise InvalidInputError("The user or password of the mail URL holds a control character.")
        return cls(
            host=parts.hostname or "",
            port=port,
            tls=_tls(parts.scheme, options.get("starttls")),
            sender=_sender(options),
            user=user,
            password=password,
            connections=_connections(options.get("connections", "4")),
        )


def _split(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:  # its own words may hold the password
        raise InvalidInputError("The mail URL cannot be read: its host or port is wrong.") from error
    if parts.scheme not in DEFAULT_PORTS:
        raise InvalidInputError(
            "The mail URL begins with smtp:// or smtps://, not %(scheme)s.", scheme=parts.scheme
        )
    if not parts.hostname or has_hidden_character(parts.hostname):
        raise InvalidInputError("The mail URL names no host.")
    if parts.path not in ("", "/") or parts.fragment:
        raise InvalidInputError("The mail URL has something after the host that is not an option.")
    if port == 0:
        raise InvalidInputError("The mail URL cannot be read: its host or port is wrong.")
    return parts, port or DEFAULT_PORTS[parts.scheme]


def _options(query: str) -> dict[str, str]:
    pairs = parse_qsl(query.replace("+", "%2B"), keep_blank_values=True)  # a plus in an address is a plus
    names = [name for name, _ in pairs]
    for name in names:
        if name not in OPTIONS or names.count(name) > 1:
            raise InvalidInputError("The mail URL has an unknown or repeated option: %(name)s.", name=name)
    return dict(pairs)


def _tls(scheme: str, starttls: str | None) -> Tls:
    if scheme == "smtps":
        if starttls is not None:
            raise InvalidInputError("smtps:// is TLS from the start; leave starttls out.")
        return Tls.IMPLICIT
    if starttls not in (None, "auto", "always", "never"):
        raise InvalidInputError("starttls is auto, always or never, not %(value)s.", value=starttls)
    return Tls(starttls or "auto")


def _sender(options: dict[str, str]) -> str:
    try:
        return safe_address(options.get("from", ""))
    except RefusedError as error:
        raise InvalidInputError("The mail URL needs from=, the office's own plain address.") from error


def _connections(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= MOST_CONNECTIONS):
        raise InvalidInputError(
            "connections is a number from 1 to %(most)s, not %(value)s.", most=MOST_CONNECTIONS, value=text
        )
    return int(text)

"""How the value of a setting is read: each function answers the value as kept, or raises ValueError."""

from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, SecretStr


def expanded(path: Path) -> Path:
    """An absolute path, with `~` for the home folder of whoever runs the process."""
    return path.expanduser().absolute()


def existing(path: Path) -> Path:
    """An absolute path of a file that is there."""
    path = expanded(path)
    if not path.is_file():
        raise ValueError(path)
    return path


def host_and_port(address: str) -> str:
    """`host:port`, or nothing."""
    if address:
        parts = urlsplit(f"//{address}")
        if not parts.hostname or not parts.port or parts.path or parts.username:
            raise ValueError(address)
    return address


def host_list(text: str) -> str:
    """Hosts with commas between, each with or without a port; an IPv6 address stands in square brackets."""
    for host in filter(None, map(str.strip, text.split(","))):
        parts = urlsplit(f"//{host}")
        if not parts.hostname or parts.netloc != host or parts.username is not None or parts.port == 0:
            raise ValueError(text)
    return text


def issuer_address(address: str) -> str:
    """An https address without query, plain http for this machine alone, or nothing. Kept to the letter."""
    parts = urlsplit(address)
    here = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1"}
    if address and (
        not parts.hostname or not (parts.scheme == "https" or here) or parts.query or parts.fragment
    ):
        raise ValueError(address)
    return address


def known_time_zone(name: str) -> str:
    """A name the time zone database of this machine knows."""
    try:
        ZoneInfo(name)
    except (KeyError, OSError) as error:  # unknown, or the name of a folder of zones
        raise ValueError(name) from error
    return name


def address_with(*schemes: str) -> AfterValidator:
    """An address with one of `schemes` and a host, or nothing."""

    def check(address: SecretStr) -> SecretStr:
        text = address.get_secret_value()
        parts = urlsplit(text)
        if text and (parts.scheme not in schemes or not parts.hostname or parts.port == 0):
            raise ValueError
        return address

    return AfterValidator(check)


def database_address(address: SecretStr) -> SecretStr:
    """An SQLAlchemy address of one of the two databases Duban runs on."""
    if not address.get_secret_value().startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError
    return address


def public_address(address: str) -> str:
    """The address of the site without a slash at its end, or nothing."""
    parts = urlsplit(address)
    if address and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise ValueError(address)
    return address.rstrip("/")


def local_address(host: str, port: int) -> str:
    """The address of the web server for somebody at the same machine."""
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound: every interface has no name of its own
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def mail_address(sender: str) -> str:
    """`office@example.org` or `Name <office@example.org>`, or nothing."""
    if sender and ("@" not in parseaddr(sender)[1] or not sender.isprintable()):
        raise ValueError(sender)
    return sender


def evidence_address(address: str) -> str:
    """A folder as a `file:` address, which is how the evidence store takes it; a plain path is turned into one."""
    parts = urlsplit(address)
    if parts.scheme not in {"", "file"} or not parts.path:
        raise ValueError(address)
    return address if parts.scheme else expanded(Path(address)).as_uri()

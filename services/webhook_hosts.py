"""Where a webhook may lead: to hosts the site lists, and never, through a name, to an address inside.

Who may choose an address could otherwise have the site itself ask machines that only it can reach (OWASP, Server
Side Request Forgery). So an address is taken apart here once, its host must be listed, and a listed *name* must lead
to public addresses alone. A machine inside is listed by its address. The sender then connects to the very address
that was looked at, so that a name which leads elsewhere a moment later changes nothing.
"""

import socket
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from domain.errors import InvalidInputError, RefusedError

PORTS = {"https": 443, "http": 80}
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("2002::/16"))
"""IPv6 addresses that stand for an IPv4 one, which may be one of ours."""
Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Iterable[str]]


@dataclass(frozen=True)
class Target:
    """A host as a webhook's address names it."""

    scheme: str
    host: str
    port: int

    @property
    def is_listed_as_address(self) -> bool:
        """Whether the host is an address, not a name."""
        return _as_address(self.host) is not None


def target_of(url: str) -> Target:
    """The host of a webhook's address. Raises InvalidInputError for anything but a plain http or https address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _no_address(url) from None
    host = (parts.hostname or "").rstrip(".")
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not plain or parts.scheme not in PORTS or not host or parts.username is not None or parts.fragment:
        raise _no_address(url)
    return Target(parts.scheme, host, PORTS[parts.scheme] if port is None else port)


def _no_address(url: str) -> InvalidInputError:
    return InvalidInputError("%(url)s is no address a webhook can have.", url=url)


def listed_hosts(setting: str) -> frozenset[str]:
    """The hosts of DUBAN_WEBHOOK_HOSTS as `host` or `host:port`, in small letters."""
    return frozenset(one.strip().lower() for one in setting.split(",") if one.strip())


def check_listed(target: Target, hosts: Collection[str]) -> None:
    """Raise RefusedError unless the host is listed; one without a port stands for the scheme's own.

    Over plain http only a host that is listed as an address is told anything: what is said to a name crosses nets
    we know nothing of.
    """
    host = f"[{target.host}]" if ":" in target.host else target.host
    named = {f"{host}:{target.port}"} | ({host} if target.port == PORTS[target.scheme] else set())
    if not named & set(hosts):
        raise RefusedError("%(host)s is not listed in DUBAN_WEBHOOK_HOSTS.", host=f"{host}:{target.port}")
    if target.scheme == "http" and not target.is_listed_as_address:
        raise RefusedError("%(host)s can only be told over https.", host=host)


def address_to_ask(target: Target, hosts: Collection[str], resolve: Resolve | None = None) -> str:
    """The one address to connect to. Blocks while the name is looked up.

    Raises RefusedError where the host is not listed, its name leads nowhere, or any address it leads to is not public.
    """
    check_listed(target, hosts)
    if target.is_listed_as_address:
        return target.host
    try:
        found = list((resolve or resolved)(target.host, target.port))
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise RefusedError("The name %(host)s leads nowhere.", host=target.host)
    inside = next((address for address in found if not is_public(address)), None)
    if inside is not None:
        raise RefusedError(
            "The name %(host)s leads to %(address)s, which is not a public address; list that address itself if it is meant.",
            host=target.host,
            address=inside,
        )
    return found[0]


def resolved(host: str, port: int) -> list[str]:
    """Every address of a name, as this machine sees it now."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]


def is_public(text: str) -> bool:
    """Whether an address belongs to the public net: not private, loopback, link-local, shared, reserved, multicast."""
    address = _as_address(text)
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif any(address in net for net in _TRANSLATED):
            return False
    return address is not None and address.is_global and not address.is_multicast


def _as_address(text: str) -> Address | None:
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None

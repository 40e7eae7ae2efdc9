"""`duban up`: everything on one machine, and kept running until it is asked to stop.

One process holds worker and web; the Temporal server is its child. Where another Temporal server is set,
that one is used.
"""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Any

from cli.speech import _
from domain.errors import ConflictError

if TYPE_CHECKING:
    import socket
    from datetime import datetime
    from pathlib import Path

    from config.settings import Settings
    from web.identity import IdentityProvider

Say = Callable[..., None]
"""Says a sentence with its fields to whoever started the process."""
TEMPORAL_PORT = 7233
LOG_BYTES, LOGS = 5_000_000, 3


def run_up(settings: Settings, say: Say) -> None:
    """Run all parts until SIGINT or SIGTERM; at the first start the site is set up before.

    Raises ConflictError where another process already runs on this data folder, InvalidInputError where a part
    cannot be started at all.
    """
    from cli.first_start import PRIVATE, make_ready
    from dispatch.clock import wall_clock
    from dispatch.logs import log_to
    from dispatch.stopping import until_stopped

    settings.data_dir.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    with only_one(settings.data_dir):
        token = make_ready(settings, wall_clock())
        if token:
            say(
                _("A new site was set up in %(folder)s. Next: duban org import FILE"),
                folder=str(settings.data_dir),
            )
        file = settings.data_dir / "duban.log"
        log_to(RotatingFileHandler(file, maxBytes=LOG_BYTES, backupCount=LOGS, encoding="utf-8"))
        asyncio.run(until_stopped(run_site(settings, say, wall_clock, token)))
    say(_("Everything has stopped."))


def run_web(settings: Settings, say: Say) -> None:
    """Run a web process alone until SIGINT or SIGTERM."""
    from dispatch.clock import wall_clock
    from dispatch.stopping import until_stopped

    bound, settings = _bound(settings, say)
    with bound:
        say(_("Web: %(address)s"), address=settings.web_url)
        asyncio.run(until_stopped(_serve(settings, bound, wall_clock)))


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the data folder for this process. The lock goes with the process, however it ends."""
    with (folder / "up.lock").open("a", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConflictError(
                "duban up is already running on the data folder %(folder)s.", folder=str(folder)
            ) from error
        yield


async def run_site(settings: Settings, say: Say, clock: Callable[[], datetime], token: str = "") -> None:
    """All parts on one office clock, until cancelled. `token` is that of a new site's first account."""
    from cli.accounts import say_link
    from cli.first_start import ADMINISTRATOR, link_address
    from dispatch.embedded import EmbeddedServer
    from dispatch.keeping import Parts
    from worker import run_worker

    async with AsyncExitStack() as stack:
        web, settings = _bound(settings, say)
        stack.enter_context(web)
        kept = {}
        if not settings.temporal_address:
            server = EmbeddedServer(settings.data_dir / "temporal" / "temporal.db")
            if server.port != TEMPORAL_PORT:
                taken = _("Port %(wanted)s is taken: the Temporal server listens on %(port)s.")
                say(taken, wanted=TEMPORAL_PORT, port=server.port)
            await stack.enter_async_context(server)
            settings = settings.model_copy(update={"temporal_address": server.address})
            kept["server"] = server.keep
        say(_("Temporal server: %(address)s"), address=settings.temporal_address)
        say(_("Web: %(address)s"), address=settings.web_url)
        if token:
            say_link(say, ADMINISTRATOR, link_address(settings.web_url, token))
        say(_("Everything is running. Ctrl-C stops it."))
        await Parts().run(
            worker=partial(run_worker, settings, clock), web=partial(_serve, settings, web, clock), **kept
        )


def _bound(settings: Settings, say: Say) -> tuple[socket.socket, Settings]:
    """The web server's socket, and the settings with the port and the address it truly has."""
    from config.values import local_address
    from dispatch.ports import listening

    bound = listening(settings.web_host, settings.web_port)
    port = bound.getsockname()[1]
    if settings.web_port and port != settings.web_port:
        taken = _("Port %(wanted)s is taken: the web server listens on %(port)s.")
        say(taken, wanted=settings.web_port, port=port)
    own = (
        {} if "web_url" in settings.model_fields_set else {"web_url": local_address(settings.web_host, port)}
    )
    return bound, settings.model_copy(update={"web_port": port, **own})


async def _serve(settings: Settings, bound: socket.socket, clock: Callable[[], datetime]) -> None:
    from web.server import serve

    await serve(app_of(settings, clock), bound)


def app_of(settings: Settings, clock: Callable[[], datetime]) -> Any:
    """The web application of a site, on an office clock."""
    from dispatch.office import open_office
    from services.webhook_hosts import listed_hosts
    from store.evidence import evidence_store
    from web.app import create_app
    from web.site import WebSite

    return create_app(
        WebSite(
            office=open_office(settings),
            clock=clock,
            evidence=evidence_store(settings.evidence_url),
            name=settings.site_name,
            language=settings.language,
            secure=settings.web_url.startswith("https:"),
            webhook_hosts=listed_hosts(settings.webhook_hosts),
            oidc=_identity_provider(settings),
        )
    )


def _identity_provider(settings: Settings) -> IdentityProvider | None:
    """The provider of the settings, None where none is set."""
    from web.identity import BACK, IdentityProvider, Relying

    if not settings.oidc_issuer:
        return None
    secret = settings.oidc_client_secret.get_secret_value()
    back = f"{settings.web_url}{BACK}"
    return IdentityProvider(
        Relying(settings.oidc_issuer, settings.oidc_client_id, secret, settings.oidc_claim, back)
    )

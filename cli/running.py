"""`duban up`, `duban web`, `duban worker`: the processes of a site, until they are asked to stop."""

from __future__ import annotations

import typer

from cli.site import require_database, site_of
from cli.speech import _


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(
        "up",
        help=_("Run everything on this machine: database, Temporal server, worker, web. Ctrl-C stops it."),
        epilog="DUBAN_WEB_PORT=9000 duban up",
    )(up)
    app.command(
        "web",
        help=_("Run a web process alone."),
        epilog="DUBAN_DATABASE_URL=postgresql+psycopg://duban@db/duban duban web",
    )(web)
    app.command(
        "worker",
        help=_("Run a worker alone."),
        epilog="DUBAN_TEMPORAL_ADDRESS=temporal:7233 duban worker",
    )(worker)


def up(context: typer.Context) -> None:
    """See `add_to`."""
    from cli.up import run_up

    site = site_of(context)
    run_up(site.settings, site.speech.say)


def web(context: typer.Context) -> None:
    """See `add_to`."""
    from cli.up import run_web

    site = site_of(context)
    require_database(site.settings)
    run_web(site.settings, site.speech.say)


def worker(context: typer.Context) -> None:
    """See `add_to`."""
    import asyncio
    import logging

    from dispatch.logs import log_to
    from dispatch.stopping import until_stopped
    from worker import run_worker

    site = site_of(context)
    require_database(site.settings)
    log_to(logging.StreamHandler())
    asyncio.run(until_stopped(run_worker(site.settings)))

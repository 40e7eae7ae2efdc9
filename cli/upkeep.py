"""`duban rebuild`, `duban backup`, `duban restore`: after a loss, and before one."""

from __future__ import annotations

import asyncio

import typer

from cli.options import AsJson
from cli.site import Site, site_of
from cli.speech import _


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(
        "rebuild",
        help=_("Start every missing workflow again from the rows, after Temporal's data was lost."),
        epilog="duban rebuild",
    )(rebuild)


def rebuild(context: typer.Context, as_json: AsJson = False) -> None:
    """See `add_to`."""
    site = site_of(context)
    counts = asyncio.run(_rebuild(site))
    if as_json:
        site.speech.json(counts)
        return
    site.speech.say(
        _(
            "Started: %(directives)s directives, %(items)s items, %(rectifications)s rectifications. Running: %(running)s."
        ),
        directives=counts["directive"],
        items=counts["item"],
        rectifications=counts["rectification"],
        running=counts["running"],
    )


async def _rebuild(site: Site) -> dict[str, int]:
    from dispatch.reach import reached
    from dispatch.rebuild import rebuild

    office = site.office  # refused before a server is started for nothing
    async with reached(site.settings) as client:
        return await rebuild(office, client, site.now())

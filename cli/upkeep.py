"""`duban rebuild`, `duban backup`, `duban restore`: after a loss, and before one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from cli.options import AsJson
from cli.site import Site, database_file, site_of
from cli.speech import _
from domain.errors import InvalidInputError

Folder = Annotated[Path, typer.Argument(metavar="DIR", help=_("The folder of the backup."))]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(
        "rebuild",
        help=_("Start every missing workflow again from the rows, after Temporal's data was lost."),
        epilog="duban rebuild",
    )(rebuild)
    app.command(
        "backup",
        help=_(
            "Back up database, evidence and settings without secrets into a new folder; never the audit key."
        ),
        epilog="duban backup ~/duban-backup-2026-03-05",
    )(backup)
    app.command(
        "restore",
        help=_("Restore a backup into an empty site. Put the audit key file in its place first."),
        epilog="DUBAN_DATA_DIR=~/duban-again duban restore ~/duban-backup-2026-03-05",
    )(restore)


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


def backup(context: typer.Context, folder: Folder) -> None:
    """See `add_to`."""
    from services.backup import What, backup

    site = site_of(context)
    secrets = {name for name, value in site.settings if type(value).__name__ == "SecretStr"}
    what = What(site.evidence, site.settings.model_dump(mode="json", exclude=secrets))
    with _writing_to(folder), _progress() as progress:
        made = backup(site.office, what, folder, site.now(), progress)
    site.speech.say(
        _("Backed up: %(rows)s rows, %(files)s files of evidence. Folder: %(folder)s"),
        rows=made.rows,
        files=made.files,
        folder=str(made.folder),
    )
    for sha256 in made.damaged:
        site.speech.say(
            _("This evidence is damaged or missing and is not in the backup: %(sha256)s"), sha256=sha256
        )


def restore(context: typer.Context, folder: Folder) -> None:
    """See `add_to`."""
    from services.restore import restore
    from store.evidence import evidence_store
    from store.sessions import open_engine

    site = site_of(context)
    file = database_file(site.settings)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(site.settings.database_url.get_secret_value())
    with _progress() as progress:
        restored = restore(folder, engine, evidence_store(site.settings.evidence_url), progress)
    site.speech.say(
        _("Restored the office of %(made_at)s: %(rows)s rows, %(files)s files of evidence."),
        made_at=restored.made_at,
        rows=restored.rows,
        files=restored.files,
    )
    site.speech.say(_("Next: duban audit verify, duban check, duban rebuild."))


@contextmanager
def _writing_to(folder: Path) -> Iterator[None]:
    """A folder that cannot be written is a wrong argument, not a fault of ours."""
    try:
        yield
    except OSError as error:
        raise InvalidInputError(
            "Nothing can be written to %(folder)s: %(why)s.",
            folder=str(folder),
            why=error.strerror or type(error).__name__,
        ) from error


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error, where that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)

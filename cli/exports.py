"""`duban export`: unit tasks and letters as XLSX and CSV."""

from pathlib import Path
from typing import Annotated

import typer

from cli.site import site_of
from cli.speech import _
from domain.errors import InvalidInputError


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command(
        "export",
        help=_("Write all unit tasks and letters as XLSX and CSV into a folder."),
        epilog="duban export ~/duban-2026",
    )(export)


def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help=_("The folder; made when it is not there."))],
) -> None:
    """See `add_to`."""
    from services.export import export

    site = site_of(context)
    try:
        counts = export(site.office, folder, site.now(), site.speech.translator.language)
    except OSError as error:
        raise InvalidInputError(
            "Nothing can be written to %(folder)s: %(why)s.",
            folder=str(folder),
            why=error.strerror or type(error).__name__,
        ) from error
    site.speech.say(
        _("Unit tasks: %(tasks)s, letters: %(letters)s. Folder: %(folder)s"),
        tasks=counts["unit_tasks"],
        letters=counts["letters"],
        folder=str(folder),
    )

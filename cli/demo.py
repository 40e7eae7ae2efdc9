"""`duban demo`: a whole year of an office, played on the real engine, and then its pages to walk through."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.faults import OURS
from cli.options import AsJson, Tree
from cli.site import Site, site_of
from cli.speech import _
from domain.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from play.play import Played
    from play.stage import Script

COUNTS = (
    ("units", _("units")),
    ("items", _("items")),
    ("unit_tasks", _("unit tasks")),
    ("acknowledged", _("acknowledged")),
    ("progress_reports", _("progress reports")),
    ("evidence", _("pieces of evidence")),
    ("submitted", _("submitted")),
    ("accepted", _("accepted")),
    ("returned", _("returned")),
    ("extensions_granted", _("extensions granted")),
    ("disputes_decided", _("disputes decided")),
    ("reminders", _("reminders")),
    ("reminder_letters", _("reminder letters")),
    ("supervision_letters", _("supervision letters")),
    ("rectification_circulars", _("rectification circulars")),
    ("rectifications_verified", _("rectifications verified")),
    ("mails_sent", _("mails sent")),
    ("open_unit_tasks", _("unit tasks still open")),
    ("workflows_completed", _("workflows completed")),
    ("workflows_failed", _("workflows failed")),
    ("incidents", _("incidents")),
    ("audit_events", _("rows of the audit trail")),
)


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command(
        "demo",
        help=_("Play a whole year on the real engine: a sample town and paper, or your own."),
        epilog="duban demo --document paper.docx --org town.csv --seed 7",
    )(demo)


def demo(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help=_("Play the year and end."))] = False,
    as_json: AsJson = False,
    document: Annotated[
        Path | None, typer.Option("--document", metavar="FILE", help=_("Your own paper; TXT or DOCX."))
    ] = None,
    org: Annotated[
        Path | None,
        typer.Option("--org", metavar="FILE", help=_("Your own organisation; JSON, CSV or XLSX.")),
    ] = None,
    tree: Tree = None,
    create_units: Annotated[
        bool,
        typer.Option("--create-units", help=_("Make a unit for every name of the paper that is none yet.")),
    ] = False,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help=_("The same number plays the same year."))
    ] = 1,
    year: Annotated[
        int, typer.Option("--year", metavar="Y", min=2020, max=2090, help=_("The year that is played."))
    ] = 2026,
    keep: Annotated[
        Path | None,
        typer.Option("--keep", metavar="DIR", help=_("Leave everything in this folder, new or empty.")),
    ] = None,
) -> None:
    """See `add_to`."""
    from play.stage import Script, read_script

    site = site_of(context)
    own = {"document": document, "organisation": org}
    script = Script(
        tree=tree,
        create_units=create_units,
        seed=seed,
        year=year,
        **{name: path for name, path in own.items() if path is not None},
    )
    read_script(script)  # whatever is wrong with the files is said before anything is written
    with _folder(site, keep, forget=once and as_json) as folder:
        with _progress(site) as progress:
            played = _play(script, folder, progress)
        _tell(site, played, folder, as_json=as_json)
        if not once:
            from cli.demo_site import show

            show(site, played, folder)
    if played.faults:
        raise typer.Exit(OURS)


def _play(script: Script, folder: Path, progress: Callable[..., None]) -> Played:
    from play.play import Run, play

    return asyncio.run(play(Run(script, folder, progress=progress)))


@contextmanager
def _folder(site: Site, keep: Path | None, *, forget: bool) -> Iterator[Path]:
    """Where the year is played: the folder named, or a fresh one in the data folder; one that nobody asked for goes."""
    if keep is not None:
        if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
            raise InvalidInputError("%(folder)s is not a new or empty folder.", folder=str(keep))
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    if forget:
        with tempfile.TemporaryDirectory(prefix="duban-demo-", ignore_cleanup_errors=True) as fresh:
            yield Path(fresh)
        return
    parent = site.settings.data_dir / "demo"
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="", dir=parent))
    try:
        yield made
    except Exception:
        shutil.rmtree(made, ignore_errors=True)
        raise


@contextmanager
def _progress(site: Site) -> Iterator[Callable[[datetime, datetime, datetime], None]]:
    """A bar on standard error: the day that is played."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        line = bar.add_task(site.speech.text(_("Setting the stage")), total=1.0)

        def tell(begins: datetime, now: datetime, ends: datetime) -> None:
            day = now.astimezone(site.zone).date().isoformat()
            share = (now - begins).total_seconds() / max((ends - begins).total_seconds(), 1.0)
            bar.update(line, completed=share, description=day)

        yield tell


def _tell(site: Site, played: Played, folder: Path, *, as_json: bool) -> None:
    speech, figures = site.speech, played.figures
    if as_json:
        speech.json({**figures, "faults": list(played.faults), "refused": list(played.refused)})
        return
    speech.say(
        _("The year %(year)s was played in %(seconds)s s (seed %(seed)s, Temporal server %(server)s)."),
        year=figures["year"],
        seconds=figures["seconds"],
        seed=figures["seed"],
        server=figures["server_version"],
    )
    speech.table(
        [_("what"), _("count")],
        [[speech.text(sentence), figures[name]] for name, sentence in COUNTS if name in figures],
    )
    _tell_assumptions(site, figures)
    for fault in played.faults:
        speech.say(_("Not as it should be: %(fault)s"), fault=fault)
    if not played.faults:
        speech.say(_("Trail, rows and ladder agree; every workflow ended."))
    _tell_where(site, played, folder)


def _tell_assumptions(site: Site, figures: dict[str, Any]) -> None:
    if figures["unmatched_units"]:
        site.speech.say(
            _("Names that are no unit's and were left out: %(count)s."), count=figures["unmatched_units"]
        )
    if figures["deadlines_assumed"]:
        site.speech.say(
            _("Items that got the policy's own deadline: %(items)s."),
            items=", ".join(figures["deadlines_assumed"]),
        )


def _tell_where(site: Site, played: Played, folder: Path) -> None:
    """Put the letters and tables beside the database and say where all of it lies."""
    from services.export import export, write_letters

    language = site.speech.translator.language
    export(played.office, folder / "export", site.now(), language)
    write_letters(played.office, folder / "letters")
    for sentence, name in (
        (_("Database: %(where)s"), "duban.sqlite"),
        (_("Mails: %(where)s"), "mail.mbox"),
        (_("Letters: %(where)s"), "letters"),
        (_("Tables: %(where)s"), "export"),
        (_("Evidence: %(where)s"), "evidence"),
    ):
        site.speech.say(sentence, where=str(folder / name))

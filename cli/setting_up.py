"""`duban init`, `duban org import`, `duban calendar import`, `duban version`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.accounts import say_link
from cli.acting import operator, request_of
from cli.options import Tree
from cli.site import Site, database_file, site_of
from cli.speech import _
from domain.errors import WrongStateError

if TYPE_CHECKING:
    from domain.organisation import OrganisationPlan

OrganisationFile = Annotated[Path, typer.Argument(metavar="FILE", help=_("JSON, CSV or XLSX."))]
CalendarFile = Annotated[Path, typer.Argument(metavar="FILE", help=_("JSON with the days of one year."))]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(
        "init",
        help=_("Set a site up: data folder, database, audit key, working days."),
        epilog="duban init --name 芸溪市 --mark 芸 --organisation town.csv",
    )(init)
    app.command("version", help=_("Say which version this is."), epilog="duban version")(version)
    org = typer.Typer(
        help=_("The organisation: units, their names and posts."), epilog="duban org import town.csv"
    )
    org.command(
        "import",
        help=_("Read a whole organisation; when anything in the file is wrong nothing of it is taken."),
        epilog="duban org import trees.json --tree town",
    )(import_org)
    app.add_typer(org, name="org", no_args_is_help=True)
    calendar = typer.Typer(help=_("Working days and days off."), epilog="duban calendar import cn-2027.json")
    calendar.command(
        "import",
        help=_("Read the days off and make-up days of one year, as its notice fixes them."),
        epilog="duban calendar import cn-2027.json",
    )(import_days)
    app.add_typer(calendar, name="calendar", no_args_is_help=True)


def init(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Option("--name", metavar="TEXT", help=_("Name of the site; the organisation's own if empty.")),
    ] = "",
    mark: Annotated[
        str,
        typer.Option(
            "--mark", metavar="TEXT", help=_("Mark of its document numbers, one or two characters.")
        ),
    ] = "",
    organisation: Annotated[
        Path | None, typer.Option("--organisation", metavar="FILE", help=_("Import this organisation too."))
    ] = None,
    tree: Tree = None,
) -> None:
    """See `add_to`."""
    from cli.first_start import ADMINISTRATOR, MARK, link_address, make_ready
    from intake.organisation import read_organisation
    from services.setup import InitSite

    site = site_of(context)
    plan = read_organisation(organisation, tree) if organisation else None
    title = name or (plan.name if plan else site.settings.site_name)
    request = request_of(InitSite, name=title, mark=mark or (title[:1] if plan or name else MARK))
    token = make_ready(site.settings, site.now(), request)
    if not token:
        raise WrongStateError("This database already has a site.")
    site.speech.say(_("The site %(name)s is ready."), name=title)
    _say_where(site)
    say_link(site.speech.say, ADMINISTRATOR, link_address(site.settings.web_url, token))
    if plan is None:
        site.speech.say(_("Next: duban org import FILE"))
    else:
        _take(site, plan)


def _say_where(site: Site) -> None:
    where = database_file(site.settings) or site.office.engine.url.host
    site.speech.say(_("Database: %(where)s"), where=str(where))
    site.speech.say(
        _("Audit key: %(file)s. Keep a copy of it apart from every backup."),
        file=str(site.settings.audit_key_file),
    )


def _take(site: Site, plan: OrganisationPlan) -> None:
    """Import an organisation that was read and checked."""
    from services.setup import ImportOrganisation, import_organisation

    import_organisation(site.office, operator(), site.now(), ImportOrganisation(plan=plan))
    site.speech.say(_("%(name)s: %(count)s units imported."), name=plan.name, count=len(plan.units))
    if plan.ignored:
        site.speech.say(_("Not looked at: %(fields)s."), fields=", ".join(plan.ignored))


def import_org(context: typer.Context, file: OrganisationFile, tree: Tree = None) -> None:
    """See `add_to`."""
    from intake.organisation import read_organisation

    site = site_of(context)
    _take(site, read_organisation(file, tree))


def import_days(context: typer.Context, file: CalendarFile) -> None:
    """See `add_to`."""
    from intake.calendar import read_calendar
    from services.setup import days_of, import_calendar

    site = site_of(context)
    plan = read_calendar(file)
    import_calendar(site.office, operator(), site.now(), days_of(plan))
    site.speech.say(_("Calendar %(year)s: %(count)s days imported."), year=plan.year, count=len(plan.days))


def version(context: typer.Context) -> None:
    """See `add_to`."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("duban")
    except PackageNotFoundError:
        number = "-"
    site_of(context).speech.say(_("Duban %(version)s"), version=number)

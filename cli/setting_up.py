"""`duban init`, `duban org import`, `duban calendar import`, `duban version`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.acting import operator, request_of
from cli.options import Tree
from cli.site import Site, database_file, site_of
from cli.speech import _
from domain.errors import WrongStateError

if TYPE_CHECKING:
    from domain.audit import KeyRing
    from domain.organisation import OrganisationPlan
    from intake.calendar import CalendarPlan
    from services.office import Office
    from services.setup import ImportCalendar, InitSite

CALENDARS = Path(__file__).parent.parent / "samples" / "calendars"
DEFAULT_MARK = "督"
PRIVATE = 0o700

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
    from intake.calendar import read_calendar
    from intake.organisation import read_organisation
    from services.setup import InitSite

    site = site_of(context)
    plan = read_organisation(organisation, tree) if organisation else None
    calendars = [read_calendar(file) for file in sorted(CALENDARS.glob("*.json"))]
    title = name or (plan.name if plan else "Duban")
    request = request_of(InitSite, name=title, mark=mark or (title[:1] if plan or name else DEFAULT_MARK))
    office = _new_office(site)
    _write(site, office, request, plan, calendars)
    site.speech.say(_("The site %(name)s is ready."), name=title)
    if plan is not None:
        site.speech.say(_("Units: %(count)s."), count=len(plan.units))
    site.speech.say(
        _("Database: %(where)s"), where=str(database_file(site.settings) or office.engine.url.host)
    )
    site.speech.say(
        _("Audit key: %(file)s. Keep a copy of it apart from every backup."),
        file=str(site.settings.audit_key_file),
    )
    if plan is None:
        site.speech.say(_("Next: duban org import FILE"))


def _new_office(site: Site) -> Office:
    """The office over a database that has the newest schema and no site. Raises WrongStateError where it has one."""
    from dispatch.office import open_office
    from services.setup import prepare
    from services.sites import find_site
    from store.schema import migrate

    settings = site.settings
    file = database_file(settings)
    there = file is None or file.is_file()
    settings.data_dir.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    if file is not None:
        file.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    _keys_of(site)
    office = open_office(settings)
    if there and find_site(office) is not None:
        raise WrongStateError("This database already has a site.")
    migrate(office.engine)
    prepare(office)
    return office


def _keys_of(site: Site) -> KeyRing:
    """The audit keys: those of the file, which is made where there is none."""
    from store.keys import load_key_ring, make_key_file

    file = site.settings.audit_key_file
    return load_key_ring(file) if file.exists() else make_key_file(file)


def _write(
    site: Site,
    office: Office,
    request: InitSite,
    plan: OrganisationPlan | None,
    calendars: list[CalendarPlan],
) -> None:
    from services.setup import (
        ImportOrganisation,
        import_calendar,
        import_organisation,
        init_site,
    )

    now = site.now()
    init_site(office, operator(), now, request)
    for calendar in calendars:
        import_calendar(office, operator(), now, _calendar_request(calendar))
    if plan is not None:
        import_organisation(office, operator(), now, ImportOrganisation(plan=plan))


def _calendar_request(plan: CalendarPlan) -> ImportCalendar:
    from services.setup import ImportCalendar

    whole = (plan.certain_until.month, plan.certain_until.day) == (12, 31)
    return ImportCalendar(days=dict(plan.days), certain_years=(plan.year,) if whole else ())


def import_org(context: typer.Context, file: OrganisationFile, tree: Tree = None) -> None:
    """See `add_to`."""
    from intake.organisation import read_organisation
    from services.setup import ImportOrganisation, import_organisation

    site = site_of(context)
    plan = read_organisation(file, tree)
    import_organisation(site.office, operator(), site.now(), ImportOrganisation(plan=plan))
    site.speech.say(_("%(name)s: %(count)s units imported."), name=plan.name, count=len(plan.units))
    if plan.ignored:
        site.speech.say(_("Not looked at: %(fields)s."), fields=", ".join(plan.ignored))


def import_days(context: typer.Context, file: CalendarFile) -> None:
    """See `add_to`."""
    from intake.calendar import read_calendar
    from services.setup import import_calendar

    site = site_of(context)
    plan = read_calendar(file)
    import_calendar(site.office, operator(), site.now(), _calendar_request(plan))
    site.speech.say(_("Calendar %(year)s: %(count)s days imported."), year=plan.year, count=len(plan.days))


def version(context: typer.Context) -> None:
    """See `add_to`."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("duban")
    except PackageNotFoundError:
        number = "-"
    site_of(context).speech.say(_("Duban %(version)s"), version=number)

"""`duban document read`: what Duban makes of a paper, without keeping anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import AsJson, Tree, day_of_text
from cli.site import Site, site_of
from cli.speech import _
from domain.errors import InvalidInputError

if TYPE_CHECKING:
    from domain.workdays import Calendar

DocumentFile = Annotated[Path, typer.Argument(metavar="FILE", help=_("TXT or DOCX."))]
OrganisationFile = Annotated[
    Path | None,
    typer.Option("--org", metavar="FILE", help=_("Say which unit of this organisation each name means.")),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    document = typer.Typer(help=_("Papers that come in."), epilog="duban document read paper.docx")
    document.command(
        "read",
        help=_("Show the items of a paper: who, what, by when. Nothing is kept, no site is needed."),
        epilog="duban document read paper.docx --org town.csv",
    )(read)
    app.add_typer(document, name="document", no_args_is_help=True)


def read(
    context: typer.Context,
    file: DocumentFile,
    org: OrganisationFile = None,
    tree: Tree = None,
    published: Annotated[
        str | None,
        typer.Option(
            "--published", metavar="DATE", help=_("Reckon relative dates from this day; today if empty.")
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from domain.reading.as_json import reading_json
    from domain.reading.document import read_document
    from intake.document import read_file

    site = site_of(context)
    day = day_of_text(published) if published else site.now().astimezone(site.zone).date()
    if tree is not None and org is None:
        raise InvalidInputError("--tree chooses in the file of --org, and that is not given.")
    source = read_file(file)
    reading = read_document(source.paragraphs)
    result = reading_json(reading, published=day, calendar=known_days())
    result |= {"file": file.name, "sha256": source.sha256, "encoding": source.encoding}
    if org is not None:
        result |= _with_units(result, org, tree)
    if as_json:
        site.speech.json(result)
    else:
        _show(site, result)


def known_days() -> Calendar:
    """The calendars that come with Duban; there may be no database."""
    from datetime import date

    from cli.first_start import CALENDARS
    from domain.workdays import Calendar
    from intake.calendar import read_calendar

    plans = [read_calendar(path) for path in sorted(CALENDARS.glob("*.json"))]
    days = {day: off for plan in plans for day, off in plan.days.items()}
    return Calendar(days, max((plan.certain_until for plan in plans), default=date.min))


def _with_units(result: dict[str, Any], org: Path, tree: str | None) -> dict[str, Any]:
    """Each item with the units its names mean; and the names that mean none, each once."""
    from intake.organisation import read_organisation
    from services.matching_names import match_item, plan_names

    plan = read_organisation(org, tree)
    names = plan_names(plan)
    codes = {unit.id: plan.units[unit.id - 1].code for unit in names}
    items = [item | {"matches": match_item(item, names, codes)} for item in result["items"]]
    unmatched = [one["name"] for item in items for one in item["matches"] if not one["units"]]
    return {"organisation": plan.name, "items": items, "unmatched": list(dict.fromkeys(unmatched))}


def _show(site: Site, result: dict[str, Any]) -> None:
    speech = site.speech
    speech.line(result["title"])
    if result["secrecy_mark"]:
        speech.say(_("Marked %(mark)s: Duban takes no such paper."), mark=result["secrecy_mark"])
    rows = [_row(item) for item in result["items"]]
    headers = [_("no."), _("number"), _("text"), _("lead"), _("cooperating"), _("due"), _("confidence")]
    speech.table(headers, rows)
    speech.say(
        _("%(items)s items; %(others)s numbered paragraphs are no tasks."),
        items=len(rows),
        others=len(result["non_task_leaves"]),
    )
    for name in result.get("unmatched", ()):
        speech.say(_("No unit is named %(name)s."), name=name)


def _row(item: dict[str, Any]) -> list[object]:
    lead = (
        item["lead_units"]
        if item["role_mode"] != "joint"
        else [n for n in item["units_all"] if n not in item["collectives"]]
    )
    others = [name for name in (*item["cooperating_units"], *item["collectives"]) if name not in lead]
    again = item["recurrence"]["frequency"] if item["recurrence"] else "-"
    return [
        item["seq"],
        item["number"],
        item["text"][:60],
        "、".join(lead),
        "、".join(dict.fromkeys(others)),
        item["due"] or again,
        item["confidence"],
    ]

"""`duban directive status`: how far it is, by item and by unit, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import AsJson, DirectiveId
from cli.site import Site, site_of
from cli.speech import _, day_text

if TYPE_CHECKING:
    from services.status import DirectiveStatus, Progress, UnitPage

COUNTS = (_("unit tasks"), _("open"), _("acknowledged"), _("submitted"), _("accepted"), _("overdue"), "%")


def add_to(group: typer.Typer) -> None:
    """Add this command."""
    group.command(
        "status",
        help=_("How far a directive is, by item and by unit."),
        epilog="duban directive status 1 --page 2 --after YX05",
    )(status)


def status(
    context: typer.Context,
    directive_id: DirectiveId,
    page: Annotated[int, typer.Option("--page", metavar="N", help=_("Which page of items."))] = 1,
    after: Annotated[
        str, typer.Option("--after", metavar="CODE", help=_("Show the units after this one."))
    ] = "",
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from dataclasses import asdict

    from services.status import directive_status, unit_status

    site = site_of(context)
    now = site.now()
    found = directive_status(site.office, directive_id, now, page=page)
    units = unit_status(site.office, directive_id, now, after=after)
    if as_json:
        site.speech.json(asdict(found) | asdict(units))
        return
    _show(site, found)
    _show_units(site, directive_id, units)


def _show(site: Site, found: DirectiveStatus) -> None:
    from models.directive import DirectiveState, ItemState

    speech = site.speech
    speech.line(found.title)
    speech.say(
        _("Directive %(id)s: %(state)s. Published %(published)s, begins %(begins)s, closed %(closed)s."),
        id=found.id,
        state=DirectiveState(found.state),
        published=day_text(found.published_at, site.zone),
        begins=day_text(found.starts_at, site.zone),
        closed=day_text(found.closed_at, site.zone),
    )
    items = [
        [
            item.position,
            item.number,
            item.text[:40],
            "、".join(item.units) + ("…" if item.parts > len(item.units) else ""),
            item.due_on or _frequency(site, item.frequency),
            ItemState(item.state),
            *_cells(item.progress),
        ]
        for item in found.items
    ]
    speech.table([_("no."), _("number"), _("text"), _("units"), _("due"), _("state"), *COUNTS], items)
    speech.say(
        _("Page %(page)s of %(pages)s; %(items)s items."),
        page=found.page,
        pages=found.pages,
        items=found.items_in_all,
    )


def _show_units(site: Site, directive_id: int, found: UnitPage) -> None:
    if found.units:
        rows = [[unit.code, unit.name, *_cells(unit.progress)] for unit in found.units]
        site.speech.table([_("code"), _("unit"), *COUNTS], rows)
    if found.next_unit:
        more = f"duban directive status {directive_id} --after {found.next_unit}"
        site.speech.say(_("More units: %(command)s"), command=more)


def _frequency(site: Site, frequency: str) -> str:
    from domain.periods import Frequency

    return "-" if frequency == Frequency.ONCE else site.speech.value(Frequency(frequency))


def _cells(progress: Progress) -> list[object]:
    return [
        progress.unit_tasks,
        progress.open,
        progress.acknowledged,
        progress.submitted,
        progress.accepted,
        progress.overdue,
        progress.progress,
    ]

"""`duban directive draft` and `assign`: a paper becomes a draft, and a person settles what it leaves open."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.acting import Way, perform, request_of, who
from cli.options import AsJson, AsLogin, DirectiveId, Key, day_of_text
from cli.site import Site, site_of
from cli.speech import _
from domain.errors import InvalidInputError

if TYPE_CHECKING:
    from datetime import date

    from services.directives import DraftDirective
    from services.office import Actor

UnitNames = list[str]


def add_to(group: typer.Typer) -> None:
    """Add these commands."""
    group.command(
        "draft",
        help=_("Read a paper into a draft and say what a person must settle before it can be published."),
        epilog="duban directive draft paper.docx",
    )(draft)
    group.command(
        "assign",
        help=_("Settle one item of a draft: who leads, who takes part, by when, which names to leave out."),
        epilog="duban directive assign 1 3 --lead 市教育局 --cooperating YX05 --due 2026-09-30",
    )(assign)


def _drafter(site: Site) -> Actor:
    from models.organisation import AccountRole
    from services.accounts import root_actor

    return root_actor(site.office, AccountRole.SUPERVISION_OFFICE, AccountRole.LEADER)


def draft(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_("TXT or DOCX."))],
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help=_("JSON with what differs from the standard policy.")),
    ] = None,
    horizon: Annotated[
        str | None,
        typer.Option(
            "--horizon",
            metavar="DATE",
            help=_(
                "Recurring items come round up to this day; if empty, to the end of the year most dates lie in."
            ),
        ),
    ] = None,
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from services.directives import draft_directive
    from services.readiness import open_questions

    site, way = site_of(context), Way(login, key)
    request = _read(site, file, day_of_text(horizon) if horizon else None, _policy_of(policy))
    answer = perform(site, draft_directive, who(site, way, lambda: _drafter(site)), request, way)
    number = answer["directive_id"]
    questions = open_questions(site.office, number, site.now())
    if as_json:
        open_ones = [site.speech.translator.render(question) for question in questions]
        site.speech.json({**answer, "title": request.title, "to_settle": open_ones})
        return
    site.speech.say(
        _("Directive %(id)s is drafted: %(title)s, %(items)s items."),
        id=number,
        title=request.title,
        items=answer["items"],
    )
    site.speech.say(_("Recurring items come round up to %(day)s."), day=request.horizon)
    if not questions:
        site.speech.say(_("Next: %(command)s"), command=f"duban directive publish {number}")
        return
    site.speech.say(_("To settle before it can be published: %(count)s."), count=len(questions))
    for question in questions:
        site.speech.line("  " + site.speech.translator.render(question))
    site.speech.say(_("Settle them with: %(command)s"), command=f"duban directive assign {number} --help")


def _policy_of(file: Path | None) -> dict[str, Any]:
    """The JSON object of a policy file; its content is checked by the act."""
    import json

    if file is None:
        return {}
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise InvalidInputError(
            "%(file)s is not readable as a policy: %(fault)s", file=file.name, fault=type(error).__name__
        ) from error
    if not isinstance(content, dict):
        raise InvalidInputError(
            "%(file)s is not readable as a policy: %(fault)s", file=file.name, fault=type(content).__name__
        )
    return content


def _read(site: Site, file: Path, horizon: date | None, policy: dict[str, Any]) -> DraftDirective:
    """The draft a file comes to. Raises InvalidInputError for a paper without tasks."""
    from intake.document import read_file
    from services.sites import require_site
    from services.starting import Start, draft_of_document

    source = read_file(file)
    root = require_site(site.office).root_unit_id
    if root is None:
        raise InvalidInputError("This site has no organisation yet: run `duban org import FILE`.")
    start = Start(root, site.now(), horizon)
    return draft_of_document(site.office, start, source, file.name).model_copy(update={"policy": policy})


def assign(
    context: typer.Context,
    directive_id: DirectiveId,
    item: Annotated[
        int, typer.Argument(metavar="ITEM", help=_("Place of the item in the directive, from 1."))
    ],
    lead: Annotated[
        UnitNames | None,
        typer.Option("--lead", metavar="UNIT", help=_("Leads; by code or name. May be repeated.")),
    ] = None,
    cooperating: Annotated[
        UnitNames | None,
        typer.Option("--cooperating", metavar="UNIT", help=_("Cooperates. May be repeated.")),
    ] = None,
    handling: Annotated[
        UnitNames | None,
        typer.Option("--handling", metavar="UNIT", help=_("Reports for itself. May be repeated.")),
    ] = None,
    remove: Annotated[
        UnitNames | None, typer.Option("--remove", metavar="UNIT", help=_("Takes no part. May be repeated."))
    ] = None,
    each_for_itself: Annotated[
        bool, typer.Option("--each-for-itself", help=_("No unit leads: each reports for itself."))
    ] = False,
    due: Annotated[
        str | None, typer.Option("--due", metavar="DATE", help=_("The last day, as 2026-09-30."))
    ] = None,
    drop_unmatched: Annotated[
        bool, typer.Option("--drop-unmatched", help=_("Leave out the names that are no unit's."))
    ] = False,
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from services.draft_fixes import AmendDraft, amend_draft

    site, way = site_of(context), Way(login, key, as_json)
    request = request_of(
        AmendDraft,
        directive_id=directive_id,
        position=item,
        leads=_units(site, lead),
        cooperating=_units(site, cooperating),
        handling=_units(site, handling),
        removed=_units(site, remove),
        each_for_itself=each_for_itself,
        due_on=day_of_text(due) if due else None,
        drop_unmatched=drop_unmatched,
    )
    answer = perform(site, amend_draft, who(site, way, lambda: _drafter(site)), request, way)
    if not way.json:
        site.speech.say(
            _("Item %(item)s is changed; still to settle in it: %(count)s."),
            item=answer["item"],
            count=answer["still_open"],
        )


def _units(site: Site, names: UnitNames | None) -> tuple[int, ...]:
    from services.accounts import unit_called

    return tuple(unit_called(site.office, name).id for name in names or ())

"""`duban rectification`: what a circular ordered a unit to mend, and its verification."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.acting import Way, perform, request_of, who
from cli.evidence_files import stored_pieces
from cli.office_acts import office_post, one_of
from cli.options import After, AsJson, AsLogin, Key
from cli.site import Site, site_of
from cli.speech import _, day_text

RectificationId = Annotated[int, typer.Argument(metavar="ID", help=_("Number of the rectification."))]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help=_("Rectifications that a circular ordered."), epilog="duban rectification list")
    for name, function, help_text, example in (
        ("list", listing, _("All rectifications."), "duban rectification list --json"),
        (
            "reply",
            reply,
            _("The unit's plan in reply to the circular."),
            "duban rectification reply 1 --plan 两周内完成整改",
        ),
        (
            "submit",
            submit,
            _("Say that the problem is mended, with proof."),
            "duban rectification submit 1 --text 已整改到位 --evidence 照片.jpg",
        ),
        (
            "verify",
            verify,
            _("Close a rectification out, or return it with a reason."),
            "duban rectification verify 1 --accept",
        ),
    ):
        group.command(name, help=help_text, epilog=example)(function)
    app.add_typer(group, name="rectification", no_args_is_help=True)


def listing(context: typer.Context, after: After = 0, as_json: AsJson = False) -> None:
    """See `add_to`."""
    from models.rectification import RectificationState
    from services.reading_lists import Wanted, rectifications

    site = site_of(context)
    wanted = Wanted(after=after)
    rows = rectifications(site.office, wanted)
    if as_json:
        site.speech.json(rows)
        return
    headers = [_("no."), _("unit"), _("state"), _("unit task"), _("problem"), _("reply by"), _("due")]
    site.speech.table(
        headers,
        [
            [
                row["id"],
                f"{row['unit']} {row['unit_name']}",
                RectificationState(row["state"]),
                row["unit_task_id"],
                row["problem"],
                day_text(row["reply_by"], site.zone),
                day_text(row["deadline"], site.zone),
            ]
            for row in rows
        ],
    )
    if len(rows) == wanted.limit:
        site.speech.say(
            _("More rows: %(command)s"), command=f"duban rectification list --after {rows[-1]['id']}"
        )


def _tell(site: Site, rectification_id: int, answer: dict[str, Any], way: Way) -> None:
    from models.rectification import RectificationState

    if not way.json:
        site.speech.say(
            _("Rectification %(id)s: %(state)s."),
            id=rectification_id,
            state=RectificationState(answer["state"]),
        )


def reply(
    context: typer.Context,
    rectification_id: RectificationId,
    plan: Annotated[str, typer.Option("--plan", metavar="TEXT", help=_("What will be done by when."))],
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from services.accounts import officer_of_rectification
    from services.rectifications import ReplyRectification, reply_rectification

    site, way = site_of(context), Way(login, key, as_json)
    actor = who(site, way, lambda: officer_of_rectification(site.office, rectification_id))
    request = request_of(ReplyRectification, rectification_id=rectification_id, plan=plan)
    _tell(site, rectification_id, perform(site, reply_rectification, actor, request, way), way)


def submit(
    context: typer.Context,
    rectification_id: RectificationId,
    text: Annotated[str, typer.Option("--text", metavar="TEXT", help=_("What was done."))],
    evidence: Annotated[
        list[Path] | None,
        typer.Option("--evidence", metavar="FILE", help=_("A file that proves it. May be repeated.")),
    ] = None,
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from services.accounts import officer_of_rectification
    from services.submissions import MendWithEvidence, mend_with_evidence

    site, way = site_of(context), Way(login, key, as_json)
    actor = who(site, way, lambda: officer_of_rectification(site.office, rectification_id))
    request = request_of(
        MendWithEvidence,
        rectification_id=rectification_id,
        report=text,
        evidence=stored_pieces(site, evidence or []),
    )
    _tell(site, rectification_id, perform(site, mend_with_evidence, actor, request, way), way)


def verify(
    context: typer.Context,
    rectification_id: RectificationId,
    accept: Annotated[bool, typer.Option("--accept", help=_("Close it out."))] = False,
    return_reason: Annotated[
        str | None, typer.Option("--return", metavar="REASON", help=_("Return it, and say why."))
    ] = None,
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from services.rectifications import VerifyRectification, verify_rectification

    one_of(("--accept", accept), ("--return", return_reason is not None))
    site, way = site_of(context), Way(login, key, as_json)
    request = request_of(
        VerifyRectification, rectification_id=rectification_id, accept=accept, reason=return_reason or ""
    )
    actor = who(site, way, lambda: office_post(site))
    _tell(site, rectification_id, perform(site, verify_rectification, actor, request, way), way)

"""`duban audit` and `duban check`: whether the record is whole and the rows agree with each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.acting import operator
from cli.faults import OURS
from cli.options import AsJson
from cli.site import site_of
from cli.speech import _

AnchorFile = Annotated[
    Path | None,
    typer.Option(
        "--anchor",
        metavar="FILE",
        help=_("A file kept apart that says where the trail ended: a cut is found."),
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help=_("The audit trail."), epilog="duban audit verify")
    group.command(
        "verify",
        help=_("Walk the whole trail; exit code 1 when a row was changed, added or taken out."),
        epilog="duban audit verify --anchor /mnt/safe/duban.anchor",
    )(verify)
    group.command(
        "anchor",
        help=_("Write down where the trail ends now, in a file to be kept apart."),
        epilog="duban audit anchor /mnt/safe/duban.anchor",
    )(anchor)
    group.command(
        "rotate",
        help=_("Seal with a new key from now on; the change is a row sealed with the old one."),
        epilog="duban audit rotate",
    )(rotate)
    app.add_typer(group, name="audit", no_args_is_help=True)
    app.command(
        "check",
        help=_("Look for rows that contradict each other; exit code 1 when there are any."),
        epilog="duban check --json",
    )(check)


def verify(context: typer.Context, anchor: AnchorFile = None, as_json: AsJson = False) -> None:
    """See `add_to`."""
    from domain.errors import NotFoundError
    from services.trail import read_anchor, verify_trail

    site = site_of(context)
    point = read_anchor(anchor) if anchor else None
    if anchor is not None and point is None:
        raise NotFoundError("There is no anchor in %(file)s.", file=str(anchor))
    verdict = verify_trail(site.office, anchor=point)
    if as_json:
        site.speech.json(
            {"ok": verdict.ok, "rows": verdict.rows, "bad_seq": verdict.bad_seq, "reason": verdict.reason}
        )
    elif verdict.ok:
        site.speech.say(_("The trail is whole: %(rows)s rows."), rows=verdict.rows)
    else:
        site.speech.say(
            _("The trail is broken at row %(seq)s: %(reason)s."), seq=verdict.bad_seq, reason=verdict.reason
        )
    if not verdict.ok:
        raise typer.Exit(OURS)


def anchor(
    context: typer.Context, file: Annotated[Path, typer.Argument(metavar="FILE", help=_("The anchor file."))]
) -> None:
    """See `add_to`."""
    from domain.errors import InvalidInputError
    from services.trail import write_anchor

    site = site_of(context)
    try:
        point = write_anchor(site.office, site.now(), file)
    except OSError as error:
        raise InvalidInputError(
            "Nothing can be written to %(folder)s: %(why)s.",
            folder=str(file),
            why=error.strerror or type(error).__name__,
        ) from error
    site.speech.say(_("The trail ends at row %(seq)s; written to %(file)s."), seq=point.seq, file=str(file))


def rotate(context: typer.Context) -> None:
    """See `add_to`."""
    from services.trail import rotate_key

    site = site_of(context)
    ring = rotate_key(site.office, operator(), site.now(), site.settings.audit_key_file)
    site.speech.say(
        _("Rows are sealed with key %(id)s from now on. Keep a copy of %(file)s; start running parts again."),
        id=ring.current,
        file=str(site.settings.audit_key_file),
    )


def check(context: typer.Context, as_json: AsJson = False) -> None:
    """See `add_to`."""
    from services.check import check

    site = site_of(context)
    report = check(site.office, site.evidence)
    if as_json:
        findings = [
            {"invariant": one.invariant, "subject": one.subject, "text": one.text} for one in report.findings
        ]
        site.speech.json({"ok": report.ok, "findings": findings, "checked": dict(report.checked)})
    else:
        for one in report.findings:
            site.speech.line(f"{one.invariant} {one.subject}: {site.speech.translator.render(one.says)}")
        site.speech.say(
            _("Looked at: %(rows)s rows; findings: %(count)s."),
            rows=sum(report.checked.values()),
            count=len(report.findings),
        )
    if not report.ok:
        raise typer.Exit(OURS)

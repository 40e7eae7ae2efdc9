"""Letters: the list, the text of one, signing and taking back."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.acting import Way, perform, request_of, who
from cli.directives import leader
from cli.office_acts import office_post
from cli.options import After, AsJson, AsLogin, Key, Reason
from cli.site import site_of
from cli.speech import _, day_text

LetterId = Annotated[int, typer.Argument(metavar="ID", help=_("Number of the letter's row."))]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help=_("Numbered letters."), epilog="duban letter list")
    group.command("list", help=_("All letters, drafts too."), epilog="duban letter list --json")(listing)
    group.command("show", help=_("The text of one letter."), epilog="duban letter show 3")(show)
    app.add_typer(group, name="letter", no_args_is_help=True)
    app.command(
        "sign-letter",
        help=_("Sign a drafted letter; it goes out when its hold has passed."),
        epilog="duban sign-letter 3",
    )(sign)
    app.command(
        "take-back-letter",
        help=_("Stop a letter that was not issued yet."),
        epilog="duban take-back-letter 3 --reason 已办结",
    )(take_back)


def listing(context: typer.Context, after: After = 0, as_json: AsJson = False) -> None:
    """See `add_to`."""
    from domain.numbers import LetterKind
    from models.paper import LetterState
    from services.reading_lists import Wanted, letters

    site = site_of(context)
    wanted = Wanted(after=after)
    rows = letters(site.office, wanted)
    if as_json:
        site.speech.json(rows)
        return
    headers = [_("no."), _("kind"), _("state"), _("document number"), _("title"), _("drafted"), _("issued")]
    site.speech.table(
        headers,
        [
            [
                row["id"],
                LetterKind(row["kind"]),
                LetterState(row["state"]),
                row["document_number"] or None,
                row["title"],
                day_text(row["drafted_at"], site.zone),
                day_text(row["issued_at"], site.zone),
            ]
            for row in rows
        ],
    )
    if len(rows) == wanted.limit:
        site.speech.say(_("More rows: %(command)s"), command=f"duban letter list --after {rows[-1]['id']}")


def show(context: typer.Context, letter_id: LetterId) -> None:
    """See `add_to`."""
    from services.reading_lists import letter_text

    site = site_of(context)
    site.speech.line(letter_text(site.office, letter_id))


def sign(
    context: typer.Context,
    letter_id: LetterId,
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from models.paper import LetterState
    from services.letters import SignLetter, sign_letter

    site, way = site_of(context), Way(login, key, as_json)
    actor = who(site, way, lambda: leader(site))
    answer = perform(site, sign_letter, actor, request_of(SignLetter, letter_id=letter_id), way)
    if not way.json:
        site.speech.say(_("Letter %(id)s: %(state)s."), id=letter_id, state=LetterState(answer["state"]))


def take_back(
    context: typer.Context,
    letter_id: LetterId,
    reason: Reason,
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from models.paper import LetterState
    from services.letters import TakeBackLetter, take_back_letter

    site, way = site_of(context), Way(login, key, as_json)
    actor = who(site, way, lambda: office_post(site))
    request = request_of(TakeBackLetter, letter_id=letter_id, reason=reason)
    answer = perform(site, take_back_letter, actor, request, way)
    if not way.json:
        site.speech.say(_("Letter %(id)s: %(state)s."), id=letter_id, state=LetterState(answer["state"]))

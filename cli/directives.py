"""`duban directive`: from a paper to a published directive, and what its issuer can do with it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from cli import directive_drafts, directive_status
from cli.acting import Way, perform, request_of, who
from cli.options import After, AsJson, AsLogin, DirectiveId, Key, Reason
from cli.site import Site, site_of
from cli.speech import _, day_text

if TYPE_CHECKING:
    from services.office import Actor
    from services.transaction import Answer


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(
        help=_("Directives: draft, publish, watch, suspend, withdraw."), epilog="duban directive list"
    )
    directive_drafts.add_to(group)
    directive_status.add_to(group)
    for name, function, help_text, example in (
        (
            "publish",
            publish,
            _("Publish a draft. It begins when its hold has passed; until then it can be taken back."),
            "duban directive publish 1",
        ),
        ("take-back", take_back, _("Undo a publication during its hold."), "duban directive take-back 1"),
        (
            "withdraw",
            withdraw,
            _("End a directive for good; what was issued stays."),
            "duban directive withdraw 1 --reason 政策调整",
        ),
        (
            "suspend",
            suspend,
            _("Stop every clock of a directive until it is resumed."),
            "duban directive suspend 1 --reason 汛期",
        ),
        (
            "resume",
            resume,
            _("Let the clocks run again; deadlines move by the working days it stood still."),
            "duban directive resume 1",
        ),
        ("list", listing, _("All directives."), "duban directive list --json"),
    ):
        group.command(name, help=help_text, epilog=example)(function)
    app.add_typer(group, name="directive", no_args_is_help=True)


def leader(site: Site) -> Actor:
    """The post that publishes."""
    from models.organisation import AccountRole
    from services.accounts import root_actor

    return root_actor(site.office, AccountRole.LEADER)


def publish(
    context: typer.Context,
    directive_id: DirectiveId,
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from datetime import datetime

    from services import directives

    site, way = site_of(context), Way(login, key, as_json)
    answer = _without_words(site, directives.publish, directive_id, way)
    if not way.json:
        starts = datetime.fromisoformat(answer["starts_at"])
        site.speech.say(
            _("Directive %(id)s is published: %(items)s items."), id=directive_id, items=answer["items"]
        )
        if starts > site.now():
            site.speech.say(
                _("It begins at %(when)s; until then: %(command)s"),
                when=day_text(starts, site.zone),
                command=f"duban directive take-back {directive_id}",
            )


def take_back(
    context: typer.Context,
    directive_id: DirectiveId,
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from services import directives

    site, way = site_of(context), Way(login, key, as_json)
    _without_words(site, directives.take_back, directive_id, way)
    if not way.json:
        site.speech.say(_("Directive %(id)s is a draft again; no unit has heard of it."), id=directive_id)


def withdraw(
    context: typer.Context,
    directive_id: DirectiveId,
    reason: Reason,
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from services import directives

    site, way = site_of(context), Way(login, key, as_json)
    answer = _with_reason(site, directives.withdraw, directive_id, reason, way)
    if not way.json:
        site.speech.say(
            _("Directive %(id)s is withdrawn, and %(count)s open unit tasks with it."),
            id=directive_id,
            count=answer["unit_tasks"],
        )


def suspend(
    context: typer.Context,
    directive_id: DirectiveId,
    reason: Reason,
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from services import directives

    site, way = site_of(context), Way(login, key, as_json)
    _with_reason(site, directives.suspend, directive_id, reason, way)
    if not way.json:
        site.speech.say(_("Directive %(id)s is suspended."), id=directive_id)


def resume(
    context: typer.Context,
    directive_id: DirectiveId,
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from services import directives

    site, way = site_of(context), Way(login, key, as_json)
    answer = _without_words(site, directives.resume, directive_id, way)
    if not way.json:
        site.speech.say(
            _("Directive %(id)s goes on; its deadlines move by %(days)s working days."),
            id=directive_id,
            days=answer["working_days"],
        )


def _without_words(site: Site, act: Any, directive_id: int, way: Way) -> Answer:
    from services.directives import OnDirective

    actor = who(site, way, lambda: leader(site))
    return perform(site, act, actor, request_of(OnDirective, directive_id=directive_id), way)


def _with_reason(site: Site, act: Any, directive_id: int, reason: str, way: Way) -> Answer:
    from services.directives import WithReason

    actor = who(site, way, lambda: leader(site))
    request = request_of(WithReason, directive_id=directive_id, reason=reason)
    return perform(site, act, actor, request, way)


def listing(context: typer.Context, after: After = 0, as_json: AsJson = False) -> None:
    """See `add_to`."""
    from models.directive import DirectiveState
    from services.reading_lists import Wanted, directives

    site = site_of(context)
    rows = directives(site.office, Wanted(after=after))
    if as_json:
        site.speech.json(rows)
        return
    site.speech.table(
        [_("no."), _("title"), _("state"), _("published"), _("closed")],
        [
            [
                row["id"],
                row["title"],
                DirectiveState(row["state"]),
                day_text(row["published_at"], site.zone),
                day_text(row["closed_at"], site.zone),
            ]
            for row in rows
        ],
    )

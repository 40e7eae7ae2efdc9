"""What the supervision office and the leaders answer: reviews, extensions, disputes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.acting import Way, perform, request_of, who
from cli.options import AsJson, AsLogin, Key, UnitTaskId, day_of_text
from cli.site import Site, site_of
from cli.speech import _
from domain.errors import InvalidInputError

if TYPE_CHECKING:
    from services.office import Actor

Answer = Annotated[str, typer.Option("--answer", metavar="TEXT", help=_("What the unit is told."))]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(
        "review",
        help=_("Accept what a unit handed in, or return it with a reason."),
        epilog="duban review 7 --return 缺少验收报告",
    )(review)
    app.command(
        "decide-extension",
        help=_("Answer an extension request: grant a date, or refuse."),
        epilog="duban decide-extension 2 --until 2026-10-31 --answer 同意",
    )(decide_extension)
    app.command(
        "decide-dispute",
        help=_("Decide whose task it is."),
        epilog="duban decide-dispute 1 --uphold --answer 属实 --reassign-to YX05",
    )(decide_dispute)


def office_post(site: Site) -> Actor:
    """The supervision office's account, or the leader's where there is none."""
    from models.organisation import AccountRole
    from services.accounts import root_actor

    return root_actor(site.office, AccountRole.SUPERVISION_OFFICE, AccountRole.LEADER)


def one_of(first: tuple[str, bool], second: tuple[str, bool]) -> None:
    """InvalidInputError unless exactly one of two options was given."""
    if first[1] == second[1]:
        raise InvalidInputError("Give either %(first)s or %(second)s.", first=first[0], second=second[0])


def _act(site: Site, act: Any, request: Any, way: Way) -> dict[str, Any]:
    return perform(site, act, who(site, way, lambda: office_post(site)), request, way)


def review(
    context: typer.Context,
    unit_task_id: UnitTaskId,
    accept: Annotated[bool, typer.Option("--accept", help=_("Accept it."))] = False,
    return_reason: Annotated[
        str | None, typer.Option("--return", metavar="REASON", help=_("Return it, and say why."))
    ] = None,
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from domain.unit_task import State
    from services.reviews import ReviewSubmission, review

    one_of(("--accept", accept), ("--return", return_reason is not None))
    site, way = site_of(context), Way(login, key, as_json)
    request = request_of(
        ReviewSubmission, unit_task_id=unit_task_id, accept=accept, reason=return_reason or ""
    )
    answer = _act(site, review, request, way)
    if way.json:
        return
    site.speech.say(_("Unit task %(id)s: %(state)s."), id=unit_task_id, state=State(answer["state"]))
    for task, sha256 in dict.fromkeys(
        (one["unit_task_id"], one["sha256"]) for one in answer["same_evidence"]
    ):
        said = _("The same file was given for unit task %(id)s too (%(hash)s).")
        site.speech.say(said, id=task, hash=sha256[:12])


def decide_extension(
    context: typer.Context,
    extension_id: Annotated[int, typer.Argument(metavar="ID", help=_("Number of the extension request."))],
    answer: Answer,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help=_("Grant this last day."))
    ] = None,
    refuse: Annotated[bool, typer.Option("--refuse", help=_("Refuse it."))] = False,
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from services.reviews import DecideExtension, decide_extension

    one_of(("--until", until is not None), ("--refuse", refuse))
    site, way = site_of(context), Way(login, key, as_json)
    granted = day_of_text(until) if until else None
    request = request_of(DecideExtension, extension_id=extension_id, granted=granted, answer=answer)
    _act(site, decide_extension, request, way)
    if way.json:
        return
    if granted:
        site.speech.say(_("Extension request %(id)s is granted: %(day)s."), id=extension_id, day=granted)
    else:
        site.speech.say(_("Extension request %(id)s is refused."), id=extension_id)


def decide_dispute(
    context: typer.Context,
    dispute_id: Annotated[int, typer.Argument(metavar="ID", help=_("Number of the dispute."))],
    answer: Answer,
    uphold: Annotated[bool, typer.Option("--uphold", help=_("The unit is right."))] = False,
    reject: Annotated[bool, typer.Option("--reject", help=_("The task stays with the unit."))] = False,
    reassign_to: Annotated[
        str | None,
        typer.Option("--reassign-to", metavar="UNIT", help=_("Give the task to this unit; code or name.")),
    ] = None,
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from services.accounts import unit_called
    from services.reviews import DecideDispute, decide_dispute

    one_of(("--uphold", uphold), ("--reject", reject))
    site, way = site_of(context), Way(login, key, as_json)
    to = unit_called(site.office, reassign_to).id if reassign_to else None
    request = request_of(DecideDispute, dispute_id=dispute_id, upheld=uphold, answer=answer, reassign_to=to)
    _act(site, decide_dispute, request, way)
    if not way.json:
        sentence = _("Dispute %(id)s is upheld.") if uphold else _("Dispute %(id)s is rejected.")
        site.speech.say(sentence, id=dispute_id)

"""`duban unit-task`: what a unit sees of its tasks and does with them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.acting import Way, perform, request_of, who
from cli.evidence_files import stored_pieces
from cli.options import After, AsJson, AsLogin, Key, Reason, UnitTaskId, day_of_text
from cli.site import Site, site_of
from cli.speech import _
from domain.errors import InvalidInputError

Words = Annotated[str, typer.Option("--text", metavar="TEXT", help=_("What was done."))]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(
        help=_("Tasks of units: see, acknowledge, report, hand in."), epilog="duban unit-task list"
    )
    for name, function, help_text, example in (
        (
            "list",
            listing,
            _("Unit tasks, with the requests that wait for an answer."),
            "duban unit-task list --unit YX03 --state assigned",
        ),
        ("acknowledge", acknowledge, _("Say that the unit has the task."), "duban unit-task acknowledge 7"),
        (
            "report",
            report,
            _("Report how far the work is."),
            "duban unit-task report 7 --progress 40 --text 已完成选址",
        ),
        (
            "submit",
            submit,
            _("Hand the task in with its evidence."),
            "duban unit-task submit 7 --text 已全部完成 --evidence 验收报告.pdf",
        ),
        (
            "decline",
            decline,
            _("Say that the task is not this unit's."),
            "duban unit-task decline 7 --reason 不属本单位职责",
        ),
        (
            "extend",
            extend,
            _("Ask for more time, before the deadline."),
            "duban unit-task extend 7 --until 2026-10-31 --reason 施工受汛期影响",
        ),
    ):
        group.command(name, help=help_text, epilog=example)(function)
    app.add_typer(group, name="unit-task", no_args_is_help=True)


def listing(
    context: typer.Context,
    unit: Annotated[str, typer.Option("--unit", metavar="UNIT", help=_("Of this unit; code or name."))] = "",
    state: Annotated[str, typer.Option("--state", metavar="STATE", help=_("In this state."))] = "",
    directive: Annotated[
        int | None, typer.Option("--directive", metavar="ID", help=_("Of this directive."))
    ] = None,
    after: After = 0,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from domain.unit_task import State
    from services.accounts import unit_called
    from services.reading_lists import Wanted, unit_tasks

    site = site_of(context)
    if state and state not in list(State):
        raise InvalidInputError(
            "%(state)s is no state; there are %(states)s.", state=state, states=", ".join(State)
        )
    unit_id = unit_called(site.office, unit).id if unit else None
    wanted = Wanted(unit_id=unit_id, state=state, directive_id=directive, after=after)
    rows = unit_tasks(site.office, wanted, site.now())
    if as_json:
        site.speech.json(rows)
        return
    headers = [_("no."), _("directive"), _("item"), _("unit"), _("role"), _("state"), "%", _("due")]
    headers += [_("overdue"), _("extension"), _("dispute")]
    site.speech.table(headers, [_row(site, row) for row in rows])
    if len(rows) == wanted.limit:
        site.speech.say(_("More rows: %(command)s"), command=f"duban unit-task list --after {rows[-1]['id']}")


def _row(site: Site, row: dict[str, Any]) -> list[object]:
    from domain.instants import last_day
    from domain.unit_task import Role, State

    period = "" if row["period"] == "once" else f" {row['period']}"
    return [
        row["id"],
        row["directive_id"],
        f"{row['item']}{period} {row['text'][:24]}",
        f"{row['unit']} {row['unit_name']}",
        Role(row["role"]),
        State(row["state"]),
        row["progress"],
        last_day(row["deadline"], site.zone).isoformat(),
        site.speech.value(row["overdue"]),
        row["extension"],
        row["dispute"],
    ]


def _act(context: typer.Context, act: Any, kind: Any, way: Way, unit_task_id: int, **fields: Any) -> None:
    """Do an act of the task's unit and say in which state the task is then."""
    from domain.unit_task import State
    from services.accounts import officer_of_unit_task

    site = site_of(context)
    actor = who(site, way, lambda: officer_of_unit_task(site.office, unit_task_id))
    answer = perform(site, act, actor, request_of(kind, unit_task_id=unit_task_id, **fields), way)
    if not way.json:
        site.speech.say(_("Unit task %(id)s: %(state)s."), id=unit_task_id, state=State(answer["state"]))


def acknowledge(
    context: typer.Context,
    unit_task_id: UnitTaskId,
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from services.unit_tasks import Acknowledge, acknowledge

    _act(context, acknowledge, Acknowledge, Way(login, key, as_json), unit_task_id)


def report(
    context: typer.Context,
    unit_task_id: UnitTaskId,
    progress: Annotated[
        int, typer.Option("--progress", metavar="N", min=0, max=100, help=_("How far, in per cent."))
    ],
    text: Words,
    problem: Annotated[str, typer.Option("--problem", metavar="TEXT", help=_("What hinders."))] = "",
    next_step: Annotated[str, typer.Option("--next", metavar="TEXT", help=_("What comes next."))] = "",
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from services.unit_tasks import ReportProgress, report_progress

    words = {"progress": progress, "text": text, "problem": problem, "next_step": next_step}
    _act(context, report_progress, ReportProgress, Way(login, key, as_json), unit_task_id, **words)


def submit(
    context: typer.Context,
    unit_task_id: UnitTaskId,
    text: Words,
    evidence: Annotated[
        list[Path] | None,
        typer.Option("--evidence", metavar="FILE", help=_("A file that proves it. May be repeated.")),
    ] = None,
    effective: Annotated[
        str | None,
        typer.Option(
            "--effective", metavar="DATE", help=_("The day the evidence speaks of; today if empty.")
        ),
    ] = None,
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from services.submissions import SubmitWithEvidence, submit_with_evidence

    day = day_of_text(effective) if effective else None
    pieces = stored_pieces(site_of(context), evidence or [], day)
    way = Way(login, key, as_json)
    _act(context, submit_with_evidence, SubmitWithEvidence, way, unit_task_id, text=text, evidence=pieces)


def decline(
    context: typer.Context,
    unit_task_id: UnitTaskId,
    reason: Reason,
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from services.unit_tasks import Decline, decline

    _act(context, decline, Decline, Way(login, key, as_json), unit_task_id, reason=reason)


def extend(
    context: typer.Context,
    unit_task_id: UnitTaskId,
    until: Annotated[
        str, typer.Option("--until", metavar="DATE", help=_("The new last day, as 2026-10-31."))
    ],
    reason: Reason,
    login: AsLogin = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """See `add_to`."""
    from services.unit_tasks import AskExtension, ask_extension

    way, proposed = Way(login, key, as_json), day_of_text(until)
    _act(context, ask_extension, AskExtension, way, unit_task_id, reason=reason, proposed=proposed)

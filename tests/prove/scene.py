"""The scene: a directive of three items for sixty units, from its publication to its rectifications.

Most units do their work, some acknowledge and are late, some never answer; so the fan-out, both clocks of the
ladder, letters of every kind, their numbers, mails and digests all occur. Each phase is one instant at which the
engine has something to do; between phases people act, through the same services as anybody.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.directive import Directive, Item
from models.engine import Incident
from services.directives import OnDirective, publish
from services.unit_tasks import Submit, submit
from tests.domain.samples import local
from tests.prove.letter_box import copies, mail_faults
from tests.prove.place import OPENS, Place
from tests.prove.rehearsal import Plan, Stage, on_stage
from tests.prove.rows import Rows, rows_of
from tests.prove.victim import Death

HOLD = timedelta(minutes=10)
BEGINS = OPENS + HOLD
AT_WORK = BEGINS + timedelta(hours=1)
DUE_IN_THREE = local(date(2026, 3, 26), 9)
OVERDUE = local(date(2026, 4, 1), 9)
LETTERS = local(date(2026, 4, 8), 9)
SUPERVISION = local(date(2026, 4, 15), 9)
CIRCULAR = local(date(2026, 4, 29), 9)
SILENT, LATE, STILL_LATE = 3, 15, 8
"""Units up to the first number never answer, up to the second they acknowledge and are late; those after the third
hand in when they are overdue."""
LATE_WORK = OVERDUE + timedelta(hours=2)

Before = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True)
class Outcome:
    """What a run of the scene came to."""

    rows: Rows
    deaths: Sequence[Death]
    mail_faults: Sequence[str]
    open_incidents: Sequence[str]
    copies: int
    mails: int


async def play_scene(place: Place, plan: Plan, before: dict[str, Before] | None = None) -> Outcome:
    """Play it once, killed as planned, up to and with the plan's last phase; `before` is done before that phase."""
    async with on_stage(place, plan) as stage:
        for name, action in ACTIONS.items():
            if before and name in before:
                await before[name](stage)
            await action(stage, name)
            if name == plan.until:
                break
        await stage.close_incidents()
        return outcome_of(stage)


def outcome_of(stage: Stage) -> Outcome:
    """What the rows and the mail server say."""
    faults = mail_faults(stage.place, stage.smtp, stage.may_repeat)
    incidents = [f"{row.kind} {row.key}" for row in stage.place.scene.rows(Incident) if not row.closed_at]
    rows = rows_of(stage.place.office.engine)
    return Outcome(rows, stage.deaths, faults, incidents, copies(stage.smtp), len(stage.smtp.taken))


async def _publish(stage: Stage, name: str) -> None:
    scene = stage.place.scene
    request = OnDirective(directive_id=scene.rows(Directive)[0].id)
    publish(stage.place.office, scene.leader, OPENS, request)
    await stage.phase(name, BEGINS)


async def _work(stage: Stage, name: str) -> None:
    await stage.phase(name, AT_WORK, work)


async def _late_work(stage: Stage, name: str) -> None:
    await stage.phase(name, LATE_WORK, late_work)


def late_work(stage: Stage) -> None:
    """Some of those who are overdue do the first item after all."""
    item = stage.place.scene.rows(Item)[0]
    for code, task in stage.place.scene.tasks(item.id).items():
        if STILL_LATE < int(code[1:]) <= LATE:
            hand_in(stage, code, task.id, LATE_WORK)


def hand_in(stage: Stage, code: str, task_id: int, now: datetime) -> None:
    """With a proof, and it is accepted."""
    scene = stage.place.scene
    scene.prove(task_id, now, text=code)
    submit(scene.office, scene.officer(code), now, Submit(unit_task_id=task_id, text="已完成。"))
    scene.review(task_id, now)


def work(stage: Stage) -> None:
    """What the units do on the first day: acknowledge all but a few, and do the first item."""
    scene = stage.place.scene
    for item in scene.rows(Item):
        for code, task in scene.tasks(item.id).items():
            number = int(code[1:])
            if number > SILENT:
                scene.acknowledge(task.id, AT_WORK)
            if number > LATE and item.position == 1:
                hand_in(stage, code, task.id, AT_WORK)


def _at(now: datetime) -> Callable[[Stage, str], Awaitable[None]]:
    async def pass_on(stage: Stage, name: str) -> None:
        if now.date() > stage.now.date():
            await stage.rhythm(now)
        await stage.phase(name, now)

    return pass_on


def _signed(drafted: datetime) -> Callable[[Stage, str], Awaitable[None]]:
    """An hour after letters were drafted the leader signs what waits for it; they go out when their hold is over."""
    now = drafted + timedelta(hours=1)

    async def sign(stage: Stage, name: str) -> None:
        stage.place.scene.sign_all(now)
        await stage.phase(name, now + HOLD)

    return sign


ACTIONS: dict[str, Callable[[Stage, str], Awaitable[None]]] = {
    "fan_out": _publish,
    "first_mails": _at(BEGINS + HOLD),
    "work": _work,
    "reminders": _at(DUE_IN_THREE),
    "overdue": _at(OVERDUE),
    "overdue_mails": _at(OVERDUE + HOLD),
    "late_work": _late_work,
    "letters": _at(LETTERS),
    "letters_out": _signed(LETTERS),
    "supervision": _at(SUPERVISION),
    "supervision_out": _signed(SUPERVISION),
    "circular": _at(CIRCULAR),
    "circular_out": _signed(CIRCULAR),
    "rectifications": _at(CIRCULAR + timedelta(hours=3)),
}
"""The phases by name, in order."""

"""The acts of every unit task and rectification, read for a recomputation of the ladder."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from domain.history import Beginning, Climbed, Happening, RunningVersion, Stretch, climb, stretches
from domain.instants import day_of, end_of
from domain.ladder import CivilFrame, Clock
from domain.policy import Policy, ladder_from_json, policy_from_json
from domain.unit_task import Role, State
from models.columns import table
from models.directive import Directive, Item, ItemPeriod
from models.paper import Notice, NoticeKind
from models.rectification import Rectification, RectificationVerification
from models.unit_task import (
    Acknowledgement,
    DeadlineChange,
    Dispute,
    Extension,
    Review,
    SpotCheck,
    Submission,
    UnitTask,
)
from services.amendments import AMENDED
from services.calendars import load_calendar
from services.office import Office
from store.sessions import reading

TASK, NOTICE, ITEM, DIRECTIVE = table(UnitTask), table(Notice), table(Item), table(Directive)
_SUBMISSION, _REVIEW, _EXTENSION, _DISPUTE = (
    table(Submission),
    table(Review),
    table(Extension),
    table(Dispute),
)
_SPOT_CHECK, _PERIOD, _RECEIPT = table(SpotCheck), table(ItemPeriod), table(Acknowledgement)
_CHANGE, _RECTIFICATION, _VERIFICATION = (
    table(DeadlineChange),
    table(Rectification),
    table(RectificationVerification),
)

_TASKS = select(
    TASK, _PERIOD.c.acknowledge_by.label("asked_in_round"), _PERIOD.c.assigned_at.label("round_assigned_at")
).join(_PERIOD, and_(_PERIOD.c.item_id == TASK.c.item_id, _PERIOD.c.period == TASK.c.period))

Climbs = dict[tuple[int, int], set[Climbed]]
"""What was climbed, by unit task and rectification (0: the task's own ladder)."""


@dataclass(frozen=True)
class _Asked:
    """By when a unit was asked to acknowledge: the rows hold the last such day alone, the rule gives each."""

    frame: CivilFrame
    days: dict[int, int]

    def reckon(self, task_id: int, at: datetime) -> datetime:
        """The last day to acknowledge what was asked at that instant."""
        day = day_of(at, self.frame.tz)
        return end_of(self.frame.calendar.add_working_days(day, self.days[task_id]), self.frame.tz)


def _asked(connection: Connection, frame: CivilFrame) -> _Asked:
    policies = select(TASK.c.id, DIRECTIVE.c.policy).join(DIRECTIVE, DIRECTIVE.c.id == TASK.c.directive_id)
    rows = connection.execute(policies).all()
    return _Asked(frame, {row.id: policy_from_json(row.policy).acknowledge_days for row in rows})


def expected_climbs(office: Office, until: datetime) -> Climbs:
    """What the pure ladder does for the acts in the rows, up to `until`. Directives that stood still are left out:
    their clocks moved by a rule of their own.
    """
    with reading(office.engine) as session:
        connection = session.connection()
        frame = CivilFrame(load_calendar(session), office.tz)
        asked = _asked(connection, frame)
        happenings = _happenings(connection, asked)
        found: Climbs = {}
        ladders = {
            row.id: ladder_from_json(row.ladder)
            for row in connection.execute(select(ITEM.c.id, ITEM.c.ladder))
            if row.ladder
        }
        for task in connection.execute(_TASKS):
            by = _first_asked(task, happenings[task.id], asked)
            begin = Beginning(Role(task.role), task.assigned_at, by, task.original_deadline)
            life = stretches(begin, happenings[task.id])
            found[task.id, 0] = set(climb(life, ladders[task.item_id], frame, until))
        for row, policy in _rectifications(connection):
            life = list(_mending(connection, row, policy, frame))
            found[row.unit_task_id, row.id] = set(climb(life, policy.rectification, frame, until))
        return {key: climbs for key, climbs in found.items() if climbs}


def recorded_climbs(office: Office) -> Climbs:
    """What the engine recorded: the notices that name a clock."""
    found: Climbs = defaultdict(set)
    with reading(office.engine) as session:
        for row in session.connection().execute(select(NOTICE).where(NOTICE.c.clock != "")):
            superseded = row.kind == NoticeKind.SUPERSEDED
            climbed = Climbed(row.at, row.clock, row.rung, row.deadline_version, superseded)
            found[row.unit_task_id, row.rectification_id].add(climbed)
    return dict(found)


def _happenings(connection: Connection, asked: _Asked) -> defaultdict[int, list[Happening]]:
    found: defaultdict[int, list[Happening]] = defaultdict(list)
    for row in connection.execute(select(_RECEIPT.c.unit_task_id, _RECEIPT.c.at)):
        found[row.unit_task_id].append(Happening(row.at, State.ACKNOWLEDGED))
    for task in connection.execute(select(TASK.c.id, TASK.c.closed_at, TASK.c.state)):
        if task.closed_at:
            found[task.id].append(Happening(task.closed_at, State(task.state)))
    for row in connection.execute(select(_SUBMISSION.c.unit_task_id, _SUBMISSION.c.at)):
        found[row.unit_task_id].append(Happening(row.at, State.SUBMITTED))
    reviews = select(_SUBMISSION.c.unit_task_id, _REVIEW.c.at, _REVIEW.c.accepted).join(
        _REVIEW, _REVIEW.c.submission_id == _SUBMISSION.c.id
    )
    for review in connection.execute(reviews):
        to = State.ACCEPTED if review.accepted else State.RETURNED
        found[review.unit_task_id].append(Happening(review.at, to))
    for reopened in connection.execute(select(_SPOT_CHECK).where(_SPOT_CHECK.c.kept.is_(False))):
        found[reopened.unit_task_id].append(Happening(reopened.at, State.RETURNED))
    for task_id, happening in _requests(connection):
        found[task_id].append(happening)
    for change in connection.execute(select(_CHANGE)):
        by = asked.reckon(change.unit_task_id, change.since) if change.reason == AMENDED else None
        moved = Happening(change.since, None, None, change.deadline, change.deadline_version, by)
        found[change.unit_task_id].append(moved)
    return found


def _first_asked(task: Row[Any], happenings: list[Happening], asked: _Asked) -> datetime | None:
    """By when the task was to be acknowledged at first; the row says it until an amendment asks anew."""
    if not any(one.acknowledge_by for one in happenings):
        by: datetime | None = task.acknowledge_by
        return by
    without = task.asked_in_round is None and task.assigned_at == task.round_assigned_at
    return None if without else asked.reckon(task.id, task.assigned_at)


def _requests(connection: Connection) -> Iterator[tuple[int, Happening]]:
    """What was asked and answered: extensions hold, disputes take the task away until they are decided."""
    for row in connection.execute(select(_EXTENSION)):
        yield row.unit_task_id, Happening(row.asked_at, held=True)
        if row.decided_at:
            yield row.unit_task_id, Happening(row.decided_at, held=False)
    for row in connection.execute(select(_DISPUTE)):
        yield row.unit_task_id, Happening(row.raised_at, State.DECLINED)
        if row.upheld is False:
            yield row.unit_task_id, Happening(row.decided_at, State.ACKNOWLEDGED)


def _rectifications(connection: Connection) -> Iterator[tuple[Row[Any], Policy]]:
    query = (
        select(_RECTIFICATION, DIRECTIVE.c.policy)
        .join(ITEM, ITEM.c.id == _RECTIFICATION.c.item_id)
        .join(DIRECTIVE, DIRECTIVE.c.id == ITEM.c.directive_id)
    )
    for row in connection.execute(query).all():
        yield row, policy_from_json(row.policy)


def _mending(connection: Connection, row: Row[Any], policy: Policy, frame: CivilFrame) -> Iterator[Stretch]:
    """The stretches of a rectification: ordered, planned, handed in, sent back."""
    decided = (
        select(_VERIFICATION).where(_VERIFICATION.c.rectification_id == row.id).order_by(_VERIFICATION.c.id)
    )
    verifications = connection.execute(decided).all()
    first = end_of(
        frame.calendar.add_working_days(row.opened_at.astimezone(frame.tz).date(), policy.rectification_days),
        frame.tz,
    )
    complete = RunningVersion(Clock.COMPLETE, first, row.opened_at, 1)
    reply = RunningVersion(Clock.REPLY, row.reply_by, row.opened_at, 1)
    yield Stretch(row.opened_at, (reply, complete))
    if row.replied_at:
        yield Stretch(row.replied_at, (complete,))
    for one in verifications:
        yield Stretch(one.submitted_at, ())
        if not one.accepted:
            rework = end_of(
                frame.calendar.add_working_days(one.at.astimezone(frame.tz).date(), policy.rework_days),
                frame.tz,
            )
            if rework > complete.deadline:
                complete = RunningVersion(Clock.COMPLETE, rework, one.at, complete.version + 1)
            yield Stretch(one.at, (complete,))

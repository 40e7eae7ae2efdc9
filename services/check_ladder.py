"""I6, I7, by the rule itself: every rung that was done is reckoned again by the pure ladder, from the deadline the
task had at the time. Notices that the ladder cannot tell apart are reckoned once.

What the rows no longer say is not judged: rungs done before the calendar was last imported, before a suspension
moved the day of acknowledging, or for a deadline of a rectification that another has replaced.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, and_, case, func, literal, or_, select, type_coerce

from domain.ladder import Action, CivilFrame, Clock, Ladder, Rung, moment
from domain.policy import ladder_from_json, policy_from_json
from models.columns import Instant, table
from models.directive import Directive, Item, ItemPeriod
from models.engine import Audit
from models.paper import Notice, NoticeKind
from models.rectification import Rectification
from models.unit_task import DeadlineChange, UnitTask
from services.check_report import BrokenError, Look, named

NOTICE, TASK, ITEM, DIRECTIVE = table(Notice), table(UnitTask), table(Item), table(Directive)
_PERIOD, _RECTIFICATION, _AUDIT = table(ItemPeriod), table(Rectification), table(Audit)
_NOW, _NEXT, _MOVED = (table(DeadlineChange).alias(name) for name in ("now", "next", "moved"))
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
_KINDS = {Action.REMIND: NoticeKind.REMIND, Action.TELL_SUPERIOR: NoticeKind.TELL_SUPERIOR}
_BY_ACKNOWLEDGING = NOTICE.c.clock == Clock.ACKNOWLEDGE


def _alike(query: Select[Any]) -> Select[Any]:
    """Groups of notices alike, each called by its first. `query` gives them one by one, their id as `notice_id`."""
    one = query.add_columns(
        NOTICE.c.id.label("notice_id"), NOTICE.c.clock, NOTICE.c.rung, NOTICE.c.kind, NOTICE.c.at
    ).subquery()
    columns = [column for column in one.c if column is not one.c.notice_id]
    return select(named("notice", func.min(one.c.notice_id)), *columns).group_by(*columns)


def _instant(value: Any, name: str) -> Any:
    return type_coerce(value, Instant()).label(name)


_first_deadline = case((TASK.c.deadline_version == 1, TASK.c.deadline), else_=TASK.c.original_deadline)
_HANDED_OVER = and_(  # its first deadline was the one its former unit had by then, which no row says
    NOTICE.c.deadline_version == 1, TASK.c.deadline_version > 1, TASK.c.assigned_at > _PERIOD.c.assigned_at
)
_MOVED_SINCE = (
    select(_MOVED.c.id)
    .where(_MOVED.c.unit_task_id == TASK.c.id, _MOVED.c.reason == "resumed", _MOVED.c.since > NOTICE.c.at)
    .exists()
)
ASKED_SINCE = func.coalesce(
    select(func.max(_MOVED.c.since))
    .where(_MOVED.c.unit_task_id == TASK.c.id, _MOVED.c.reason == "amended")
    .correlate(TASK)
    .scalar_subquery(),
    TASK.c.assigned_at,
)
"""Since when the acknowledgement of a task is asked for: an amended item is acknowledged anew."""
_OF_TASKS = _alike(
    select(
        NOTICE.c.item_id.label("ladder_of"),
        _instant(
            case((_BY_ACKNOWLEDGING, TASK.c.acknowledge_by), else_=func.coalesce(_NOW.c.deadline, _first_deadline)),
            "deadline",
        ),
        _instant(
            case((_BY_ACKNOWLEDGING, TASK.c.assigned_at), else_=func.coalesce(_NOW.c.since, TASK.c.assigned_at)), "since"
        ),
        _instant(case((_BY_ACKNOWLEDGING, None), else_=_NEXT.c.since), "until"),
        and_(~_BY_ACKNOWLEDGING, NOTICE.c.deadline_version > 1).label("own"),
    )
    .select_from(
        NOTICE.join(TASK, TASK.c.id == NOTICE.c.unit_task_id)
        .join(_PERIOD, and_(_PERIOD.c.item_id == TASK.c.item_id, _PERIOD.c.period == TASK.c.period))
        .outerjoin(_NOW, and_(_NOW.c.unit_task_id == TASK.c.id, _NOW.c.deadline_version == NOTICE.c.deadline_version))
        .outerjoin(_NEXT, and_(_NEXT.c.unit_task_id == TASK.c.id, _NEXT.c.deadline_version == NOTICE.c.deadline_version + 1))
    )
    .where(NOTICE.c.clock != "", NOTICE.c.rectification_id == 0)
    .where(or_(and_(_BY_ACKNOWLEDGING, ~_MOVED_SINCE, NOTICE.c.at >= ASKED_SINCE), and_(~_BY_ACKNOWLEDGING, ~func.coalesce(_HANDED_OVER, False))))
)  # fmt: skip

_BY_REPLYING = NOTICE.c.clock == Clock.REPLY
_OF_RECTIFICATIONS = _alike(
    select(
        ITEM.c.directive_id.label("ladder_of"),
        _instant(case((_BY_REPLYING, _RECTIFICATION.c.reply_by), else_=_RECTIFICATION.c.deadline), "deadline"),
        _instant(case((_BY_REPLYING, _RECTIFICATION.c.opened_at), else_=_RECTIFICATION.c.deadline_since), "since"),
        literal(None, Instant()).label("until"),
        literal(False).label("own"),  # noqa: FBT003 -- a column's value
    )
    .select_from(
        NOTICE.join(_RECTIFICATION, _RECTIFICATION.c.id == NOTICE.c.rectification_id).join(
            ITEM, ITEM.c.id == NOTICE.c.item_id
        )
    )
    .where(NOTICE.c.clock != "", NOTICE.c.deadline_version == _RECTIFICATION.c.deadline_version)
)  # fmt: skip


def item_ladders(look: Look) -> dict[int, Ladder]:
    """The ladder frozen into each item that was ever published."""
    rows = look.rows(select(ITEM.c.id, ITEM.c.ladder))
    return {row.id: ladder_from_json(row.ladder) for row in rows if row.ladder}


def rectification_ladders(look: Look) -> dict[int, Ladder]:
    """The ladder of each directive's rectifications."""
    rows = look.rows(select(DIRECTIVE.c.id, DIRECTIVE.c.policy))
    return {row.id: policy_from_json(row.policy).rectification for row in rows}


def check_ladder(look: Look, frame: CivilFrame) -> None:
    """Every notice of a rung against its moment."""
    imported = look.rows(
        select(_AUDIT.c.at).where(_AUDIT.c.action == "import_calendar").order_by(_AUDIT.c.seq.desc()).limit(1)
    )
    judged_from = imported[0].at if imported else _LONG_AGO

    @cache
    def reckoned(ladder: Ladder, rung: Rung, deadline: datetime, own: bool) -> datetime:
        return moment(rung, deadline, ladder, frame, own=own)

    for query, ladders in (
        (_OF_TASKS, item_ladders(look)),
        (_OF_RECTIFICATIONS, rectification_ladders(look)),
    ):
        rows = look.rows(query)
        look.checked["rungs"] = look.checked.get("rungs", 0) + len(rows)
        _judge(look, (row for row in rows if row.at >= judged_from), ladders, reckoned)


def _judge(
    look: Look,
    rows: Iterable[Row[Any]],
    ladders: dict[int, Ladder],
    reckoned: Callable[[Ladder, Rung, datetime, bool], datetime],
) -> None:
    for row in rows:
        ladder = ladders[row.ladder_of]
        rung = next((r for r in ladder.rungs if (r.clock, r.name) == (row.clock, row.rung)), None)
        if rung is None or row.deadline is None:
            look.find(
                "I6", row.subject, BrokenError("The rung %(rung)s is not on its ladder.", rung=row.rung)
            )
            continue
        if row.kind not in (NoticeKind.SUPERSEDED, _KINDS.get(rung.action, NoticeKind.LETTER)):
            look.find(
                "I6",
                row.subject,
                BrokenError("The rung %(rung)s was told as %(kind)s.", rung=row.rung, kind=row.kind),
            )
        due = reckoned(ladder, rung, row.deadline, bool(row.own))
        if row.at < row.deadline and rung.offset > 0:
            look.find(
                "I7",
                row.subject,
                BrokenError("The rung %(rung)s was done before the deadline.", rung=row.rung),
            )
        elif row.at < due:
            early = BrokenError(
                "The rung %(rung)s was done before it was due, at %(due)s.",
                rung=row.rung,
                due=due.isoformat(),
            )
            look.find("I6", row.subject, early)
        if due <= row.since or (row.until is not None and row.at > row.until):
            look.find(
                "I6",
                row.subject,
                BrokenError(
                    "The rung %(rung)s is of a deadline that was not the task's then.", rung=row.rung
                ),
            )

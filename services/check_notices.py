"""I6, I7, by the rows alone: each thing is told once, and nobody is reminded who owes nothing at that moment."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from domain.ladder import Clock
from domain.numbers import LetterKind
from models.columns import table
from models.directive import Directive, DirectiveState, Item
from models.paper import Letter, LetterState, LetterUnit, Notice, NoticeKind
from models.rectification import Rectification, RectificationState
from models.unit_task import DeadlineChange, Dispute, Extension, Review, Submission, UnitTask
from services.check_report import BrokenError, Look, Rule, named

NOTICE, TASK, ITEM, DIRECTIVE = table(Notice), table(UnitTask), table(Item), table(Directive)
_LETTER, _LETTER_UNIT, _RECTIFICATION = table(Letter), table(LetterUnit), table(Rectification)
_EXTENSION, _DISPUTE, _SUBMISSION, _REVIEW = (
    table(Extension),
    table(Dispute),
    table(Submission),
    table(Review),
)
_CHANGE = table(DeadlineChange)
_OF_TASK = NOTICE.c.rectification_id == 0
_OF_LADDER = and_(_OF_TASK, NOTICE.c.clock != "")
_TASKS = NOTICE.join(TASK, TASK.c.id == NOTICE.c.unit_task_id)


_ASKED_ANEW = (
    select(_CHANGE.c.id)
    .where(
        _CHANGE.c.unit_task_id == NOTICE.c.unit_task_id,
        _CHANGE.c.reason == "amended",
        _CHANGE.c.since >= NOTICE.c.at,
    )
    .correlate(NOTICE)
    .exists()
)
"""Whether the item was amended after the notice, and with it acknowledged anew."""


def _twice(*key: ColumnElement[Any], where: ColumnElement[bool]) -> Rule:
    columns = (named("unit_task", NOTICE.c.unit_task_id), NOTICE.c.rung, func.count().label("times"))
    grouped = select(*columns).where(where).group_by(NOTICE.c.unit_task_id, NOTICE.c.rung, *key)
    return Rule(
        "I6", BrokenError("It was told of %(rung)s %(times)s times."), grouped.having(func.count() > 1)
    )


_ONCE = (
    _twice(
        NOTICE.c.clock, NOTICE.c.deadline_version, NOTICE.c.rectification_id, where=NOTICE.c.clock != Clock.ACKNOWLEDGE
    ),
    _twice(where=and_(NOTICE.c.clock == Clock.ACKNOWLEDGE, ~_ASKED_ANEW)),  # this ladder begins anew then alone
    Rule(
        "I6",
        BrokenError("Nobody was told of the assignment."),
        select(named("unit_task", TASK.c.id)).where(
            ~select(NOTICE.c.id)
            .where(NOTICE.c.unit_task_id == TASK.c.id, NOTICE.c.kind == NoticeKind.ASSIGNMENT)
            .exists()
        ),
    ),
)  # fmt: skip


def _held(what: str, since: ColumnElement[Any], until: ColumnElement[Any], source: Any) -> Rule:
    """A rung between the two instants, while the unit waited for the office's answer."""
    says = {
        "extension": BrokenError("The rung %(rung)s was done while an extension request waited."),
        "dispute": BrokenError("The rung %(rung)s was done while a dispute waited."),
        "review": BrokenError("The rung %(rung)s was done while a submission waited for its review."),
    }
    waiting = (NOTICE.c.at > since, or_(until.is_(None), NOTICE.c.at < until))
    query = select(named("notice", NOTICE.c.id), NOTICE.c.rung).select_from(source)
    return Rule("I6", says[what], query.where(_OF_LADDER, *waiting))


_HOLDS = (
    _held(
        "extension",
        _EXTENSION.c.asked_at,
        _EXTENSION.c.decided_at,
        NOTICE.join(_EXTENSION, _EXTENSION.c.unit_task_id == NOTICE.c.unit_task_id),
    ),
    _held(
        "dispute",
        _DISPUTE.c.raised_at,
        _DISPUTE.c.decided_at,
        NOTICE.join(_DISPUTE, _DISPUTE.c.unit_task_id == NOTICE.c.unit_task_id),
    ),
    _held(
        "review",
        _SUBMISSION.c.at,
        _REVIEW.c.at,
        NOTICE.join(_SUBMISSION, _SUBMISSION.c.unit_task_id == NOTICE.c.unit_task_id).outerjoin(
            _REVIEW, _REVIEW.c.submission_id == _SUBMISSION.c.id
        ),
    ),
    Rule(
        "I6",
        BrokenError("The rung %(rung)s was done after the unit had acknowledged."),
        select(named("notice", NOTICE.c.id), NOTICE.c.rung)
        .select_from(_TASKS)
        .where(_OF_LADDER, NOTICE.c.clock == Clock.ACKNOWLEDGE, NOTICE.c.at > TASK.c.acknowledged_at),
    ),
)

_OF_MENDING = and_(
    _LETTER_UNIT.c.rectification_id.is_not(None), _LETTER.c.kind != LetterKind.RECTIFICATION_CIRCULAR
)
"""A letter about a rectification, whose task may be closed by then; the circular itself comes before it."""
_LATE = BrokenError("%(rung)s was told after all was over.")
_OVER = (
    Rule(
        "I7",
        _LATE,
        select(named("notice", NOTICE.c.id), NOTICE.c.rung)
        .select_from(_TASKS)
        .where(_OF_TASK, NOTICE.c.at > TASK.c.closed_at),
    ),
    Rule(
        "I7",
        _LATE,
        select(named("notice", NOTICE.c.id), NOTICE.c.rung)
        .select_from(NOTICE.join(_RECTIFICATION, _RECTIFICATION.c.id == NOTICE.c.rectification_id))
        .where(
            _RECTIFICATION.c.state == RectificationState.VERIFIED, NOTICE.c.at > _RECTIFICATION.c.verified_at
        ),
    ),
    Rule(
        "I7",
        _LATE,
        select(named("notice", NOTICE.c.id), NOTICE.c.rung)
        .select_from(
            NOTICE.join(ITEM, ITEM.c.id == NOTICE.c.item_id).join(
                DIRECTIVE, DIRECTIVE.c.id == ITEM.c.directive_id
            )
        )
        .where(
            NOTICE.c.rectification_id != 0,
            DIRECTIVE.c.state == DirectiveState.WITHDRAWN,
            NOTICE.c.at > DIRECTIVE.c.closed_at,
        ),
    ),
    Rule(
        "I7",
        BrokenError("The letter was issued after its directive was withdrawn."),
        select(named("letter", _LETTER.c.id))
        .join(DIRECTIVE, DIRECTIVE.c.id == _LETTER.c.directive_id)
        .where(
            _LETTER.c.state == LetterState.ISSUED,
            DIRECTIVE.c.state == DirectiveState.WITHDRAWN,
            _LETTER.c.issued_at > DIRECTIVE.c.closed_at,
        ),
    ),
    Rule(
        "I7",
        BrokenError("The letter was issued when every unit task it names was closed."),
        select(named("letter", _LETTER.c.id))
        .join(_LETTER_UNIT, _LETTER_UNIT.c.letter_id == _LETTER.c.id)
        .join(TASK, TASK.c.id == _LETTER_UNIT.c.unit_task_id)
        .where(_LETTER.c.state == LetterState.ISSUED, ~_OF_MENDING)
        .group_by(_LETTER.c.id, _LETTER.c.issued_at)
        .having(
            func.count() == func.count(TASK.c.closed_at), func.max(TASK.c.closed_at) < _LETTER.c.issued_at
        ),
    ),
)


def check_notices(look: Look) -> None:
    """Every notice and letter, set by set."""
    look.count("notices", NOTICE)
    look.apply(*_ONCE, *_HOLDS, *_OVER)

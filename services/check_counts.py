"""I10, I11: the trail tells exactly the acts that the rows hold, and every stored counter is its recount."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SelectBase,
    Subquery,
    and_,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
)

from domain.audit import Verdict
from domain.unit_task import Act
from models.columns import table
from models.directive import Amendment, Directive, Item
from models.engine import Audit, Bulletin
from models.paper import Letter, LetterState, Notice, NoticeKind
from models.rectification import Rectification, RectificationVerification
from models.unit_task import (
    Acknowledgement,
    DeadlineChange,
    Dispute,
    Evidence,
    Extension,
    ProgressReport,
    Review,
    SpotCheck,
    Submission,
    UnitTask,
)  # fmt: skip
from services.check_report import BrokenError, Look, Rule, named

_AUDIT, TASK, _NOTICE, _CHANGE = table(Audit), table(UnitTask), table(Notice), table(DeadlineChange)
_REVIEW, _SUBMISSION, _EXTENSION, _DISPUTE = (
    table(Review),
    table(Submission),
    table(Extension),
    table(Dispute),
)
_SPOT_CHECK = table(SpotCheck)
_LETTER, _RECTIFICATION, _VERIFICATION = table(Letter), table(Rectification), table(RectificationVerification)
_DIRECTIVE, _ITEM, _BULLETIN, _AMENDMENT = table(Directive), table(Item), table(Bulletin), table(Amendment)


def _of_task(source: Any, *where: ColumnElement[bool]) -> Select[Any]:
    return select(named("unit_task", source.c.unit_task_id)).where(*where)


def _row(sort: str, source: Any, *where: ColumnElement[bool]) -> Select[Any]:
    return select(named(sort, source.c.id)).where(*where)


def _reviews(*, accepted: bool) -> Select[Any]:
    reviews = select(named("unit_task", _SUBMISSION.c.unit_task_id)).join(
        _REVIEW, _REVIEW.c.submission_id == _SUBMISSION.c.id
    )
    return reviews.where(_REVIEW.c.accepted.is_(accepted))


def _verified(*, accepted: bool) -> Select[Any]:
    return select(named("rectification", _VERIFICATION.c.rectification_id)).where(
        _VERIFICATION.c.accepted.is_(accepted)
    )


_DONE: dict[str, Select[Any]] = {
    Act.ACKNOWLEDGE: _of_task(table(Acknowledgement)),
    Act.REPORT_PROGRESS: _of_task(table(ProgressReport)),
    Act.SUBMIT: _of_task(_SUBMISSION),
    Act.ACCEPT: _reviews(accepted=True),
    Act.RETURN_FOR_REWORK: _reviews(accepted=False),
    Act.ASK_EXTENSION: _of_task(_EXTENSION),
    Act.GRANT_EXTENSION: _of_task(_EXTENSION, _EXTENSION.c.granted.is_not(None)),
    Act.REFUSE_EXTENSION: _of_task(_EXTENSION, _EXTENSION.c.decided_by.is_not(None), _EXTENSION.c.granted.is_(None)),
    Act.DECLINE: _of_task(_DISPUTE),
    Act.UPHOLD_DISPUTE: _of_task(_DISPUTE, _DISPUTE.c.upheld.is_(True)),
    Act.REJECT_DISPUTE: _of_task(_DISPUTE, _DISPUTE.c.upheld.is_(False)),
    Act.SPOT_CHECK: _of_task(_SPOT_CHECK, _SPOT_CHECK.c.kept.is_(True)),
    Act.REOPEN: _of_task(_SPOT_CHECK, _SPOT_CHECK.c.kept.is_(False)),
    Act.AMEND: select(named("item", _AMENDMENT.c.item_id)),
    "add_evidence": _of_task(table(Evidence)),
    "draft_directive": _row("directive", _DIRECTIVE),
    "draft_letter": _row("letter", _LETTER),
    "letter_signed": _row("letter", _LETTER, _LETTER.c.signed_by.is_not(None)),
    "letter_issued": _row("letter", _LETTER, _LETTER.c.state == LetterState.ISSUED),
    "letter_obsolete": _row("letter", _LETTER, _LETTER.c.state == LetterState.OBSOLETE),
    "order_rectification": _row("rectification", _RECTIFICATION),
    "reply_rectification": _row("rectification", _RECTIFICATION, _RECTIFICATION.c.replied_at.is_not(None)),
    "verify_rectification": _verified(accepted=True),
    "return_rectification": _verified(accepted=False),
    "close_item": _row("item", _ITEM, _ITEM.c.state == "closed"),
    "close_directive": _row("directive", _DIRECTIVE, _DIRECTIVE.c.state == "closed"),
    "write_bulletin": select((literal("bulletin/") + _BULLETIN.c.kind + "/" + _BULLETIN.c.period).label("subject")),
}  # fmt: skip
"""What each action of the trail leaves in the rows: one subject for each time it was done."""


def _difference(action: str, rows: Select[Any]) -> Rule:
    """Subjects whose rows and audit rows of that action are not equally many."""
    done = rows.add_columns(literal(1).label("done"), literal(0).label("told"))
    told = select(_AUDIT.c.subject, literal(0), literal(1)).where(_AUDIT.c.action == action)
    both = union_all(done, told).subquery()
    counts = (func.sum(both.c.done), func.sum(both.c.told))
    query = select(
        both.c.subject, literal(str(action)).label("action"), counts[0].label("done"), counts[1].label("told")
    )
    says = BrokenError("The trail tells %(action)s %(told)s times, the rows %(done)s times.")
    return Rule("I10", says, query.group_by(both.c.subject).having(counts[0] != counts[1]))


_TRAIL = tuple(_difference(action, rows) for action, rows in _DONE.items())


def _counted(query: SelectBase, *key: str) -> Subquery:
    columns = query.subquery().c
    return select(columns.subject, func.count().label("counted")).group_by(columns.subject).subquery(*key)


def _recount(stored: ColumnElement[Any], name: str, rows: SelectBase) -> Rule:
    """Unit tasks whose counter is not the number of the rows it counts."""
    recounted = _counted(rows)
    counted = func.coalesce(recounted.c.counted, 0)
    task = named("unit_task", TASK.c.id)
    says = {
        "returned_times": BrokenError("It says it was returned %(stored)s times, counted: %(counted)s."),
        "extended_times": BrokenError("It says it was extended %(stored)s times, counted: %(counted)s."),
        "deadlines": BrokenError("Its deadline has version %(stored)s, counted: %(counted)s."),
        "returned_told": BrokenError("It was returned %(stored)s times, but told so %(counted)s times."),
    }
    query = select(task, stored.label("stored"), counted.label("counted")).outerjoin(
        recounted, recounted.c.subject == task.element
    )
    return Rule("I11", says[name], query.where(stored != counted))


_returned = union_all(_reviews(accepted=False), _DONE[Act.REOPEN])
_told_returned = _of_task(_NOTICE, _NOTICE.c.kind == NoticeKind.RETURNED, _NOTICE.c.rectification_id == 0)
_COUNTERS = (
    _recount(TASK.c.returned_times, "returned_times", _returned),
    _recount(TASK.c.returned_times, "returned_told", _told_returned),
    _recount(TASK.c.extended_times, "extended_times", _DONE[Act.GRANT_EXTENSION]),
    _recount(TASK.c.deadline_version - 1, "deadlines", _of_task(_CHANGE)),
    Rule("I11", BrokenError("Its deadline is not the last one that was set."),
         select(named("unit_task", TASK.c.id))
         .join(_CHANGE, and_(_CHANGE.c.unit_task_id == TASK.c.id, _CHANGE.c.deadline_version == TASK.c.deadline_version))
         .where(or_(_CHANGE.c.deadline != TASK.c.deadline, _CHANGE.c.since != TASK.c.deadline_since))),
    Rule("I11", BrokenError("It was sent back %(stored)s times, counted: %(counted)s."),
         select(named("rectification", _RECTIFICATION.c.id), _RECTIFICATION.c.failed_times.label("stored"),
                func.count(_VERIFICATION.c.id).label("counted"))
         .outerjoin(_VERIFICATION, and_(_VERIFICATION.c.rectification_id == _RECTIFICATION.c.id, _VERIFICATION.c.accepted.is_(False)))
         .group_by(_RECTIFICATION.c.id, _RECTIFICATION.c.failed_times)
         .having(_RECTIFICATION.c.failed_times != func.count(_VERIFICATION.c.id))),
)  # fmt: skip


def check_counts(look: Look) -> None:
    """The trail against the rows, and counters against what they count."""
    look.apply(*_TRAIL, *_COUNTERS)


def check_trail(look: Look, verdict: Verdict) -> None:
    """What came of walking the trail, and whether the database still guards it."""
    look.checked["audit_rows"] = verdict.rows
    if not verdict.ok:
        look.find(
            "I10",
            f"audit/{verdict.bad_seq}",
            BrokenError("The trail is broken: %(reason)s", reason=verdict.reason),
        )
    if look.connection.dialect.name == "sqlite":
        guards = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
        wanted = 2
    else:
        guards = "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'audit'::regclass AND NOT tgisinternal AND tgenabled <> 'D'"
        wanted = 1
    if look.connection.execute(text(guards)).scalar_one() < wanted:
        look.find("I10", "audit", BrokenError("The triggers that guard the trail are gone."))

"""What the office came to, counted from its rows."""

from typing import Any

from sqlalchemy import func, select

from domain.numbers import LetterKind
from domain.unit_task import OPEN
from models.columns import table
from models.engine import Audit, Incident
from models.paper import Letter, LetterState, Mail, MailState, Notice, NoticeKind
from models.rectification import Rectification, RectificationState
from models.unit_task import (
    Acknowledgement,
    Dispute,
    Evidence,
    Extension,
    ProgressReport,
    Review,
    Submission,
    UnitTask,
)
from services.office import Office
from store.sessions import reading

REMINDING = (NoticeKind.REMIND, NoticeKind.TELL_SUPERIOR)


def tally(office: Office) -> dict[str, int]:
    """How many of each: tasks, acts, tellings, letters issued, rectifications, mails, incidents, audit rows."""
    task, letter, mail, notice, review = (
        table(UnitTask),
        table(Letter),
        table(Mail),
        table(Notice),
        table(Review),
    )
    rectification, extension, dispute = table(Rectification), table(Extension), table(Dispute)
    issued = (letter.c.state == LetterState.ISSUED,)
    queries: dict[str, tuple[Any, tuple[Any, ...]]] = {
        "unit_tasks": (task, ()),
        "acknowledged": (table(Acknowledgement), ()),
        "progress_reports": (table(ProgressReport), ()),
        "evidence": (table(Evidence), ()),
        "submitted": (table(Submission), ()),
        "accepted": (review, (review.c.accepted,)),
        "returned": (review, (review.c.accepted.is_(False),)),
        "extensions_granted": (extension, (extension.c.granted.is_not(None),)),
        "disputes_decided": (dispute, (dispute.c.upheld.is_not(None),)),
        "reminders": (notice, (notice.c.kind.in_(REMINDING),)),
        "reminder_letters": (letter, (*issued, letter.c.kind == LetterKind.REMINDER_LETTER)),
        "supervision_letters": (letter, (*issued, letter.c.kind == LetterKind.SUPERVISION_LETTER)),
        "rectification_circulars": (letter, (*issued, letter.c.kind == LetterKind.RECTIFICATION_CIRCULAR)),
        "rectifications_opened": (rectification, ()),
        "rectifications_verified": (rectification, (rectification.c.state == RectificationState.VERIFIED,)),
        "mails_sent": (mail, (mail.c.state == MailState.SENT,)),
        "mails_failed": (mail, (mail.c.state.in_((MailState.FAILED, MailState.REFUSED)),)),
        "open_unit_tasks": (task, (task.c.state.in_(OPEN),)),
        "incidents": (table(Incident), ()),
        "audit_events": (table(Audit), ()),
    }
    with reading(office.engine) as session:
        return {
            name: int(
                session.connection()
                .execute(select(func.count()).select_from(source).where(*conditions))
                .scalar_one()
            )
            for name, (source, conditions) in queries.items()
        }

"""Sentences of a unit's own pages: what was just done, what a field is called, who a person is, what was told."""

from collections.abc import Callable

from locales.translator import Translator
from models.organisation import AccountRole
from models.paper import NoticeKind
from services.views.closed_unit_tasks import Kind


def _(sentence: str) -> str:
    """Mark a sentence for the catalogue; it is translated when a page is made."""
    return sentence


DONE = {
    "progress_reported": _("The progress report is filed."),
    "evidence_added": _("The evidence is kept. It goes with the next submission."),
    "submitted": _("The task is submitted for review."),
    "extension_asked": _("The request for more time is filed. Until it is answered the reminders wait."),
    "declined": _("The supervision office will decide whose task it is. Until then its clocks stand still."),
    "replied": _("The plan is sent."),
    "rectification_evidence_added": _("The evidence is kept."),
    "mended": _("The rectification is submitted for verification."),
    "all_read": _("Everything shown is marked as read."),
}
FIELDS = {
    "progress": _("Progress in per cent"),
    "text": _("Text"),
    "problem": _("What hinders"),
    "next_step": _("Next step"),
    "reason": _("Reason"),
    "proposed": _("New date"),
    "effective_on": _("The day it speaks of"),
    "evidence": _("Files"),
    "plan": _("Plan"),
    "report": _("What was put right"),
}
NOTICES = {
    NoticeKind.ASSIGNMENT: _("A task was handed to your unit"),
    NoticeKind.REMIND: _("Reminder"),
    NoticeKind.TELL_SUPERIOR: _("A unit below yours is late"),
    NoticeKind.LETTER: _("A letter was written"),
    NoticeKind.RETURNED: _("Your submission was returned"),
    NoticeKind.EXTENSION_DECIDED: _("Your request for more time was answered"),
    NoticeKind.DISPUTE_DECIDED: _("It was decided whose task it is"),
    NoticeKind.AMENDED: _("The task was changed"),
}
STEPS = {
    "ordered": _("Ordered by a circular"),
    "replied": _("Plan sent"),
    "submitted": _("Submitted for verification"),
    "verified": _("Verified and closed out"),
    "returned": _("Sent back"),
}
CLOSED_KINDS = {
    Kind.ALL: _("closed in all"),
    Kind.IN_TIME: _("accepted in time"),
    Kind.LATE: _("accepted late"),
    Kind.WITH_LEAD: _("closed with the lead unit"),
    Kind.WITHDRAWN: _("withdrawn"),
    Kind.RETURNED: _("returned on the way"),
    Kind.EXTENDED: _("given more time"),
}
PLACES = {
    "inbox": _("Inbox"),
    "letters_received": _("Letters"),
    "my_rectifications": _("Rectifications"),
    "closed_unit_tasks": _("Closed tasks"),
}
_ROLES = frozenset(role.value for role in AccountRole)


def unit_sayers(speaker: Translator) -> dict[str, Callable[[str], str]]:
    """The functions a template of these pages calls."""
    return {
        "notice_name": lambda kind: speaker.gettext(NOTICES[NoticeKind(kind)]),
        "closed_kind_name": lambda kind: speaker.gettext(CLOSED_KINDS[Kind(kind)]),
        "step_name": lambda what: speaker.gettext(STEPS[what]),
        "person_name": lambda name: speaker.word(AccountRole(name)) if name in _ROLES else name,
    }

"""Sentences that depend on a value: the name of a place, of what is asked next, of what was just done."""

from collections.abc import Callable

from domain.unit_task import Act
from locales.translator import Translator
from services.api_tokens import Scope
from services.views.my_unit_tasks import Asked
from web import draft_sentences, leader_sentences, office_sentences, unit_sentences, webhook_sentences


def _(sentence: str) -> str:
    """Mark a sentence for the catalogue; it is translated when a page is made."""
    return sentence


PLACES = {
    "home": _("Start"),
    "my_unit_tasks": _("My tasks"),
    **office_sentences.PLACES,
    **unit_sentences.PLACES,
    **leader_sentences.PLACES,
    **draft_sentences.PLACES,
    **webhook_sentences.PLACES,
}
ASKED = {
    Asked.REWORK: _("Returned: work to do again"),
    Asked.ACKNOWLEDGE: _("To acknowledge"),
    Asked.COMPLETE_OVERDUE: _("Overdue"),
    Asked.COMPLETE: _("To do"),
    Asked.HELP: _("To help with"),
    Asked.WAIT: _("Waiting for others"),
}
SCOPES = {
    Scope.READ: _("reading"),
    Scope.ACT: _("acting"),
}
DONE = {
    "saved": _("Saved."),
    "password_changed": _("The password is changed."),
    "factor_set": _("The second factor is in use."),
    "factor_dropped": _("The second factor is taken away."),
    "signed_out": _("Every other session has ended."),
    "token_ended": _("The token has ended."),
    "acknowledged": _("The task is acknowledged."),
    "password_set": _("The password is set: sign in with it."),
    **unit_sentences.DONE,
    **office_sentences.DONE,
    **draft_sentences.DONE,
    **webhook_sentences.DONE,
}
EVENTS = {
    Act.ASSIGN: _("Assigned"),
    Act.ACKNOWLEDGE: _("Acknowledged"),
    Act.REPORT_PROGRESS: _("Progress reported"),
    Act.SUBMIT: _("Submitted"),
    Act.ACCEPT: _("Accepted"),
    Act.RETURN_FOR_REWORK: _("Returned"),
    Act.ASK_EXTENSION: _("Extension asked for"),
    Act.GRANT_EXTENSION: _("Extension granted"),
    Act.REFUSE_EXTENSION: _("Extension refused"),
    Act.DECLINE: _("Declined as not ours"),
    Act.UPHOLD_DISPUTE: _("Dispute upheld: not this unit's task"),
    Act.REJECT_DISPUTE: _("Dispute rejected: it stays this unit's task"),
    "deadline": _("Deadline moved"),
    Act.SPOT_CHECK: _("Looked at again: stays accepted"),
    Act.REOPEN: _("Looked at again: open once more"),
}
FIELDS = {
    **unit_sentences.FIELDS,
    **office_sentences.FIELDS,
    **draft_sentences.FIELDS,
    **webhook_sentences.FIELDS,
}
"""What a form's field is called where it is named in a sentence."""


def field_label(speaker: Translator, name: str) -> str:
    """What the field is called on its form."""
    return speaker.gettext(FIELDS[name]) if name in FIELDS else name


def sayers(speaker: Translator) -> dict[str, Callable[..., str]]:
    """The functions a template calls: each from a value to its sentence; an unknown `done` says nothing."""
    return {
        "place_name": lambda value: speaker.gettext(PLACES[value]),
        "scope_name": lambda value: speaker.gettext(SCOPES[Scope(value)]),
        "asked_name": lambda value: speaker.gettext(ASKED[Asked(value)]),
        "event_name": lambda value: speaker.gettext(EVENTS[value]),
        "field_name": lambda name: field_label(speaker, name),
        "done_sentence": lambda value: speaker.gettext(DONE[value]) if value in DONE else "",
        **unit_sentences.unit_sayers(speaker),
        **leader_sentences.leader_sayers(speaker),
        **office_sentences.office_sayers(speaker),
        **draft_sentences.draft_sayers(speaker),
        **webhook_sentences.webhook_sayers(speaker),
    }

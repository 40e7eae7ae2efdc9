"""Sentences of the supervision office's and the administrator's pages: what waits, what went wrong, what was done."""

from collections.abc import Callable

from locales.translator import Translator
from services.on_behalf import PaperAct
from services.views.queue import Waiting
from web.rule_sentences import rule_sayers
from web.trail_sentences import trail_sayers


def _(sentence: str) -> str:
    """Mark a sentence for the catalogue; it is translated when a page is made."""
    return sentence


WAITING = {
    Waiting.REVIEW: _("Submissions to review"),
    Waiting.EXTENSION: _("Extension requests"),
    Waiting.DISPUTE: _("Disputes"),
    Waiting.RECTIFICATION: _("Rectifications to verify"),
    Waiting.LETTER: _("Letters to sign"),
    Waiting.MAIL: _("Mails that did not arrive"),
    Waiting.INCIDENT: _("Incidents"),
}
PAPERS = {
    PaperAct.ACKNOWLEDGE: _("It acknowledges the task"),
    PaperAct.REPORT_PROGRESS: _("It reports progress"),
    PaperAct.SUBMIT: _("It submits the task for review"),
}
INCIDENTS = {
    "calendar_gap": _("A job of the calendar was missed"),
    "mail_undeliverable": _("A mail did not arrive"),
    "outbox_parked": _("Something that had to follow an act could not be done"),
    "lease_expired": _("Work was left behind by a process that stopped"),
    "moment_missed": _("A moment passed without what was due"),
    "webhook": _("Another system does not take what it is told"),
    "workflow_broken": _("A workflow has stopped running"),
    "activity_failing": _("Work of the engine fails again and again"),
    "wake_up_refused": _("A step of the engine was refused"),
}
PLACES = {
    "queue": _("To decide"),
    "letter_register": _("Letters"),
    "rectification_ledger": _("Rectifications"),
    "telling": _("Who was told"),
    "trail": _("Trail"),
    "accounts": _("Accounts"),
    "organisation": _("Organisation"),
    "calendars": _("Calendars"),
    "policies": _("Ladders"),
    "system": _("System"),
}
DONE = {
    "accepted": _("The submission is accepted."),
    "returned": _("The submission is returned to the unit."),
    "extension_granted": _("The extension is granted."),
    "extension_refused": _("The extension is refused."),
    "dispute_upheld": _("The dispute is upheld."),
    "dispute_rejected": _("The dispute is rejected: the task stays with the unit."),
    "rectification_verified": _("The rectification is verified and closed out."),
    "rectification_returned": _("The rectification is sent back to the unit."),
    "letter_signed": _("The letter is signed. It goes out when its hold has passed."),
    "letter_taken_back": _("The letter is taken back and is not sent."),
    "account_changed": _("The account is changed."),
    "account_closed": _("The account is closed. Who was signed in with it is not any more."),
    "account_opened": _("The account is open again."),
    "sessions_ended": _("The account is signed out everywhere."),
    "factor_cleared": _("The second factor is taken away."),
    "paper_entered": _("The paper is entered for the unit, with its scan."),
    "incident_settled": _("The incident is closed."),
    "mail_sent_again": _("The mail will be sent again."),
    "test_mail_written": _(
        "The test mail is written. What becomes of it shows here; open the page again in a moment."
    ),
    "unit_added": _("The unit is added."),
    "unit_renamed": _("The unit is renamed."),
    "unit_abolished": _("The unit is no more. What it owed is owed by its successor."),
    "calendar_imported": _("The year is imported. Every deadline that waits is reckoned anew."),
    "spot_check_kept": _("The spot check is recorded: the task stays accepted."),
    "spot_check_reopened": _("The task is open again and returned to the unit."),
}
FIELDS = {
    "granted": _("New date"),
    "answer": _("Answer to the unit"),
    "note": _("What was done about it"),
    "accept": _("Decision"),
    "keep": _("Decision"),
    "login": _("Login"),
    "name": _("Post"),
    "role": _("Role"),
    "unit": _("Unit"),
    "email": _("E-mail"),
}


def office_sayers(speaker: Translator) -> dict[str, Callable[[str], str]]:
    """The functions the office's templates call; an incident of an unknown kind is called by its kind."""
    return {
        "waiting_name": lambda value: speaker.gettext(WAITING[Waiting(value)]),
        "paper_name": lambda value: speaker.gettext(PAPERS[PaperAct(value)]),
        **trail_sayers(speaker),
        **rule_sayers(speaker),
        "incident_name": lambda value: speaker.gettext(INCIDENTS[value]) if value in INCIDENTS else value,
    }

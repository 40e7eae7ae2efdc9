"""What the audit trail's words mean to a reader: each action and each kind of thing in a sentence of the office."""

from collections.abc import Callable

from locales.translator import Translator


def _(sentence: str) -> str:
    """Mark a sentence for the catalogue; it is translated when a page is made."""
    return sentence


ACTIONS = {
    "acknowledge": _("acknowledged"),
    "report_progress": _("reported progress"),
    "submit": _("submitted"),
    "add_evidence": _("gave evidence"),
    "accept": _("accepted"),
    "return_for_rework": _("returned"),
    "ask_extension": _("asked for more time"),
    "grant_extension": _("granted more time"),
    "refuse_extension": _("refused more time"),
    "decline": _("declined as not ours"),
    "uphold_dispute": _("upheld the dispute"),
    "reject_dispute": _("rejected the dispute"),
    "close_with_lead": _("closed with the lead unit"),
    "spot_check": _("looked at again and kept"),
    "reopen": _("looked at again and reopened"),
    "assign": _("handed out tasks"),
    "climb": _("climbed the ladder"),
    "close_item": _("closed the item"),
    "draft_directive": _("drafted a directive"),
    "amend_draft": _("amended the draft"),
    "add_item": _("added an item"),
    "edit_item": _("edited an item"),
    "split_item": _("split an item"),
    "merge_item": _("merged items"),
    "remove_item": _("removed an item"),
    "drop_section": _("left out a section"),
    "lead_section": _("gave a section its lead"),
    "set_frame": _("set the directive's frame"),
    "publish": _("published"),
    "take_back": _("took back"),
    "withdraw": _("withdrew"),
    "suspend": _("suspended"),
    "resume": _("resumed"),
    "close_directive": _("closed the directive"),
    "draft_letter": _("drafted a letter"),
    "letter_signed": _("signed the letter"),
    "letter_issued": _("issued the letter"),
    "letter_taken_back": _("took the letter back"),
    "letter_obsolete": _("the letter became needless"),
    "order_rectification": _("ordered a rectification"),
    "reply_rectification": _("replied with a plan"),
    "submit_rectification": _("submitted the rectification"),
    "verify_rectification": _("verified the rectification"),
    "return_rectification": _("sent the rectification back"),
    "write_bulletin": _("wrote a bulletin"),
    "read_notice": _("opened a notice"),
    "read_all_notices": _("marked all notices as read"),
    "sign_in": _("signed in"),
    "sign_out": _("signed out"),
    "set_password": _("set a password"),
    "change_password": _("changed the password"),
    "set_factor": _("took a second factor into use"),
    "drop_factor": _("took the second factor away"),
    "set_preferences": _("changed their preferences"),
    "end_other_sessions": _("signed out everywhere else"),
    "make_link": _("made a one-time link"),
    "make_links": _("made one-time links"),
    "make_token": _("made a token"),
    "end_token": _("ended a token"),
    "make_webhook": _("made a webhook"),
    "try_webhook": _("tried a webhook"),
    "end_webhook": _("ended a webhook"),
    "add_account": _("added the account"),
    "change_account": _("changed the account"),
    "close_account": _("closed the account"),
    "open_account": _("opened the account again"),
    "end_sessions": _("signed the account out"),
    "clear_factor": _("cleared the second factor"),
    "init_site": _("set the site up"),
    "import_organisation": _("imported the organisation"),
    "import_calendar": _("imported a calendar"),
    "add_unit": _("added the unit"),
    "rename_unit": _("renamed the unit"),
    "merge_unit": _("merged the unit into another"),
    "abolish_unit": _("abolished the unit"),
    "hand_over": _("handed over to the successor"),
    "send_mail_again": _("sent a mail again"),
    "settle_incident": _("settled an incident"),
    "write_test_mail": _("wrote a test mail"),
    "rotate_key": _("announced a new audit key"),
}
SUBJECTS = {
    "unit_task": _("unit task"),
    "directive": _("directive"),
    "item": _("item"),
    "letter": _("letter"),
    "rectification": _("rectification"),
    "account": _("account"),
    "accounts": _("accounts"),
    "unit": _("unit"),
    "site": _("site"),
    "calendar": _("calendar"),
    "notice": _("notice"),
    "mail": _("mail"),
    "incident": _("incident"),
    "bulletin": _("bulletin"),
    "webhook": _("webhook"),
    "audit_key": _("audit key"),
}


def trail_sayers(speaker: Translator) -> dict[str, Callable[[str], str]]:
    """The functions the trail's template calls; a word that is not known is shown as it stands."""

    def subject_name(value: str) -> str:
        kind, slash, text = value.partition("/")
        name = speaker.gettext(SUBJECTS[kind]) if kind in SUBJECTS else kind
        return f"{name} {text}" if slash else name

    return {
        "action_name": lambda value: (
            speaker.gettext(ACTIONS[value]) if value in ACTIONS else value.replace("_", " ")
        ),
        "subject_name": subject_name,
    }

"""Every act the API offers: its address, its service, its request, and who may do it. New acts get a row here.

A test walks all acts of the services: one that has neither a row here nor a reason in `NOT_OFFERED` fails it.
"""

from dataclasses import dataclass
from typing import Any

from models.organisation import AccountRole as Is
from services import (
    amendment_plan,
    amendments,
    directives,
    draft_edits,
    draft_fixes,
    draft_items,
    draft_sections,
    inbox,
    instructions,
    letters,
    rectifications,
    reviews,
    spot_checks,
    unit_tasks,
)
from services.transaction import Request

DECIDE = frozenset({Is.LEADER, Is.SUPERVISION_OFFICE})
LEADER = frozenset({Is.LEADER})
UNIT = frozenset({Is.UNIT_OFFICER, Is.UNIT_HEAD})


@dataclass(frozen=True)
class ApiAct:
    """One POST. Fields of the request that stand in the path are taken from there."""

    path: str
    act: Any
    request: type[Request]
    roles: frozenset[Is]

    @property
    def name(self) -> str:
        """The act's own name."""
        return str(self.act.__name__)


ACTS = (
    ApiAct("/directives", directives.draft_directive, directives.DraftDirective, DECIDE),
    ApiAct("/directives/{directive_id}/items/{position}", draft_fixes.amend_draft, draft_fixes.AmendDraft, DECIDE),
    ApiAct("/directives/{directive_id}/items", draft_items.add_item, draft_items.AddItem, DECIDE),
    ApiAct("/directives/{directive_id}/items/{item_id}/edit", draft_edits.edit_item, draft_edits.EditItem, DECIDE),
    ApiAct("/directives/{directive_id}/items/{item_id}/split", draft_items.split_item, draft_items.SplitItem, DECIDE),
    ApiAct("/directives/{directive_id}/items/{item_id}/merge", draft_items.merge_item, draft_items.OnDraftItem, DECIDE),
    ApiAct("/directives/{directive_id}/items/{item_id}/remove", draft_items.remove_item, draft_items.OnDraftItem, DECIDE),
    ApiAct("/directives/{directive_id}/drop-section", draft_sections.drop_section, draft_sections.OnSection, DECIDE),
    ApiAct("/directives/{directive_id}/lead-section", draft_sections.lead_section, draft_sections.LeadSection, DECIDE),
    ApiAct("/directives/{directive_id}/frame", draft_sections.set_frame, draft_sections.SetFrame, DECIDE),
    ApiAct("/directives/{directive_id}/items/{item_id}/amend", amendments.amend_item, amendment_plan.AmendItem, LEADER),
    ApiAct("/directives/{directive_id}/instruct", instructions.give_instruction, instructions.GiveInstruction, LEADER),
    ApiAct("/directives/{directive_id}/publish", directives.publish, directives.OnDirective, LEADER),
    ApiAct("/directives/{directive_id}/take-back", directives.take_back, directives.OnDirective, LEADER),
    ApiAct("/directives/{directive_id}/withdraw", directives.withdraw, directives.WithReason, LEADER),
    ApiAct("/directives/{directive_id}/suspend", directives.suspend, directives.WithReason, LEADER),
    ApiAct("/directives/{directive_id}/resume", directives.resume, directives.OnDirective, LEADER),
    ApiAct("/unit-tasks/{unit_task_id}/acknowledge", unit_tasks.acknowledge, unit_tasks.Acknowledge, UNIT),
    ApiAct("/unit-tasks/{unit_task_id}/report", unit_tasks.report_progress, unit_tasks.ReportProgress, UNIT),
    ApiAct("/unit-tasks/{unit_task_id}/submit", unit_tasks.submit, unit_tasks.Submit, UNIT),
    ApiAct("/unit-tasks/{unit_task_id}/ask-extension", unit_tasks.ask_extension, unit_tasks.AskExtension, UNIT),
    ApiAct("/unit-tasks/{unit_task_id}/decline", unit_tasks.decline, unit_tasks.Decline, UNIT),
    ApiAct("/unit-tasks/{unit_task_id}/review", reviews.review, reviews.ReviewSubmission, DECIDE),
    ApiAct("/unit-tasks/{unit_task_id}/spot-check", spot_checks.spot_check, spot_checks.CheckSpot, DECIDE),
    ApiAct("/extensions/{extension_id}/decide", reviews.decide_extension, reviews.DecideExtension, DECIDE),
    ApiAct("/disputes/{dispute_id}/decide", reviews.decide_dispute, reviews.DecideDispute, DECIDE),
    ApiAct("/letters/{letter_id}/sign", letters.sign_letter, letters.SignLetter, LEADER),
    ApiAct("/letters/{letter_id}/take-back", letters.take_back_letter, letters.TakeBackLetter, DECIDE),
    ApiAct("/notices/{notice_id}/read", inbox.read_notice, inbox.ReadNotice, DECIDE | UNIT),
    ApiAct("/notices/read", inbox.read_all_notices, inbox.ReadAllNotices, DECIDE | UNIT),
    ApiAct("/rectifications/{rectification_id}/reply", rectifications.reply_rectification, rectifications.ReplyRectification, UNIT),
    ApiAct("/rectifications/{rectification_id}/submit", rectifications.submit_rectification, rectifications.SubmitRectification, UNIT),
    ApiAct("/rectifications/{rectification_id}/verify", rectifications.verify_rectification, rectifications.VerifyRectification, DECIDE),
)  # fmt: skip
NOT_OFFERED = {
    "advance_directive": "the engine's own",
    "advance_item": "the engine's own",
    "advance_rectification": "the engine's own",
    "issue_letter": "the engine's own, when a hold has passed",
    "run_job": "the scheduler's own",
    "write_bulletin": "the relay's own",
    "init_site": "at the command line, before there is any account",
    "import_organisation": "at the command line, before there is any account",
    "import_calendar": "as a file at a page, or at the command line",
    "add_account": "an administrator manages accounts at a page, where links are shown once",
    "change_account": "on the same page",
    "close_account": "on the same page",
    "open_account": "on the same page",
    "end_sessions": "on the same page",
    "clear_factor": "on the same page",
    "keep_links": "the sheet of links comes once, as the answer to the import",
    "add_unit": "an administrator changes the organisation at a page that says what follows",
    "rename_unit": "on the same page",
    "abolish_unit": "on the same page",
    "enter_paper": "with a scan, by the supervision office at the page of the review",
    "send_mail_again": "a person looks at what went wrong, at its page",
    "settle_incident": "the same",
    "write_test_mail": "at the page of the system",
    "announce_key": "at the command line, where the key file lies",
    "submit_with_evidence": "for files of the command line's machine: upload each, then submit",
    "mend_with_evidence": "for files of the command line's machine: upload each, then submit",
    "change_password": "a person settles the account at its page",
    "set_factor": "a person settles the account at its page",
    "set_preferences": "a person settles the account at its page",
    "end_other_sessions": "a person settles the account at its page",
    "open_session": "what the sign-in page does",
    "end_session": "what the sign-in page does",
    "keep_link": "a page shows the link once",
    "set_password": "the page of a one-time link does it",
    "keep_token": "a token is made by a person at a page, so that no token makes tokens",
    "end_token": "on the same page",
    "keep_webhook": "a webhook leads out of the house: a person makes it at a page, where its secret is shown once",
    "try_webhook": "on the same page",
    "end_webhook": "on the same page",
    "add_evidence": "as an upload: POST /unit-tasks/{unit_task_id}/evidence",
    "add_pieces": "the same, of a page's form with several files",
}
"""Acts that no program may do, each with its reason."""

"""Who may open which route: one row a route. What of it a person sees, its place in the tree decides (services/access).

A route without a row cannot be opened by anybody; a test walks every route and every role.
"""

from enum import Enum

from models.organisation import AccountRole as Is
from web.api.table import ACTS

DECIDE = frozenset({Is.LEADER, Is.SUPERVISION_OFFICE})
LEADER = frozenset({Is.LEADER})
UNIT = frozenset({Is.UNIT_OFFICER, Is.UNIT_HEAD})
READ_ALL = DECIDE | {Is.AUDITOR, Is.APPRAISER}
READ = READ_ALL | UNIT
MANAGE = frozenset({Is.ADMINISTRATOR})
EVERY_ROLE = frozenset(Is)
Roles = frozenset[Is]


class Open(Enum):
    """To people who are not signed in as well."""

    TO_ALL = "to all"


API_READS = (
    "api_description",
    "api_me",
    "api_list_directives",
    "api_list_items",
    "api_list_unit_tasks",
    "api_list_letters",
    "api_list_rectifications",
    "api_list_notices",
    "api_list_evidence",
    "api_evidence",
)
RIGHTS: dict[str, Roles | Open] = {
    "healthz": Open.TO_ALL,
    "readyz": Open.TO_ALL,
    "static": Open.TO_ALL,
    "sign_in": Open.TO_ALL,
    "sign_in_post": Open.TO_ALL,
    "oidc": Open.TO_ALL,
    "oidc_back": Open.TO_ALL,
    "first_password": Open.TO_ALL,
    "first_password_post": Open.TO_ALL,
    "language_post": Open.TO_ALL,
    "home": EVERY_ROLE,
    "sign_out_post": EVERY_ROLE,
    "account": EVERY_ROLE,
    "preferences_post": EVERY_ROLE,
    "password_post": EVERY_ROLE,
    "factor_post": EVERY_ROLE,
    "factor_drop_post": EVERY_ROLE,
    "end_sessions_post": EVERY_ROLE,
    "token_post": EVERY_ROLE,
    "end_token_post": EVERY_ROLE,
    "my_unit_tasks": UNIT,
    "unit_task": READ,
    "acknowledge_post": UNIT,
    "report_progress_post": UNIT,
    "add_evidence_post": UNIT,
    "evidence": READ,
    "submit_post": UNIT,
    "ask_extension_post": UNIT,
    "decline_post": UNIT,
    "inbox": READ,
    "notice": READ,
    "read_all_notices_post": DECIDE | UNIT,
    "letters_received": UNIT,
    "letter": READ,
    "my_rectifications": UNIT,
    "rectification": READ,
    "reply_rectification_post": UNIT,
    "add_rectification_evidence_post": UNIT,
    "submit_rectification_post": UNIT,
    "closed_unit_tasks": UNIT,
    "queue": DECIDE,
    "overview": READ_ALL,
    "directives": READ,
    "directive": READ,
    "matrix": READ,
    "unit_tasks": READ,
    "export_unit_tasks": READ,
    "review": READ_ALL,
    "review_post": DECIDE,
    "decide_extension_post": DECIDE,
    "decide_dispute_post": DECIDE,
    "spot_check_post": DECIDE,
    "enter_paper_post": frozenset({Is.SUPERVISION_OFFICE}),
    "letter_register": READ_ALL,
    "export_letters": READ_ALL,
    "sign_letter_post": DECIDE,
    "take_back_letter_post": DECIDE,
    "rectification_ledger": READ_ALL,
    "export_rectifications": READ_ALL,
    "verify_rectification_post": DECIDE,
    "telling": READ_ALL,
    "trail": READ_ALL | MANAGE,
    "incident": DECIDE | MANAGE,
    "settle_incident_post": DECIDE | MANAGE,
    "mail": READ_ALL | MANAGE,
    "send_mail_again_post": DECIDE | MANAGE,
    "system": MANAGE,
    "write_test_mail_post": MANAGE,
    "accounts": MANAGE,
    "add_account_post": MANAGE,
    "import_accounts_post": MANAGE,
    "account_admin": MANAGE,
    "change_account_post": MANAGE,
    "make_link_post": MANAGE,
    "close_account_post": MANAGE,
    "open_account_post": MANAGE,
    "sign_out_account_post": MANAGE,
    "clear_factor_post": MANAGE,
    "new_directive": DECIDE,
    "upload_document_post": DECIDE,
    "paste_document_post": DECIDE,
    "paste_table_post": DECIDE,
    "empty_draft_post": DECIDE,
    "draft": DECIDE,
    "edit_item_post": DECIDE,
    "split_item_post": DECIDE,
    "merge_item_post": DECIDE,
    "remove_item_post": DECIDE,
    "add_item_post": DECIDE,
    "section_post": DECIDE,
    "frame_post": DECIDE,
    "preview": DECIDE,
    "publish_post": LEADER,
    "course": DECIDE,
    "course_change": LEADER,
    "course_change_post": LEADER,
    "amend": LEADER,
    "check_amendment_post": LEADER,
    "amend_post": LEADER,
    "instructions": DECIDE,
    "instruct": LEADER,
    "instruct_post": LEADER,
    "webhooks": MANAGE,
    "webhook_post": MANAGE,
    "try_webhook_post": MANAGE,
    "end_webhook_post": MANAGE,
    "api_add_evidence": UNIT,
    **dict.fromkeys(API_READS, EVERY_ROLE),
    **{f"api_{row.name}": row.roles for row in ACTS},
}

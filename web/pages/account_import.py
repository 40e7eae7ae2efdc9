"""The whole organisation read from a file, each of its accounts with a one-time link, on a sheet that comes once."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import APIRouter, File, Request, Response, UploadFile

from domain.errors import DubanError
from domain.organisation import OrganisationPlan
from intake.organisation import MOST_BYTES, read_organisation
from models.organisation import AccountRole
from services.account_admin import make_links
from services.setup import ImportOrganisation, import_organisation
from services.views.account_list import account_ids, logins_of
from web.exports import SheetForm, sheet_answer
from web.guard import GuardedRoute, me_of
from web.pages.accounts import AccountsAsked, link_of, show_accounts
from web.render import speaker_of
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)


@router.post("/accounts/import", name="import_accounts_post")
def import_accounts_post(request: Request, file: Annotated[UploadFile, File()]) -> Response:
    """All of it or nothing; the answer is the sheet of links."""
    site, me = site_of(request), me_of(request)
    try:
        plan = _read(file)
        import_organisation(site.office, me.actor, site.clock(), ImportOrganisation(plan=plan))
    except DubanError as error:
        return show_accounts(request, AccountsAsked(), sent="import", error=error)
    tokens = make_links(site.office, me.actor, site.clock(), account_ids(site.office))
    _ = speaker_of(request).gettext
    headers = [_("login"), _("role"), _("unit"), _("code"), _("one-time link")]
    return sheet_answer(_("Accounts and links"), headers, _lines(request, tokens), SheetForm.XLSX)


def _read(file: UploadFile) -> OrganisationPlan:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "organisation"
        path.write_bytes(file.file.read(MOST_BYTES + 1))
        return read_organisation(path)


def _lines(request: Request, tokens: dict[int, str]) -> Iterator[list[Any]]:
    speaker = speaker_of(request)
    for row in logins_of(site_of(request).office, tuple(tokens)):
        role = speaker.word(AccountRole(row.role))
        yield [row.login, role, row.unit or "", row.code or "", link_of(request, tokens[row.id])]

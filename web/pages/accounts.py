"""Accounts: who may sign in as what; added, changed, closed, signed out, given one-time links."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any, ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from domain.errors import DubanError, NotFoundError
from models.organisation import AccountRole
from services import account_admin
from services.account_admin import AddAccount, ChangeAccount, OnAccount
from services.accounts import unit_called
from services.one_time_links import make_link
from services.sites import find_site
from services.transaction import OfficeAct
from services.views.account_list import AccountFilter, AccountList, AccountView, account_list, account_view
from web.answers import perform, request_from
from web.guard import GuardedRoute, me_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
Key = Annotated[str, Form(max_length=100)]
Field = Annotated[str, Form(max_length=300)]


@dataclass(frozen=True)
class AccountsAsked:
    """The filters as they stand in the address."""

    text: Annotated[str, Query(max_length=200)] = ""
    role: Annotated[str, Query(max_length=40)] = ""
    closed: bool = False

    @property
    def query(self) -> str:
        """Those that say something, as they stand in an address."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


@dataclass(frozen=True)
class AccountForm:
    """What is typed about an account; `unit` is its code or name."""

    name: Field = ""
    role: Field = ""
    unit: Field = ""
    email: Field = ""
    language: Field = ""
    wants_mail: Annotated[bool, Form()] = False

    @property
    def typed(self) -> dict[str, str]:
        """To be shown again."""
        return {name: str(value) for name, value in asdict(self).items()}


@dataclass(frozen=True, kw_only=True)
class AccountsPage(Page):
    """The list. `can_import`: the site has no organisation yet, so it is imported here with its accounts."""

    template: ClassVar[str] = "accounts.html"
    found: AccountList
    asked: AccountsAsked
    can_import: bool
    roles: tuple[AccountRole, ...] = tuple(AccountRole)


@dataclass(frozen=True, kw_only=True)
class AccountPage(Page):
    """One account; `link` is a fresh one, shown this once."""

    template: ClassVar[str] = "account_admin.html"
    view: AccountView
    link: str = ""
    own: bool = False
    roles: tuple[AccountRole, ...] = tuple(AccountRole)


@router.get("/accounts", name="accounts")
def accounts_page(
    request: Request,
    asked: Annotated[AccountsAsked, Depends()],
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    done: str = "",
) -> Response:
    """All of them, narrowed by the address."""
    return show_accounts(request, asked, after=after, done=done)


@router.post("/accounts/add", name="add_account_post")
def add_account_post(
    request: Request, form: Annotated[AccountForm, Depends()], login: Field = "", key: Key = ""
) -> Response:
    """A new account, and at once the link with which it sets its password."""
    site, me = site_of(request), me_of(request)
    try:
        asked = request_from(AddAccount, _fields(request, form) | {"login": login})
        made = account_admin.add_account(site.office, me.actor, site.clock(), asked, key=key or None)
    except DubanError as error:
        return show_accounts(
            request, AccountsAsked(), sent="add", error=error, typed=form.typed | {"login": login}
        )
    return _with_link(request, int(made["account_id"]))


@router.get("/accounts/{account_id}", name="account_admin")
def account_page(request: Request, account_id: int, done: str = "") -> Response:
    """One account."""
    return _show(request, account_id, done=done)


@router.post("/accounts/{account_id}/change", name="change_account_post")
def change_account_post(
    request: Request, account_id: int, form: Annotated[AccountForm, Depends()], key: Key = ""
) -> Response:
    """Another role, unit, address or language; in force at the account's next request."""

    def again(error: DubanError, typed: dict[str, str]) -> Response:  # noqa: ARG001 -- what was typed is in the form
        return _show(request, account_id, sent="change", error=error, typed=form.typed)

    try:
        fields = _fields(request, form)
    except DubanError as error:
        return again(error, {})
    return perform(
        request,
        account_admin.change_account,
        ChangeAccount,
        fields | {"account_id": account_id},
        to=f"/accounts/{account_id}",
        done="account_changed",
        again=again,
        key=key,
    )


@router.post("/accounts/{account_id}/link", name="make_link_post")
def make_link_post(request: Request, account_id: int) -> Response:
    """A fresh link, shown once; older ones no longer work."""
    return _with_link(request, account_id)


@router.post("/accounts/{account_id}/close", name="close_account_post")
def close_account_post(request: Request, account_id: int, key: Key = "") -> Response:
    """Nobody signs in with it any more; who is signed in is not any more."""
    return _on(request, account_admin.close_account, account_id, "account_closed", key)


@router.post("/accounts/{account_id}/open", name="open_account_post")
def open_account_post(request: Request, account_id: int, key: Key = "") -> Response:
    """A closed one can sign in again."""
    return _on(request, account_admin.open_account, account_id, "account_opened", key)


@router.post("/accounts/{account_id}/end-sessions", name="sign_out_account_post")
def sign_out_account_post(request: Request, account_id: int, key: Key = "") -> Response:
    """Signed out everywhere."""
    return _on(request, account_admin.end_sessions, account_id, "sessions_ended", key)


@router.post("/accounts/{account_id}/clear-factor", name="clear_factor_post")
def clear_factor_post(request: Request, account_id: int, key: Key = "") -> Response:
    """The device of its second factor was lost."""
    return _on(request, account_admin.clear_factor, account_id, "factor_cleared", key)


def _on(request: Request, act: OfficeAct[Any], account_id: int, done: str, key: str) -> Response:
    return perform(
        request,
        act,
        OnAccount,
        {"account_id": account_id},
        to=f"/accounts/{account_id}",
        done=done,
        again=lambda error, typed: _show(request, account_id, error=error, typed=typed),
        key=key,
    )


def _fields(request: Request, form: AccountForm) -> dict[str, Any]:
    """The fields of the request. Raises NotFoundError or InvalidInputError for a unit nobody is called."""
    unit = unit_called(site_of(request).office, form.unit.strip()).id if form.unit.strip() else None
    fields = asdict(form) | {"unit_id": unit}
    del fields["unit"]
    return fields


def _with_link(request: Request, account_id: int) -> Response:
    """The account's page with a fresh link. The answer to a form, so it comes once and is kept nowhere."""
    site, me = site_of(request), me_of(request)
    try:
        token = make_link(site.office, me.actor, site.clock(), account_id)
    except NotFoundError:
        raise
    except DubanError as error:
        return _show(request, account_id, error=error)
    return _show(request, account_id, link=link_of(request, token))


def link_of(request: Request, token: str) -> str:
    """Where a link is opened: at the address by which the administrator reached this page."""
    return str(request.url_for("first_password", token=token))


def _show(request: Request, account_id: int, *, link: str = "", **shown: Any) -> Response:
    site = site_of(request)
    view = account_view(site.office, site.clock(), account_id)
    own = account_id == me_of(request).actor.account_id
    return render(request, AccountPage(view=view, link=link, own=own, **shown))


def show_accounts(request: Request, asked: AccountsAsked, *, after: int = 0, **shown: Any) -> Response:
    """The list as it was `asked` for, with what is left of a form that came back."""
    site = site_of(request)
    wanted = AccountFilter(asked.text.strip(), asked.role, asked.closed)
    found = account_list(site.office, site.clock(), wanted, after)
    here = find_site(site.office)
    can_import = here is not None and here.root_unit_id is None
    return render(request, AccountsPage(found=found, asked=asked, can_import=can_import, **shown))

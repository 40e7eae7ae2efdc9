"""The reader's own account: password, second factor, language, mails, sessions, and tokens for programs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import segno
from fastapi import APIRouter, Form, Request, Response

from domain.errors import DubanError
from services import own_account
from services.api_tokens import EndToken, Scope, WantedToken, end_token, make_token, tokens_of
from services.own_account import EndOthers, SetPreferences
from web.answers import go, perform, request_from
from web.guard import GuardedRoute, me_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
HERE = "/account"
SQUARE = 5
Password = Annotated[str, Form(max_length=500)]


@dataclass(frozen=True, kw_only=True)
class AccountPage(Page):
    """`token` is a fresh one, shown this once; `secret` one that waits for its first code, `square` its picture."""

    template: ClassVar[str] = "account.html"
    login: str
    language: str
    wants_mail: bool
    has_password: bool
    has_factor: bool
    sessions: Sequence[Any]
    this_session: int
    tokens: Sequence[Any]
    token: str = ""
    secret: str = ""
    square: str = ""


@router.get(HERE, name="account")
def account(request: Request, done: str = "") -> Response:
    """Show it."""
    return _show(request, done=done)


@router.post("/account/preferences", name="preferences_post")
def preferences_post(
    request: Request,
    language: Annotated[str, Form(max_length=10)] = "",
    wants_mail: Annotated[bool, Form()] = False,
) -> Response:
    """Language and mails."""
    fields = {"language": language, "wants_mail": wants_mail}
    return perform(
        request,
        own_account.set_preferences,
        SetPreferences,
        fields,
        to=HERE,
        done="saved",
        again=_again(request),
    )


@router.post("/account/password", name="password_post")
def password_post(request: Request, old: Password = "", new: Password = "") -> Response:
    """Another password; every other session ends."""
    return _try(
        request,
        "password_changed",
        lambda site, me: own_account.change_own_password(site.office, me, site.clock(), old, new),
    )


@router.post("/account/factor", name="factor_post")
def factor_post(
    request: Request,
    secret: Annotated[str, Form(max_length=64, pattern="^[A-Z2-7]*$")] = "",
    code: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """A second factor: first its secret is shown, then its first code is asked for."""
    if not secret:
        return _show(request, secret=own_account.fresh_secret())
    site, me = site_of(request), me_of(request)
    try:
        own_account.confirm_factor(site.office, me, site.clock(), secret, code)
    except DubanError as error:
        return _show(request, error=error, secret=secret)
    return go(HERE, "factor_set")


@router.post("/account/factor/drop", name="factor_drop_post")
def factor_drop_post(request: Request, password: Password = "") -> Response:
    """Take the second factor away."""
    return _try(
        request,
        "factor_dropped",
        lambda site, me: own_account.drop_factor(site.office, me, site.clock(), password),
    )


@router.post("/account/sessions/end", name="end_sessions_post")
def end_sessions_post(request: Request) -> Response:
    """Sign out everywhere else."""
    fields = {"session_id": me_of(request).session_id}
    return perform(
        request,
        own_account.end_other_sessions,
        EndOthers,
        fields,
        to=HERE,
        done="signed_out",
        again=_again(request),
    )


@router.post("/account/tokens", name="token_post")
def token_post(
    request: Request,
    name: Annotated[str, Form(max_length=80)] = "",
    may_act: Annotated[bool, Form()] = False,
    days: Annotated[str, Form(max_length=5)] = "90",
) -> Response:
    """A token for a program of the reader's; it is shown on this one answer."""
    site, me = site_of(request), me_of(request)
    scopes = (Scope.READ, Scope.ACT) if may_act else (Scope.READ,)
    try:
        wanted: WantedToken = request_from(WantedToken, {"name": name, "scopes": scopes, "days": days})
        token = make_token(site.office, me.actor, site.clock(), wanted)
    except DubanError as error:
        return _show(request, error=error, typed={"name": name, "days": days})
    return _show(request, token=token)


@router.post("/account/tokens/{token_id}/end", name="end_token_post")
def end_token_post(request: Request, token_id: int) -> Response:
    """A token that is good no longer."""
    return perform(
        request,
        end_token,
        EndToken,
        {"token_id": token_id},
        to=HERE,
        done="token_ended",
        again=_again(request),
    )


def _again(request: Request) -> Callable[[DubanError, dict[str, str]], Response]:
    return lambda error, typed: _show(request, error=error, typed=typed)


def _try(request: Request, done: str, do: Callable[[Any, Any], None]) -> Response:
    """Do it; what is refused is said on the page, without what was typed: it was a password."""
    try:
        do(site_of(request), me_of(request))
    except DubanError as error:
        return _show(request, error=error)
    return go(HERE, done)


def _show(request: Request, **more: Any) -> Response:
    site, me = site_of(request), me_of(request)
    assert me.actor.account_id is not None
    secret = more.get("secret", "")
    page = AccountPage(
        login=me.login,
        language=me.language,
        wants_mail=own_account.wants_mail(site.office, me),
        has_password=own_account.has_password(site.office, me),
        has_factor=own_account.has_factor(site.office, me),
        sessions=own_account.open_sessions(site.office, me, site.clock()),
        this_session=me.session_id,
        tokens=tokens_of(site.office, me.actor.account_id),
        square=_square(own_account.address_of_secret(secret, me.login, site.name)) if secret else "",
        **more,
    )
    return render(request, page)


def _square(text: str) -> str:
    """A QR code as an address that holds the picture itself."""
    return segno.make(text, micro=False).png_data_uri(scale=SQUARE)

"""The front door: signing in and out, the first password, the language, and where each person starts."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from domain.errors import DubanError
from locales.translator import LANGUAGES
from models.organisation import AccountRole
from services.one_time_links import login_of_link, use_link
from services.sign_in import Attempt, EndSession, end_session, find_session, sign_in
from web.guard import Cookies, GuardedRoute, me_of
from web.kept import Kept, kept_from, own_path
from web.render import LANGUAGE_COOKIE, Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
STARTS = {
    AccountRole.UNIT_OFFICER: "/my/unit-tasks",
    AccountRole.UNIT_HEAD: "/my/unit-tasks",
    AccountRole.SUPERVISION_OFFICE: "/queue",
    AccountRole.LEADER: "/overview",
    AccountRole.AUDITOR: "/overview",
    AccountRole.APPRAISER: "/overview",
    AccountRole.ADMINISTRATOR: "/accounts",
}
"""Where a role's day begins."""


@dataclass(frozen=True, kw_only=True)
class SignInPage(Page):
    """`next` is the page of ours that was asked for; `kept` what was typed into it when the session ended."""

    template: ClassVar[str] = "sign_in.html"
    next: str = "/"
    ended: bool = False
    kept: Kept | None = None


@dataclass(frozen=True, kw_only=True)
class SendAgainPage(Page):
    """What was typed while nobody was signed in any more, ready to go where it was to go."""

    template: ClassVar[str] = "send_again.html"
    kept: Kept


@dataclass(frozen=True, kw_only=True)
class FirstPasswordPage(Page):
    """The link's `login` chooses its password."""

    template: ClassVar[str] = "first_password.html"
    login: str
    token: str


@router.get("/", name="home")
def home(request: Request) -> Response:
    """Where the day of this person's role begins."""
    return RedirectResponse(STARTS.get(me_of(request).role, "/directives"), 303)


@router.get("/sign-in", name="sign_in")
def sign_in_page(request: Request, next: str = "/", ended: bool = False) -> Response:  # noqa: A002 -- the address's own word
    """The form."""
    return render(request, SignInPage(next=own_path(next), ended=ended))


@router.post("/sign-in", name="sign_in_post")
def sign_in_post(  # noqa: PLR0913, PLR0917 -- a form's fields
    request: Request,
    login: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=500)] = "",
    code: Annotated[str, Form(max_length=20)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002 -- the form's own word
    kept: Annotated[str, Form()] = "",
) -> Response:
    """Open a session under a fresh token; what was kept of a form is shown to be sent again."""
    again = kept_from(kept)
    site = site_of(request)
    address = request.client.host if request.client else ""
    try:
        token = sign_in(site.office, site.clock(), Attempt(login.strip(), password, code, address))
    except DubanError as error:
        return render(
            request, SignInPage(next=own_path(next), error=error, typed={"login": login}, kept=again)
        )
    answer: Response = RedirectResponse(own_path(next), 303)
    if again is not None:
        request.state.me = find_session(site.office, site.clock(), token)
        answer = render(request, SendAgainPage(kept=again))
    cookie = Cookies(site.secure).session
    answer.set_cookie(cookie, token, httponly=True, secure=site.secure, samesite="lax", path="/")
    return answer


def after_the_session(request: Request, kept: Kept) -> Response:
    """The sign-in in the place of an answer to a form, holding what was typed into it."""
    return render(request, SignInPage(next=kept.back, ended=True, kept=kept), 401)


def to_send_again(request: Request, kept: Kept, error: DubanError) -> Response:
    """The form once more, under the token of the session there is now."""
    return render(request, SendAgainPage(kept=kept, error=error), 403)


@router.post("/sign-out", name="sign_out_post")
def sign_out_post(request: Request) -> Response:
    """End the session; its token opens nothing any more."""
    site, me = site_of(request), me_of(request)
    end_session(site.office, me.actor, site.clock(), EndSession(session_id=me.session_id))
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(Cookies(site.secure).session, path="/", secure=site.secure, httponly=True)
    return answer


@router.get("/first-password/{token}", name="first_password")
def first_password(request: Request, token: str) -> Response:
    """The form of a one-time link."""
    site = site_of(request)
    return render(
        request, FirstPasswordPage(login=login_of_link(site.office, site.clock(), token), token=token)
    )


@router.post("/first-password/{token}", name="first_password_post")
def first_password_post(
    request: Request,
    token: str,
    password: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Set the password, and on to the sign-in."""
    site = site_of(request)
    login = login_of_link(site.office, site.clock(), token)
    try:
        use_link(site.office, site.clock(), token, password)
    except DubanError as error:
        return render(request, FirstPasswordPage(login=login, token=token, error=error))
    return RedirectResponse("/sign-in?done=password_set", 303)


@router.post("/language", name="language_post")
def language_post(
    request: Request,
    language: Annotated[str, Form(max_length=10)] = "",
    back: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """The language of the frame in this browser."""
    answer = RedirectResponse(own_path(back), 303)
    if language in LANGUAGES:
        secure = site_of(request).secure
        answer.set_cookie(
            LANGUAGE_COOKIE, language, max_age=31_536_000, secure=secure, samesite="lax", path="/"
        )
    return answer

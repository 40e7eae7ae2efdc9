"""Signing in through the identity provider: the way there, and the way back."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from domain.errors import DubanError, NotFoundError, RefusedError
from services.oidc import LONGEST_WAY, OnTheWay, come_back, open_session_of, set_out
from web.guard import Cookies, GuardedRoute
from web.identity import BACK, IdentityProvider
from web.kept import own_path
from web.pages.front import SignInPage
from web.render import render
from web.site import WebSite, site_of

router = APIRouter(route_class=GuardedRoute)


@router.get("/sign-in/oidc", name="oidc")
def oidc(request: Request, next: str = "/") -> Response:  # noqa: A002 -- the address's own word
    """To the provider; a cookie ties what comes back to this browser."""
    site, provider = site_of(request), _provider(site_of(request))
    asked_for = own_path(next[:2000])
    token, way = set_out(site.office, site.clock(), asked_for)
    try:
        there = provider.address_for(way)
    except DubanError as error:
        return render(request, SignInPage(next=asked_for, error=error))
    answer = RedirectResponse(there, 303)
    seconds = int(LONGEST_WAY.total_seconds())
    cookie = Cookies(site.secure).on_the_way
    # Lax, not strict: the way back begins at the provider, and the cookie must come along.
    answer.set_cookie(
        cookie, token, max_age=seconds, httponly=True, secure=site.secure, samesite="lax", path="/"
    )
    return answer


@router.get(BACK, name="oidc_back")
def oidc_back(request: Request, code: str = "", state: str = "", iss: str = "") -> Response:
    """From the provider: a session for the account whose login it says, or the sign-in page with one plain sentence."""
    site, provider = site_of(request), _provider(site_of(request))
    cookies = Cookies(site.secure)
    way = come_back(site.office, site.clock(), request.cookies.get(cookies.on_the_way, ""), state)
    try:
        session = _session(site, provider, way, code=code, iss=iss)
    except DubanError as error:
        answer: Response = render(request, SignInPage(next=way.next if way else "/", error=error))
    else:
        answer = RedirectResponse(own_path(way.next if way else "/"), 303)
        answer.set_cookie(
            cookies.session, session, httponly=True, secure=site.secure, samesite="lax", path="/"
        )
    answer.delete_cookie(cookies.on_the_way, path="/", secure=site.secure, httponly=True)
    return answer


def _session(site: WebSite, provider: IdentityProvider, way: OnTheWay | None, *, code: str, iss: str) -> str:
    """The token of a new session. An answer that names another issuer is for somebody else (RFC 9207)."""
    if way is None or not code or iss not in ("", provider.issuer):
        raise RefusedError("The sign-in through the identity provider did not succeed.")
    return open_session_of(site.office, site.clock(), provider.login_of(code, way))


def _provider(site: WebSite) -> IdentityProvider:
    if site.oidc is None:
        raise NotFoundError("There is no such page.")
    return site.oidc

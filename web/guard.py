"""The one door: who is it, may they open this route, is the form really ours. It is passed before a body is read."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from domain.errors import DubanError, NotFoundError
from services.sign_in import SignedIn, find_session
from services.transaction import LARGEST
from web.limits import limited
from web.rights import RIGHTS, Open
from web.site import site_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class NotSignedInError(Exception):
    """Nobody is signed in, or not any more."""


class ForbiddenError(DubanError):
    """The door stays shut: the wrong role, or a form that is not ours."""


class StaleFormError(ForbiddenError):
    """The form bears no token of this session: it stood open while another one began, or it is not ours."""


@dataclass(frozen=True)
class Cookies:
    """The names of the cookies; with https they are bound to this host alone (RFC 6265bis, `__Host-`)."""

    secure: bool

    @property
    def session(self) -> str:
        """Carries the token of the session."""
        return "__Host-duban" if self.secure else "duban"

    @property
    def on_the_way(self) -> str:
        """Ties the answer of the identity provider to the browser that was sent there."""
        return "__Host-duban-oidc" if self.secure else "duban-oidc"


class GuardedRoute(APIRoute):
    """A route that is opened only through the door."""

    def get_route_handler(self) -> Handler:
        """The handler behind the door."""
        behind = super().get_route_handler()

        async def handler(request: Request) -> Response:
            await _admit(request, self.name)
            return await behind(request)

        return handler


def me_of(request: Request) -> SignedIn:
    """Who is signed in, on a route that needs it."""
    me: SignedIn | None = request.state.me
    if me is None:
        raise NotSignedInError
    return me


async def _admit(request: Request, route: str) -> None:
    right = RIGHTS[route]
    if any(str(value).isdecimal() and int(value) > LARGEST for value in request.path_params.values()):
        raise NotFoundError("There is no such page.")
    request.state.me = me = await run_in_threadpool(_session, request)
    limited(request, known=me is not None)
    if request.method not in SAFE:
        _check_origin(request)
    if right is not Open.TO_ALL:
        if me is None:
            raise NotSignedInError
        if me.role not in right:
            raise ForbiddenError("Your account has not the right to open this page.")
    if request.method not in SAFE and me is not None and right is not Open.TO_ALL:
        await _check_token(request, me)


def _session(request: Request) -> SignedIn | None:
    site = site_of(request)
    token = request.cookies.get(Cookies(site.secure).session, "")
    return find_session(site.office, site.clock(), token) if token else None


def is_surely_ours(request: Request) -> bool:
    """Whether the browser says that the form came from a page of ours; an old one says nothing."""
    origin = request.headers.get("origin")
    return request.headers.get("sec-fetch-site") == "same-origin" or (
        origin is not None and urlsplit(origin).netloc == request.headers.get("host", "")
    )


def _check_origin(request: Request) -> None:
    """A form of another site is turned away, whether or not somebody is signed in (login CSRF as well)."""
    fetched = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    same = origin is None or urlsplit(origin).netloc == request.headers.get("host", "")
    if fetched not in ("same-origin", "none") or not same:
        raise ForbiddenError("This form came from another site.")


async def _check_token(request: Request, me: SignedIn) -> None:
    """The session's own token, in the form or, for scripts, in a header."""
    given = request.headers.get("x-csrf") or ""
    if not given:
        form = await request.form()
        value = form.get("csrf")
        given = value if isinstance(value, str) else ""
    if not compare_digest(given.encode(), me.csrf.encode()):
        await request.close()
        raise StaleFormError("This form is too old or not ours: open the page again.")

"""The door of the API: a token instead of a session, and its scope for each route. No cookie opens it."""

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from domain.errors import NotFoundError
from services.api_tokens import Bearer, Scope, find_bearer
from services.transaction import LARGEST
from web.guard import SAFE, ForbiddenError, Handler, NotSignedInError
from web.limits import limited
from web.rights import RIGHTS, Open
from web.site import site_of

PREFIX = "bearer "


class BearerRoute(APIRoute):
    """A route that a token opens: `read` for what only looks, `act` for the rest."""

    def get_route_handler(self) -> Handler:
        """The handler behind the door."""
        behind = super().get_route_handler()

        async def handler(request: Request) -> Response:
            bearer = await run_in_threadpool(_bearer, request)
            limited(request, known=True)
            request.state.me = bearer.me
            _check(bearer, self.name, Scope.READ if request.method in SAFE else Scope.ACT)
            if any(str(v).isdecimal() and int(v) > LARGEST for v in request.path_params.values()):
                raise NotFoundError("There is no such page.")
            return await behind(request)

        return handler


def _bearer(request: Request) -> Bearer:
    given = request.headers.get("authorization", "")
    site = site_of(request)
    token = given[len(PREFIX) :].strip() if given.lower().startswith(PREFIX) else ""
    found = find_bearer(site.office, site.clock(), token) if token else None
    if found is None:
        raise NotSignedInError
    return found


def _check(bearer: Bearer, route: str, scope: Scope) -> None:
    right = RIGHTS[route]
    if right is not Open.TO_ALL and bearer.me.role not in right:
        raise ForbiddenError("Your account has not the right to open this page.")
    if scope not in bearer.scopes:
        raise ForbiddenError(
            "This token is not good for that: it needs the scope %(scope)s.", scope=scope.value
        )

"""The web application: its routes behind one door, its errors as pages, its headers on every answer."""

from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from domain.errors import DubanError, InvalidInputError, NotFoundError
from web.api.app import create_api
from web.guard import ForbiddenError, NotSignedInError
from web.headers import SecurityHeaders
from web.limits import TooLargeError
from web.pages import (
    account,
    closed_unit_tasks,
    course,
    drafts,
    evidence,
    front,
    inbox,
    letters_received,
    new_directive,
    preview,
    queue,
    rectifications,
    reviews,
    unit_tasks,
)
from web.pages.problem import problem_page
from web.probes import router as probes
from web.site import WebSite

STATIC = Path(__file__).parent / "static"
STATUS: dict[type[Exception], int] = {NotFoundError: 404, ForbiddenError: 403, TooLargeError: 413}
ROUTERS = (
    probes,
    front.router,
    account.router,
    unit_tasks.router,
    evidence.router,
    inbox.router,
    letters_received.router,
    rectifications.router,
    closed_unit_tasks.router,
    queue.router,
    reviews.router,
    new_directive.router,
    drafts.router,
    preview.router,
    course.router,
)


def create_app(site: WebSite) -> FastAPI:
    """The application over a site. It serves no page that loads anything from elsewhere."""
    app = FastAPI(title="Duban", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.site = site
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/api/v1", create_api(site), name="api")
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(NotSignedInError, _to_sign_in)
    for kind in (DubanError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _problem)
    app.add_middleware(SecurityHeaders, secure=site.secure)
    return app


def _to_sign_in(request: Request, error: Exception) -> Response:  # noqa: ARG001 -- the handler's interface
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = asked if request.method == "GET" else "/"
    return RedirectResponse(f"/sign-in?next={quote(back, safe='')}", 303)


def _problem(request: Request, error: Exception) -> Response:
    if isinstance(error, RequestValidationError):
        error = _as_ours(error)
    status = error.status_code if isinstance(error, HTTPException) else STATUS.get(type(error), 422)
    return problem_page(request, error, status)


def _as_ours(error: RequestValidationError) -> DubanError:
    """An address that is none, or a field that cannot be read; what was typed is not repeated."""
    places = [str(part) for one in error.errors() for part in one["loc"]]
    if "path" in places:
        return NotFoundError("There is no such page.")
    return InvalidInputError("Check the field %(field)s.", field=places[-1] if places else "")

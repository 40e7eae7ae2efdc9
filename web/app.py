"""The web application: its routes behind one door, its errors as pages, its headers on every answer."""

from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from domain.errors import DubanError, InvalidInputError, NotFoundError
from web.api.app import create_api
from web.guard import ForbiddenError, NotSignedInError, StaleFormError, is_surely_ours
from web.headers import SecurityHeaders
from web.kept import came_from, typed_into
from web.limits import TooLargeError
from web.pages import (
    account,
    account_import,
    accounts,
    amendments,
    calendars,
    closed_unit_tasks,
    course,
    drafts,
    evidence,
    front,
    inbox,
    instructions,
    letters,
    letters_received,
    new_directive,
    oidc,
    organisation,
    overview,
    preview,
    queue,
    rectifications,
    registers,
    reviews,
    search,
    system,
    trail,
    unit_task_list,
    unit_tasks,
    webhooks,
)
from web.pages.problem import problem_page
from web.probes import router as probes
from web.site import WebSite

STATIC = Path(__file__).parent / "static"
STATUS: dict[type[Exception], int] = {
    NotFoundError: 404,
    ForbiddenError: 403,
    TooLargeError: 413,
    StaleFormError: 403,
}
ROUTERS = (
    probes,
    front.router,
    oidc.router,
    account.router,
    unit_tasks.router,
    evidence.router,
    inbox.router,
    letters_received.router,
    rectifications.router,
    closed_unit_tasks.router,
    overview.router,
    unit_task_list.router,
    search.router,
    queue.router,
    reviews.router,
    registers.router,
    letters.router,
    accounts.router,
    organisation.router,
    calendars.router,
    trail.router,
    system.router,
    account_import.router,
    new_directive.router,
    drafts.router,
    preview.router,
    course.router,
    amendments.router,
    instructions.router,
    webhooks.router,
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
    app.add_exception_handler(StaleFormError, _stale_form)
    app.add_exception_handler(ClientDisconnect, _gone)
    for kind in (DubanError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _problem)
    app.add_middleware(SecurityHeaders, secure=site.secure)
    return app


async def _to_sign_in(request: Request, error: Exception) -> Response:  # noqa: ARG001 -- the handler's interface
    """Lead to the sign-in; what was typed into a form is kept through it."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method == "GET":
        return _sign_in_then(asked)
    kept = await typed_into(request)
    if kept is None:
        return _sign_in_then(came_from(request))
    return await run_in_threadpool(front.after_the_session, request, kept)


def _sign_in_then(path: str) -> Response:
    return RedirectResponse(f"/sign-in?next={quote(path, safe='')}", 303)


async def _stale_form(request: Request, error: Exception) -> Response:
    """A form that stood open while a new session began is offered once more; one of unknown origin is not."""
    kept = await typed_into(request) if is_surely_ours(request) else None
    if kept is None or not isinstance(error, DubanError):
        return _problem(request, error)
    return await run_in_threadpool(front.to_send_again, request, kept, error)


def _gone(request: Request, error: Exception) -> Response:  # noqa: ARG001 -- the handler's interface
    """Who asked has hung up: nobody reads the answer."""
    return Response(status_code=400)


def _problem(request: Request, error: Exception) -> Response:
    if isinstance(error, RequestValidationError):
        error = _as_ours(error)
    if isinstance(error.__cause__, TooLargeError):  # the framework met it while it read the form
        error = error.__cause__
    status = error.status_code if isinstance(error, HTTPException) else STATUS.get(type(error), 422)
    return problem_page(request, error, status)


def _as_ours(error: RequestValidationError) -> DubanError:
    """An address that is none, or a field that cannot be read; what was typed is not repeated."""
    places = [str(part) for one in error.errors() for part in one["loc"]]
    if "path" in places:
        return NotFoundError("There is no such page.")
    return InvalidInputError("Check the field %(field)s.", field=places[-1] if places else "")

"""The API as an application of its own, mounted at /api/v1: its own door, its own errors, its own description."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

from domain.errors import DubanError
from web.api import acts, evidence, reads
from web.api.bearer import BearerRoute
from web.api.problems import Problem, on_error
from web.guard import NotSignedInError
from web.site import WebSite

VERSION = "1"
ABOUT = (
    "Everything a page of Duban can do. Times are ISO 8601 with their zone, civil dates have none. "
    "Lists come a page after the last id. Errors are problem details (RFC 9457)."
)


def create_api(site: WebSite) -> FastAPI:
    """The API over a site."""
    app = FastAPI(title="Duban", version=VERSION, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.site = site
    for router in (evidence.router, reads.router, acts.router):
        app.include_router(router)
    for kind in (NotSignedInError, DubanError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, on_error)
    app.router.route_class = BearerRoute
    app.add_api_route(
        "/openapi.json",
        _describe,
        name="api_description",
        operation_id="description",
        include_in_schema=False,
    )
    return app


def _describe(request: Request) -> dict[str, Any]:
    """OpenAPI 3.1 of this API."""
    return description(request.app)


def description(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1: made once, kept on the application."""
    if app.openapi_schema is None:
        found = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes)
        parts = found.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = Problem.model_json_schema(
            ref_template="#/components/schemas/{model}"
        )
        parts["schemas"] |= parts["schemas"]["Problem"].pop("$defs", {})
        parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        found["security"] = [{"token": []}]
        found["servers"] = [{"url": "/api/v1"}]
        app.openapi_schema = found
    return app.openapi_schema

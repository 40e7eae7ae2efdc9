"""Errors of the API as problem details (RFC 9457): `application/problem+json`, in the language asked for."""

from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from domain.errors import ConflictError, DubanError, NotAllowedError, NotFoundError, WrongStateError
from locales.translator import translator
from web.guard import ForbiddenError, NotSignedInError
from web.limits import TooLargeError

MEDIA_TYPE = "application/problem+json"
STATUS: tuple[tuple[type[Exception], int], ...] = (
    (NotSignedInError, 401),
    (ForbiddenError, 403),
    (NotAllowedError, 403),
    (NotFoundError, 404),
    (WrongStateError, 409),
    (ConflictError, 409),
    (TooLargeError, 413),
    (DubanError, 422),
)


class WrongField(BaseModel):
    """A field that was not right."""

    field: str = Field(examples=["body.reason"])
    said: str = Field(examples=["Field required"])


class Problem(BaseModel):
    """What was wrong."""

    type: str = Field(default="about:blank", examples=["about:blank"])
    title: str = Field(examples=["WrongStateError"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["A unit task that is accepted cannot acknowledge."])
    errors: list[WrongField] = []


def answers(*codes: int) -> dict[int | str, dict[str, Any]]:
    """What the documentation says of these status codes."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    words = {
        401: "No token, or one that is good no longer.",
        403: "The token or its account has not the right.",
        404: "There is no such record, or not for this account.",
        409: "The record is in another state, or somebody else was first.",
        413: "Too large.",
        422: "A field is not right, or a rule of the office forbids it.",
    }
    return {code: {"description": words[code], "content": content} for code in codes}


async def on_error(request: Request, error: Exception) -> JSONResponse:
    """The problem that an error is."""
    language = "zh_CN" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"
    said = translator(language)
    if isinstance(error.__cause__, TooLargeError):  # the framework met it while it read the body
        error = error.__cause__
    problem = Problem(title=type(error).__name__, status=500, detail="")
    if isinstance(error, RequestValidationError):
        problem.status, problem.title = 422, "InvalidInputError"
        problem.detail = said.gettext("The request is not as it should be.")
        problem.errors = [
            WrongField(field=".".join(str(part) for part in one["loc"]), said=one["msg"])
            for one in error.errors()
        ]
    elif isinstance(error, HTTPException):
        problem.status, problem.title, problem.detail = error.status_code, "HTTP", str(error.detail)
    else:
        problem.status = next(code for kind, code in STATUS if isinstance(error, kind))
        problem.detail = (
            said.render(error)
            if isinstance(error, DubanError)
            else said.gettext("A token is needed: Authorization: Bearer ...")
        )
    headers = {"www-authenticate": "Bearer"} if problem.status == 401 else {}
    return JSONResponse(problem.model_dump(), problem.status, headers, media_type=MEDIA_TYPE)

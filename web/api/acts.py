"""Every act of the office as one POST: the table says where, the act's own request says what.

`Idempotency-Key` makes a repeated request harmless; `If-Match` with a version makes one that came too late fail.
"""

import inspect
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Path, Request
from pydantic import ConfigDict, ValidationError, create_model

from domain.errors import InvalidInputError
from services.access import require_seen
from services.transaction import LARGEST, OfficeAct
from services.transaction import Request as ActRequest
from web.api.bearer import BearerRoute
from web.api.problems import answers
from web.api.table import ACTS, ApiAct
from web.guard import me_of
from web.problems import as_input_error
from web.site import site_of

router = APIRouter(route_class=BearerRoute)
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="Makes a repeated request harmless.",
    ),
]
Match = Annotated[
    str | None,
    Header(alias="If-Match", max_length=40, description="The version you saw, in double quotes."),
]
RecordId = Annotated[int, Path(ge=1, le=LARGEST)]


def add(row: ApiAct) -> None:
    """Add the route of one act."""
    in_path = [name for name in row.request.model_fields if f"{{{name}}}" in row.path]
    body = _body(row.request, in_path)

    def endpoint(request: Request, **given: Any) -> dict[str, Any]:
        site, me = site_of(request), me_of(request)
        fields = {name: given[name] for name in in_path}
        if given.get("body") is not None:
            fields |= given["body"].model_dump(exclude_unset=True)
        if given["match"] is not None:
            fields |= _version(given["match"], row.request)
        require_seen(site.office, me, fields)
        try:
            asked = row.request.model_validate(fields)
        except ValidationError as error:  # what only the act's own rules see
            raise as_input_error(error) from error
        act: OfficeAct[Any] = row.act
        return act(site.office, me.actor, site.clock(), asked, key=given["key"])

    endpoint.__name__ = row.name
    endpoint.__doc__ = inspect.getdoc(row.act)
    endpoint.__signature__ = _signature(in_path, body)  # type: ignore[attr-defined]  # what FastAPI reads
    router.add_api_route(
        row.path,
        endpoint,
        methods=["POST"],
        name=f"api_{row.name}",
        operation_id=row.name,
        tags=[row.path.split("/")[1]],
        summary=(inspect.getdoc(row.request) or row.name).splitlines()[0],
        response_description="What became of it.",
        responses=answers(401, 403, 404, 409, 422),
    )


def _body(request: type[ActRequest], in_path: list[str]) -> Any:
    """What of the act's request stands in the body; None where all of it stands in the address."""
    left = {name: field for name, field in request.model_fields.items() if name not in in_path}
    if not left:
        return None
    fields: dict[str, Any] = {name: (field.annotation, field) for name, field in left.items()}
    return create_model(f"{request.__name__}Body", __config__=ConfigDict(extra="forbid"), **fields)


def _signature(in_path: list[str], body: Any) -> inspect.Signature:
    def named(name: str, annotation: Any, **default: Any) -> inspect.Parameter:
        return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, **default)

    parts = [named("request", Request), *(named(name, RecordId) for name in in_path)]
    if body is not None:
        needed = any(field.is_required() for field in body.model_fields.values())
        parts.append(
            named("body", Annotated[body, Body()]) if needed else named("body", body | None, default=None)
        )
    parts += [named("key", Key, default=None), named("match", Match, default=None)]
    return inspect.Signature(parts, return_annotation=dict[str, Any])


def _version(match: str, request: type[ActRequest]) -> dict[str, int]:
    """The version of an If-Match header. Raises InvalidInputError where the act knows none."""
    text = match.removeprefix("W/").strip('"')
    if "version" not in request.model_fields or not text.isdecimal():
        raise InvalidInputError("This act takes no If-Match, or it names no version.")
    return {"version": int(text)}


for _row in ACTS:
    add(_row)

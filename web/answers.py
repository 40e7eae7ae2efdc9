"""What follows a form: the act is done and the reader led on, or the page comes back with what was typed."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from domain.errors import DubanError, NotFoundError
from services.access import require_seen
from services.transaction import OfficeAct
from services.transaction import Request as ActRequest
from web.guard import me_of
from web.problems import as_input_error
from web.site import site_of

Again = Callable[[DubanError, dict[str, str]], Response]
"""Shows the page once more, with what was wrong and what was typed."""


def go(path: str, done: str = "") -> RedirectResponse:
    """Lead on to a page of ours; `done` names the sentence that says what was done."""
    return RedirectResponse(f"{path}{'&' if '?' in path else '?'}done={done}" if done else path, 303)


def perform(  # noqa: PLR0913 -- one act, told by what it is, with what, and where it leads
    request: Request,
    act: OfficeAct[Any],
    make: type[ActRequest],
    fields: Mapping[str, Any],
    *,
    to: str,
    done: str,
    again: Again,
    key: str = "",
) -> Response:
    """Do the act of the person signed in. A form sent twice has the same `key`, and is answered once."""
    site, me = site_of(request), me_of(request)
    require_seen(site.office, me, fields)
    try:
        act(site.office, me.actor, site.clock(), request_from(make, fields), key=key or None)
    except NotFoundError:
        raise
    except DubanError as error:
        return again(error, {name: str(value) for name, value in fields.items() if value is not None})
    return go(to, done)


def request_from(make: type[ActRequest], fields: Mapping[str, Any]) -> Any:
    """The act's request. Raises InvalidInputError that names the field."""
    try:
        return make.model_validate({name: value for name, value in fields.items() if value not in ("", None)})
    except ValidationError as error:
        raise as_input_error(error) from error

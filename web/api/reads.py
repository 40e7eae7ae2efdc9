"""What a program may look at: lists a page after the last id, and who the token is."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel

from services.access import unit_task_for
from services.office import Office
from services.sign_in import SignedIn
from services.transaction import LARGEST
from services.views import lists
from services.views.lists import MOST, Listed, Wanted
from store.sessions import reading
from web.api.bearer import BearerRoute
from web.api.problems import answers
from web.guard import me_of
from web.site import site_of

router = APIRouter(route_class=BearerRoute)
RecordId = Annotated[int, Path(ge=1, le=LARGEST)]
After = Annotated[int, Query(ge=0, le=LARGEST, description="The last id of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MOST, description="Rows a page.")]
Number = Annotated[int | None, Query(ge=1, le=LARGEST)]
State = Annotated[str, Query(max_length=30, pattern="^[a-z_]*$")]
OFFERED = answers(401, 403, 404, 422)
Lister = Callable[[Office, SignedIn, Wanted], Listed]


class PageOut(BaseModel):
    """A page of rows. `next` is what to give as `after`; null at the end."""

    rows: list[dict[str, Any]]
    next: int | None


class MeOut(BaseModel):
    """Whose token it is."""

    login: str
    role: str
    unit_id: int | None
    unit_name: str
    now: datetime


def _wanted(
    after: After = 0,
    limit: Limit = 50,
    state: State = "",
    directive_id: Number = None,
    unit_id: Number = None,
) -> Wanted:
    return Wanted(after, limit, state, directive_id, unit_id)


Page = Annotated[Wanted, Depends(_wanted)]
LISTS: dict[str, Lister] = {
    "directives": lists.list_directives,
    "items": lists.list_items,
    "letters": lists.list_letters,
    "rectifications": lists.list_rectifications,
    "notices": lists.list_notices,
}


def _add(name: str, lister: Lister) -> None:
    def endpoint(request: Request, wanted: Page) -> PageOut:
        return PageOut(**asdict(lister(site_of(request).office, me_of(request), wanted)))

    router.add_api_route(
        f"/{name}",
        endpoint,
        name=f"api_list_{name}",
        operation_id=f"list_{name}",
        summary=(lister.__doc__ or "").splitlines()[0],
        tags=[name],
        responses=OFFERED,
    )


for _name, _lister in LISTS.items():
    _add(_name, _lister)


@router.get("/me", name="api_me", operation_id="me", tags=["me"], responses=OFFERED)
def me(request: Request) -> MeOut:
    """Whose token it is, and the office clock."""
    site, reader = site_of(request), me_of(request)
    return MeOut(
        login=reader.login,
        role=reader.role,
        unit_id=reader.actor.unit_id,
        unit_name=reader.unit_name,
        now=site.clock(),
    )


@router.get(
    "/unit-tasks",
    name="api_list_unit_tasks",
    operation_id="list_unit_tasks",
    tags=["unit-tasks"],
    responses=OFFERED,
)
def unit_tasks(request: Request, wanted: Page) -> PageOut:
    """Unit tasks by id, with whether each is overdue now."""
    site = site_of(request)
    return PageOut(**asdict(lists.list_unit_tasks(site.office, me_of(request), wanted, site.clock())))


@router.get(
    "/unit-tasks/{unit_task_id}/evidence",
    name="api_list_evidence",
    operation_id="list_evidence",
    tags=["unit-tasks"],
    responses=OFFERED,
)
def evidence(request: Request, unit_task_id: RecordId) -> list[dict[str, Any]]:
    """The pieces of evidence of one unit task."""
    site, reader = site_of(request), me_of(request)
    with reading(site.office.engine) as session:
        unit_task_for(session.connection(), reader, unit_task_id)
    return lists.list_evidence(site.office, reader, unit_task_id)

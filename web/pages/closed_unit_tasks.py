"""A unit's own history: its closed tasks page by page, and figures that lead to the rows behind them."""

from dataclasses import dataclass
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from services.views.closed_unit_tasks import ClosedUnitTasks, Kind, Which, closed_unit_tasks
from services.views.cursor import Cursor
from web.guard import GuardedRoute, me_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
HERE = "/my/closed-unit-tasks"


@dataclass(frozen=True, kw_only=True)
class ClosedUnitTasksPage(Page):
    """A page of the closed tasks; `which` is its filter."""

    template: ClassVar[str] = "closed_unit_tasks.html"
    closed: ClosedUnitTasks
    which: Which

    def address(self, kind: str, before: str = "") -> str:
        """This list with another kind, or further on."""
        asked = {"kind": kind, "directive": self.which.directive_id or "", "before": before}
        return f"{HERE}?{urlencode({name: value for name, value in asked.items() if value})}"


@router.get(HERE, name="closed_unit_tasks")
def closed_unit_tasks_page(
    request: Request,
    kind: str = "",
    directive: str = "",
    before: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """The closed tasks of the reader's unit. A filter that says nothing known shows all."""
    site, me = site_of(request), me_of(request)
    assert me.actor.unit_id is not None
    which = Which(
        Kind(kind) if kind in {known.value for known in Kind} else Kind.ALL,
        int(directive) if directive.isascii() and directive.isdigit() else None,
    )
    found = closed_unit_tasks(site.office, me.actor.unit_id, which, Cursor.parse(before))
    return render(request, ClosedUnitTasksPage(closed=found, which=which))

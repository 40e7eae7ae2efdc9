"""The leader's pages: the overview, the directives, one directive, its units against its items."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request, Response

from models.directive import DirectiveState
from services.views.course_page import Course, course_now
from services.views.dashboard import Dashboard, dashboard
from services.views.directive_list import DirectiveList, directive_list
from services.views.directive_page import DirectiveView, directive_view
from services.views.heat_map import HeatMap, heat_map
from web.guard import GuardedRoute, me_of
from web.moments import moment_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)


@dataclass(frozen=True, kw_only=True)
class OverviewPage(Page):
    """What is stuck, who is late, what waits, is it getting better."""

    template: ClassVar[str] = "overview.html"
    view: Dashboard


@dataclass(frozen=True, kw_only=True)
class DirectivesPage(Page):
    """The directives, of one `state` where one was chosen."""

    template: ClassVar[str] = "directives.html"
    view: DirectiveList
    state: DirectiveState | None
    first: bool

    @property
    def states(self) -> tuple[DirectiveState, ...]:
        """The states in which there are any."""
        return tuple(state for state in DirectiveState if self.view.counts[state])


@dataclass(frozen=True, kw_only=True)
class DirectivePage(Page):
    """One directive."""

    template: ClassVar[str] = "directive.html"
    view: DirectiveView
    course: Course


@dataclass(frozen=True, kw_only=True)
class MatrixPage(Page):
    """A window of the heat map."""

    template: ClassVar[str] = "matrix.html"
    view: HeatMap


@router.get("/overview", name="overview")
def overview_page(request: Request, done: str = "") -> Response:
    """Where a leader's day begins."""
    view = dashboard(site_of(request).office, me_of(request), moment_of(request))
    return render(request, OverviewPage(view=view, done=done))


@router.get("/directives", name="directives")
def directives_page(request: Request, state: str = "", before: int = 0, done: str = "") -> Response:
    """The directives this person may see."""
    only = next((known for known in DirectiveState if known.value == state), None)
    office, me, moment = site_of(request).office, me_of(request), moment_of(request)
    view = directive_list(office, me, moment, state=only, before=before)
    return render(request, DirectivesPage(view=view, state=only, first=not before, done=done))


@router.get("/directives/{directive_id:int}", name="directive")
def directive_page(
    request: Request, directive_id: int, items: int = 1, units: int = 1, done: str = ""
) -> Response:
    """One directive with a page of its `items` and one of its `units`."""
    office, me, moment = site_of(request).office, me_of(request), moment_of(request)
    view = directive_view(office, me, directive_id, moment, (items, units))
    course = course_now(office, me, view.directive, site_of(request).clock())
    return render(request, DirectivePage(view=view, course=course, done=done))


@router.get("/directives/{directive_id:int}/matrix", name="matrix")
def matrix_page(request: Request, directive_id: int, items: int = 1, units: int = 1) -> Response:
    """The units of a directive against its items, a window at a time."""
    office, me, moment = site_of(request).office, me_of(request), moment_of(request)
    return render(request, MatrixPage(view=heat_map(office, me, directive_id, moment, (items, units))))

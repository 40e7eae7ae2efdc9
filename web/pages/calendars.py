"""The working days and the ladders: what the office counts by."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, File, Request, Response, UploadFile

from domain.errors import DubanError
from intake.calendar import MOST_BYTES, CalendarPlan, read_calendar
from services.setup import days_of, import_calendar
from services.views.rules_page import CalendarYearView, PolicyView, calendar_years, policies
from web.answers import go
from web.guard import GuardedRoute, me_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)


@dataclass(frozen=True, kw_only=True)
class CalendarsPage(Page):
    """Every year that is known."""

    template: ClassVar[str] = "calendars.html"
    years: tuple[CalendarYearView, ...]


@dataclass(frozen=True, kw_only=True)
class PoliciesPage(Page):
    """The default policy, and each directive's."""

    template: ClassVar[str] = "policies.html"
    policies: tuple[PolicyView, ...]


@router.get("/calendars", name="calendars")
def calendars_page(request: Request, done: str = "") -> Response:
    """The years with their days."""
    return _show(request, done=done)


@router.post("/calendars", name="import_calendar_post")
def import_calendar_post(request: Request, file: Annotated[UploadFile, File()]) -> Response:
    """The days of one year; every deadline that waits is reckoned anew."""
    site, me = site_of(request), me_of(request)
    try:
        import_calendar(site.office, me.actor, site.clock(), days_of(_read(file)))
    except DubanError as error:
        return _show(request, error=error, sent="calendar")
    return go("/calendars", "calendar_imported")


@router.get("/policies", name="policies")
def policies_page(request: Request) -> Response:
    """The ladders and figures by which directives run."""
    found = policies(site_of(request).office, me_of(request))
    return render(request, PoliciesPage(policies=found))


def _read(file: UploadFile) -> CalendarPlan:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calendar.json"
        path.write_bytes(file.file.read(MOST_BYTES + 1))
        return read_calendar(path)


def _show(request: Request, **shown: Any) -> Response:
    return render(request, CalendarsPage(years=calendar_years(site_of(request).office), **shown))

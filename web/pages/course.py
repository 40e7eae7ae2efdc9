"""The course of a directive: take a publication back, withdraw, suspend, resume, each with what it means said first."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Form, Request, Response

from domain.errors import DubanError, NotFoundError
from services.directives import OnDirective, WithReason, resume, suspend, take_back, withdraw
from services.transaction import OfficeAct
from services.transaction import Request as ActRequest
from services.views.course_page import (
    Consequences,
    Course,
    ItemLine,
    course_and_consequences,
    open_items,
)
from web.answers import go, perform
from web.guard import GuardedRoute, me_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
Key = Annotated[str, Form(max_length=100)]
ACTS: dict[str, tuple[OfficeAct[Any], type[ActRequest], str]] = {
    "take-back": (take_back, OnDirective, "taken_back"),
    "withdraw": (withdraw, WithReason, "withdrawn"),
    "suspend": (suspend, WithReason, "suspended"),
    "resume": (resume, OnDirective, "resumed"),
}
"""By the last part of the address: the act, its request, and what is said when it is done."""


@dataclass(frozen=True, kw_only=True)
class CoursePage(Page):
    """Where a directive stands; `change` is the act whose consequences are shown, empty for the choice of acts."""

    template: ClassVar[str] = "course.html"
    course: Course
    consequences: Consequences
    items: tuple[ItemLine, ...] = ()
    change: str = ""


@router.get("/directives/{directive_id}/course", name="course")
def course_page(request: Request, directive_id: int, done: str = "") -> Response:
    """What may be done to the directive now."""
    return _show(request, directive_id, done=done)


@router.get("/directives/{directive_id}/course/{change}", name="course_change")
def course_change_page(request: Request, directive_id: int, change: str) -> Response:
    """What the act means, and its form."""
    _known(change)
    return _show(request, directive_id, change)


@router.post("/directives/{directive_id}/course/{change}", name="course_change_post")
def course_change_post(
    request: Request,
    directive_id: int,
    change: str,
    key: Key = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Do it."""
    act, make, done = _known(change)
    fields: dict[str, Any] = {"directive_id": directive_id}
    if make is WithReason:
        fields["reason"] = reason
    to = "draft" if change == "take-back" else "course"
    return perform(
        request,
        act,
        make,
        fields,
        to=f"/directives/{directive_id}/{to}",
        done=done,
        again=lambda error, typed: _show(request, directive_id, change, error, typed),
        key=key,
    )


def _known(change: str) -> tuple[OfficeAct[Any], type[ActRequest], str]:
    if change not in ACTS:
        raise NotFoundError("There is no such page.")
    return ACTS[change]


def _show(  # noqa: PLR0913, PLR0917 -- the page, and what is left of a form that came back
    request: Request,
    directive_id: int,
    change: str = "",
    error: DubanError | None = None,
    typed: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    site = site_of(request)
    course, consequences = course_and_consequences(site.office, me_of(request), directive_id, site.clock())
    if change and change not in course.changes and error is None:
        return go(f"/directives/{directive_id}/course")
    page = CoursePage(
        course=course,
        consequences=consequences,
        items=open_items(site.office, directive_id) if course.runs and not change else (),
        change=change,
        error=error,
        typed=typed,
        sent="course" if error else "",
        done=done,
    )
    return render(request, page)

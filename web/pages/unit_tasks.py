"""A unit's day: its tasks by what is asked next, one task with everything about it, and what is done to it."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Request, Response

from domain.errors import DubanError
from services.unit_tasks import (
    Acknowledge,
    AskExtension,
    Decline,
    ReportProgress,
    Submit,
    acknowledge,
    ask_extension,
    decline,
    report_progress,
    submit,
)
from services.views.my_unit_tasks import MyUnitTasks, my_unit_tasks
from services.views.unit_task_page import UnitTaskView, unit_task_view
from web.answers import perform
from web.guard import GuardedRoute, me_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
Key = Annotated[str, Form(max_length=100)]


@dataclass(frozen=True, kw_only=True)
class MyUnitTasksPage(Page):
    """The open tasks of the reader's unit."""

    template: ClassVar[str] = "my_unit_tasks.html"
    mine: MyUnitTasks


@dataclass(frozen=True, kw_only=True)
class UnitTaskPage(Page):
    """One unit task."""

    template: ClassVar[str] = "unit_task.html"
    view: UnitTaskView


@router.get("/my/unit-tasks", name="my_unit_tasks")
def my_unit_tasks_page(request: Request) -> Response:
    """What the reader's unit must do."""
    site, me = site_of(request), me_of(request)
    assert me.actor.unit_id is not None
    return render(request, MyUnitTasksPage(mine=my_unit_tasks(site.office, me.actor.unit_id, site.clock())))


@router.get("/unit-tasks/{unit_task_id}", name="unit_task")
def unit_task_page(request: Request, unit_task_id: int, done: str = "") -> Response:
    """One unit task, for whoever may see it."""
    return show_unit_task(request, unit_task_id, done=done)


@router.post("/unit-tasks/{unit_task_id}/acknowledge", name="acknowledge_post")
def acknowledge_post(request: Request, unit_task_id: int, key: Key = "") -> Response:
    """签收."""
    return perform(
        request,
        acknowledge,
        Acknowledge,
        {"unit_task_id": unit_task_id},
        to=f"/unit-tasks/{unit_task_id}",
        done="acknowledged",
        again=partial(show_unit_task, request, unit_task_id, "acknowledge"),
        key=key,
    )


@router.post("/unit-tasks/{unit_task_id}/progress", name="report_progress_post")
def report_progress_post(  # noqa: PLR0913, PLR0917 -- a form's fields
    request: Request,
    unit_task_id: int,
    key: Key = "",
    progress: Annotated[str, Form()] = "",
    text: Annotated[str, Form()] = "",
    problem: Annotated[str, Form()] = "",
    next_step: Annotated[str, Form()] = "",
) -> Response:
    """进展情况."""
    return perform(
        request,
        report_progress,
        ReportProgress,
        {
            "progress": progress,
            "text": text,
            "problem": problem,
            "next_step": next_step,
            **_task(unit_task_id),
        },
        to=f"/unit-tasks/{unit_task_id}",
        done="progress_reported",
        again=partial(show_unit_task, request, unit_task_id, "progress"),
        key=key,
    )


@router.post("/unit-tasks/{unit_task_id}/submit", name="submit_post")
def submit_post(
    request: Request, unit_task_id: int, key: Key = "", text: Annotated[str, Form()] = ""
) -> Response:
    """报送: what was given as evidence since the last time goes with it."""
    return perform(
        request,
        submit,
        Submit,
        {"text": text, **_task(unit_task_id)},
        to=f"/unit-tasks/{unit_task_id}",
        done="submitted",
        again=partial(show_unit_task, request, unit_task_id, "submit"),
        key=key,
    )


@router.post("/unit-tasks/{unit_task_id}/extension", name="ask_extension_post")
def ask_extension_post(
    request: Request,
    unit_task_id: int,
    key: Key = "",
    proposed: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    """延期申请."""
    return perform(
        request,
        ask_extension,
        AskExtension,
        {"proposed": proposed, "reason": reason, **_task(unit_task_id)},
        to=f"/unit-tasks/{unit_task_id}",
        done="extension_asked",
        again=partial(show_unit_task, request, unit_task_id, "extension"),
        key=key,
    )


@router.post("/unit-tasks/{unit_task_id}/decline", name="decline_post")
def decline_post(
    request: Request, unit_task_id: int, key: Key = "", reason: Annotated[str, Form()] = ""
) -> Response:
    """不属职责."""
    return perform(
        request,
        decline,
        Decline,
        {"reason": reason, **_task(unit_task_id)},
        to=f"/unit-tasks/{unit_task_id}",
        done="declined",
        again=partial(show_unit_task, request, unit_task_id, "decline"),
        key=key,
    )


def _task(unit_task_id: int) -> dict[str, int]:
    return {"unit_task_id": unit_task_id}


def show_unit_task(  # noqa: PLR0913, PLR0917 -- the page, and what is left of a form that came back
    request: Request,
    unit_task_id: int,
    sent: str = "",
    error: DubanError | None = None,
    typed: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    """The page of one task; `sent` is the form that came back with `error`, holding what was `typed`."""
    site = site_of(request)
    view = unit_task_view(site.office, me_of(request), unit_task_id, site.clock())
    return render(request, UnitTaskPage(view=view, error=error, typed=typed, done=done, sent=sent))

"""A unit's day: its tasks by what is asked next, one task with everything about it, and what is done to it."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Request, Response

from domain.errors import DubanError
from services.unit_tasks import Acknowledge, acknowledge
from services.views.my_unit_tasks import MyUnitTasks, my_unit_tasks
from services.views.unit_task_page import UnitTaskView, unit_task_view
from web.answers import perform
from web.guard import GuardedRoute, me_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)


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
    return _show(request, unit_task_id, done=done)


@router.post("/unit-tasks/{unit_task_id}/acknowledge", name="acknowledge_post")
def acknowledge_post(
    request: Request, unit_task_id: int, key: Annotated[str, Form(max_length=100)] = ""
) -> Response:
    """签收."""
    return perform(
        request,
        acknowledge,
        Acknowledge,
        {"unit_task_id": unit_task_id},
        to=f"/unit-tasks/{unit_task_id}",
        done="acknowledged",
        again=partial(_show, request, unit_task_id),
        key=key,
    )


def _show(
    request: Request,
    unit_task_id: int,
    error: DubanError | None = None,
    typed: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    site = site_of(request)
    view = unit_task_view(site.office, me_of(request), unit_task_id, site.clock())
    return render(request, UnitTaskPage(view=view, error=error, typed=typed, done=done))

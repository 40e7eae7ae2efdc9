"""整改: the rectifications of the reader's unit, and one of them with the plan, the proof and the report."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from domain.errors import DubanError
from services.rectifications import (
    ReplyRectification,
    SubmitRectification,
    reply_rectification,
    submit_rectification,
)
from services.views.cursor import Cursor
from services.views.rectification_page import (
    MyRectifications,
    RectificationView,
    my_rectifications,
    rectification_view,
)
from web.answers import go, perform
from web.guard import GuardedRoute, me_of
from web.pages.evidence import Given, given, take
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
Key = Annotated[str, Form(max_length=100)]


@dataclass(frozen=True, kw_only=True)
class MyRectificationsPage(Page):
    """A page of the unit's rectifications; `only_open` is its filter."""

    template: ClassVar[str] = "my_rectifications.html"
    mine: MyRectifications
    only_open: bool


@dataclass(frozen=True, kw_only=True)
class RectificationPage(Page):
    """One rectification."""

    template: ClassVar[str] = "rectification.html"
    view: RectificationView


@router.get("/my/rectifications", name="my_rectifications")
def my_rectifications_page(
    request: Request,
    open: bool = False,  # noqa: A002 -- the address's own word
    before: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """What the reader's unit was ordered to put right."""
    site, me = site_of(request), me_of(request)
    assert me.actor.unit_id is not None
    found = my_rectifications(
        site.office, me.actor.unit_id, site.clock(), only_open=open, before=Cursor.parse(before)
    )
    return render(request, MyRectificationsPage(mine=found, only_open=open))


@router.get("/rectifications/{rectification_id}", name="rectification")
def rectification_page(request: Request, rectification_id: int, done: str = "") -> Response:
    """One rectification, for whoever may see it."""
    return show_rectification(request, rectification_id, done=done)


@router.post("/rectifications/{rectification_id}/reply", name="reply_rectification_post")
def reply_rectification_post(
    request: Request, rectification_id: int, key: Key = "", plan: Annotated[str, Form()] = ""
) -> Response:
    """整改方案."""
    return perform(
        request,
        reply_rectification,
        ReplyRectification,
        {"plan": plan, "rectification_id": rectification_id},
        to=f"/rectifications/{rectification_id}",
        done="replied",
        again=partial(show_rectification, request, rectification_id, "reply"),
        key=key,
    )


@router.post("/rectifications/{rectification_id}/evidence", name="add_rectification_evidence_post")
def add_rectification_evidence_post(
    request: Request, rectification_id: int, brought: Annotated[Given, Depends(given)]
) -> Response:
    """Files as proof that it was put right; they lie with its unit task."""
    site = site_of(request)
    view = rectification_view(site.office, me_of(request), rectification_id, site.clock())
    here = go(f"/rectifications/{rectification_id}", "rectification_evidence_added")
    again = partial(show_rectification, request, rectification_id, "evidence")
    return take(request, view.row.unit_task_id, brought, here, again)


@router.post("/rectifications/{rectification_id}/submit", name="submit_rectification_post")
def submit_rectification_post(
    request: Request, rectification_id: int, key: Key = "", report: Annotated[str, Form()] = ""
) -> Response:
    """申请销号."""
    return perform(
        request,
        submit_rectification,
        SubmitRectification,
        {"report": report, "rectification_id": rectification_id},
        to=f"/rectifications/{rectification_id}",
        done="mended",
        again=partial(show_rectification, request, rectification_id, "submit"),
        key=key,
    )


def show_rectification(  # noqa: PLR0913, PLR0917 -- the page, and what is left of a form that came back
    request: Request,
    rectification_id: int,
    sent: str = "",
    error: DubanError | None = None,
    typed: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    """The page of one rectification; `sent` is the form that came back with `error`, holding what was `typed`."""
    site = site_of(request)
    view = rectification_view(site.office, me_of(request), rectification_id, site.clock())
    return render(request, RectificationPage(view=view, error=error, typed=typed, done=done, sent=sent))

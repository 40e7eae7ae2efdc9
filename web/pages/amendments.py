"""Changing a published item: what it means is shown first, then it is done."""

from dataclasses import dataclass
from typing import Any, ClassVar

from fastapi import APIRouter, Request, Response

from domain.errors import DubanError, NotFoundError
from services.amendment_plan import AmendItem, AmendmentPlan
from services.amendments import amend_item
from services.views.amend_page import AmendView, Difference, amend_view, planned
from web.answers import perform, request_from
from web.forms import Fields, rows_of
from web.guard import GuardedRoute, me_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)


@dataclass(frozen=True, kw_only=True)
class AmendPage(Page):
    """The form; `plan` is what was asked for would mean."""

    template: ClassVar[str] = "amend.html"
    view: AmendView
    plan: AmendmentPlan | None = None
    difference: Difference | None = None


@router.get("/directives/{directive_id}/items/{item_id}/amend", name="amend")
def amend_page(request: Request, directive_id: int, item_id: int, done: str = "") -> Response:
    """The item, its form, and how it was amended before."""
    site = site_of(request)
    view = amend_view(site.office, me_of(request), directive_id, item_id)
    return render(request, AmendPage(view=view, done=done))


@router.post("/directives/{directive_id}/items/{item_id}/amend/check", name="check_amendment_post")
def check_amendment_post(request: Request, directive_id: int, item_id: int, fields: Fields) -> Response:
    """What the amendment would mean; nothing is written."""
    site, me = site_of(request), me_of(request)
    try:
        asked = request_from(AmendItem, _wanted(directive_id, item_id, fields))
        plan, difference = planned(site.office, me, asked, site.clock())
    except NotFoundError:
        raise
    except DubanError as error:
        return _show(request, directive_id, item_id, fields, error)
    view = amend_view(site.office, me, directive_id, item_id)
    return render(
        request, AmendPage(view=view, plan=plan, difference=difference, typed=fields, sent="amend_item")
    )


@router.post("/directives/{directive_id}/items/{item_id}/amend", name="amend_post")
def amend_post(request: Request, directive_id: int, item_id: int, fields: Fields) -> Response:
    """Do it."""
    return perform(
        request,
        amend_item,
        AmendItem,
        _wanted(directive_id, item_id, fields),
        to=f"/directives/{directive_id}/items/{item_id}/amend",
        done="amended",
        again=lambda error, _typed: _show(request, directive_id, item_id, fields, error),
        key=fields.get("key", ""),
    )


def _wanted(directive_id: int, item_id: int, fields: dict[str, str]) -> dict[str, Any]:
    names = ("version", "text", "due_on", "add", "add_role", "reason")
    wanted: dict[str, Any] = {name: fields.get(name) for name in names}
    wanted["text"] = (wanted["text"] or "").replace("\r\n", "\n")
    wanted |= {"directive_id": directive_id, "item_id": item_id}
    return wanted | {"remove": tuple(rows_of(fields, "remove_"))}


def _show(
    request: Request, directive_id: int, item_id: int, fields: dict[str, str], error: DubanError
) -> Response:
    view = amend_view(site_of(request).office, me_of(request), directive_id, item_id)
    return render(request, AmendPage(view=view, error=error, typed=fields, sent="amend_item"))

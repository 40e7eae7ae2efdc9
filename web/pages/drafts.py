"""A draft beside its source: read, settled item by item, and changed as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from fastapi import APIRouter, Request, Response

from domain.errors import DubanError
from services.draft_edits import EditItem, edit_item
from services.draft_items import (
    AddItem,
    OnDraftItem,
    SplitItem,
    add_item,
    merge_item,
    remove_item,
    split_item,
)
from services.draft_sections import LeadSection, OnSection, SetFrame, drop_section, lead_section, set_frame
from services.transaction import OfficeAct
from services.transaction import Request as ActRequest
from services.views.draft_page import DraftView, ItemOfDraft, draft_view
from web.answers import go, perform
from web.draft_sentences import FIGURES
from web.forms import Fields, rows_of
from web.guard import GuardedRoute, me_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
OUT = "-"
"""In the place of a role: takes no part."""
FORMS = {
    "item_edited": "edit_item",
    "item_split": "split_item",
    "item_merged": "merge_item",
    "item_removed": "remove_item",
    "item_added": "add_item",
    "section_dropped": "lead_section",
    "section_led": "lead_section",
    "frame_set": "set_frame",
}
"""By what is said when it is done, the form that does it."""


@dataclass(frozen=True, kw_only=True)
class DraftPage(Page):
    """The draft; `chosen` is the item whose forms are open."""

    template: ClassVar[str] = "draft.html"
    figures: ClassVar[tuple[str, ...]] = tuple(FIGURES)
    view: DraftView
    chosen: ItemOfDraft | None


@router.get("/directives/{directive_id}/draft", name="draft")
def draft_page(request: Request, directive_id: int, item: int = 0, done: str = "") -> Response:
    """The draft, with the forms of one item (by its id)."""
    return _show(request, directive_id, item, done=done)


@router.post("/directives/{directive_id}/draft/items/{item_id}", name="edit_item_post")
def edit_item_post(request: Request, directive_id: int, item_id: int, fields: Fields) -> Response:
    """An item as it is to be: its words, its date, who takes part."""
    names = ("version", "text", "number", "heading", "frequency", "due_on", "due_day")
    wanted: dict[str, Any] = {name: fields.get(name, "") for name in (*names, "add", "add_role", "group")}
    wanted["roles"] = {unit: None if role == OUT else role for unit, role in rows_of(fields, "role_").items()}
    wanted["meant"] = {fields.get(f"name_{n}", ""): unit for n, unit in rows_of(fields, "meant_").items()}
    wanted["drop"] = tuple(fields.get(f"name_{n}", "") for n in rows_of(fields, "drop_"))
    wanted["each_for_itself"] = "each_for_itself" in fields
    wanted["group_leaves"] = fields.get("group_role") == OUT
    wanted["group_role"] = "" if wanted["group_leaves"] else fields.get("group_role")
    return _change(request, edit_item, EditItem, wanted, (directive_id, item_id, "item_edited"), fields)


@router.post("/directives/{directive_id}/draft/items/{item_id}/split", name="split_item_post")
def split_item_post(request: Request, directive_id: int, item_id: int, fields: Fields) -> Response:
    """One item in two."""
    wanted = {"version": fields.get("version"), "at": fields.get("at")}
    return _change(request, split_item, SplitItem, wanted, (directive_id, item_id, "item_split"), fields)


@router.post("/directives/{directive_id}/draft/items/{item_id}/merge", name="merge_item_post")
def merge_item_post(request: Request, directive_id: int, item_id: int, fields: Fields) -> Response:
    """Two items in one."""
    wanted = {"version": fields.get("version")}
    return _change(request, merge_item, OnDraftItem, wanted, (directive_id, item_id, "item_merged"), fields)


@router.post("/directives/{directive_id}/draft/items/{item_id}/remove", name="remove_item_post")
def remove_item_post(request: Request, directive_id: int, item_id: int, fields: Fields) -> Response:
    """An item that is no task."""
    wanted = {"version": fields.get("version")}
    return _change(request, remove_item, OnDraftItem, wanted, (directive_id, item_id, "item_removed"), fields)


@router.post("/directives/{directive_id}/draft/items", name="add_item_post")
def add_item_post(request: Request, directive_id: int, fields: Fields) -> Response:
    """One item more: in its own words, or those of a paragraph."""
    wanted: dict[str, Any] = {"text": fields.get("text"), "number": fields.get("number")}
    paragraph = fields.get("paragraph", "").strip()
    wanted["paragraph"] = int(paragraph) - 1 if paragraph.isdecimal() else paragraph
    return _change(request, add_item, AddItem, wanted, (directive_id, 0, "item_added"), fields)


@router.post("/directives/{directive_id}/draft/section", name="section_post")
def section_post(request: Request, directive_id: int, fields: Fields) -> Response:
    """All items below a heading: no tasks, or one unit leads them."""
    wanted = {"version": fields.get("version"), "section": fields.get("section")}
    if "drop" in fields:
        return _change(request, drop_section, OnSection, wanted, (directive_id, 0, "section_dropped"), fields)
    wanted["lead"] = fields.get("lead")
    return _change(request, lead_section, LeadSection, wanted, (directive_id, 0, "section_led"), fields)


@router.post("/directives/{directive_id}/draft/frame", name="frame_post")
def frame_post(request: Request, directive_id: int, fields: Fields) -> Response:
    """Title, horizon, and the figures of the policy."""
    wanted: dict[str, Any] = {name: fields.get(name) for name in ("version", "title", "horizon")}
    wanted |= {"figures": rows_of(fields, "figure_")}
    wanted |= {name: rows_of(fields, f"{name}_") for name in ("standard", "recurring")}
    return _change(request, set_frame, SetFrame, wanted, (directive_id, 0, "frame_set"), fields)


def _change(  # noqa: PLR0913, PLR0917 -- an act, told by what it is, with what, on what
    request: Request,
    act: OfficeAct[Any],
    make: type[ActRequest],
    wanted: Mapping[str, Any],
    place: tuple[int, int, str],
    fields: dict[str, str],
) -> Response:
    """Do the act on `place` (the draft, its item or 0, what is said when it is done); or the page with the error."""
    directive_id, item_id, done = place
    sent = FORMS[done]
    named = {"directive_id": directive_id} | ({"item_id": item_id} if item_id else {})
    back = f"?item={item_id}" if done in ("item_edited", "item_split", "item_merged") else ""
    return perform(
        request,
        act,
        make,
        dict(wanted) | named,
        to=f"/directives/{directive_id}/draft{back}",
        done=done,
        again=lambda error, _typed: partial(_show, request, directive_id, item_id)(
            error=error, typed=fields, sent=sent
        ),
        key=fields.get("key", ""),
    )


def _show(  # noqa: PLR0913 -- the page, and what is left of a form that came back
    request: Request,
    directive_id: int,
    item_id: int = 0,
    *,
    error: DubanError | None = None,
    typed: dict[str, str] | None = None,
    sent: str = "",
    done: str = "",
) -> Response:
    site = site_of(request)
    view = draft_view(site.office, me_of(request), directive_id, site.clock())
    if view is None:
        return go(f"/directives/{directive_id}/course")
    chosen = next((item for item in view.items if item.row.id == item_id), None)
    return render(
        request, DraftPage(view=view, chosen=chosen, error=error, typed=typed, sent=sent, done=done)
    )

"""The organisation: its tree, and how it changes."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Form, Request, Response

from domain.errors import DubanError
from services.accounts import unit_called
from services.organisation_changes import (
    AbolishUnit,
    AddUnit,
    RenameUnit,
    abolish_unit,
    add_unit,
    rename_unit,
)
from services.views.organisation_page import OrganisationView, organisation_view
from web.answers import perform
from web.guard import GuardedRoute
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
Key = Annotated[str, Form(max_length=100)]
Field = Annotated[str, Form(max_length=300)]


@dataclass(frozen=True, kw_only=True)
class OrganisationPage(Page):
    """One unit and what is below it; `view` is None while the site has no units."""

    template: ClassVar[str] = "organisation.html"
    view: OrganisationView | None


@router.get("/organisation", name="organisation")
def organisation_page(request: Request, done: str = "") -> Response:
    """From the root."""
    return _show(request, 0, done=done)


@router.get("/organisation/{unit_id}", name="organisation_unit")
def unit_page(request: Request, unit_id: int, done: str = "") -> Response:
    """From one unit."""
    return _show(request, unit_id, done=done)


@router.post("/organisation/{unit_id}/add", name="add_unit_post")
def add_unit_post(  # noqa: PLR0913, PLR0917 -- a form's fields
    request: Request,
    unit_id: int,
    key: Key = "",
    code: Field = "",
    name: Field = "",
    kind: Field = "",
    email: Field = "",
) -> Response:
    """A unit below this one."""
    fields = {"parent_id": unit_id, "code": code, "name": name, "kind": kind, "email": email}
    return perform(
        request,
        add_unit,
        AddUnit,
        fields,
        to=f"/organisation/{unit_id}",
        done="unit_added",
        again=lambda error, typed: _show(request, unit_id, sent="add", error=error, typed=typed),
        key=key,
    )


@router.post("/organisation/{unit_id}/rename", name="rename_unit_post")
def rename_unit_post(request: Request, unit_id: int, key: Key = "", name: Field = "") -> Response:
    """Another name."""
    return perform(
        request,
        rename_unit,
        RenameUnit,
        {"unit_id": unit_id, "name": name},
        to=f"/organisation/{unit_id}",
        done="unit_renamed",
        again=lambda error, typed: _show(request, unit_id, sent="rename", error=error, typed=typed),
        key=key,
    )


@router.post("/organisation/{unit_id}/abolish", name="abolish_unit_post")
def abolish_unit_post(
    request: Request, unit_id: int, key: Key = "", successor: Field = "", fate: Field = ""
) -> Response:
    """Merged into another, or abolished; `successor` is the code or name of the unit that takes over."""

    def again(error: DubanError, typed: dict[str, str]) -> Response:  # noqa: ARG001 -- what was typed is here in full
        typed_here = {"successor": successor, "fate": fate}
        return _show(request, unit_id, sent="abolish", error=error, typed=typed_here)

    try:
        heir = unit_called(site_of(request).office, successor.strip()).id if successor.strip() else None
    except DubanError as error:
        return again(error, {})
    return perform(
        request,
        abolish_unit,
        AbolishUnit,
        {"unit_id": unit_id, "successor_id": heir, "fate": fate},
        to=f"/organisation/{unit_id}",
        done="unit_abolished",
        again=again,
        key=key,
    )


def _show(request: Request, unit_id: int, **shown: Any) -> Response:
    view = organisation_view(site_of(request).office, unit_id)
    return render(request, OrganisationPage(view=view, **shown))

"""Instructions: the ones given with what came back, and the form that gives one."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Request, Response

from domain.errors import DubanError, NotFoundError
from services.instructions import About, GiveInstruction, give_instruction
from services.views.instructions import Given, Occasion, instructions, occasion
from web.answers import perform
from web.guard import GuardedRoute, me_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
Words = Annotated[str, Form()]


@dataclass(frozen=True, kw_only=True)
class InstructionsPage(Page):
    """The instructions given."""

    template: ClassVar[str] = "instructions.html"
    given: tuple[Given, ...]


@dataclass(frozen=True, kw_only=True)
class InstructPage(Page):
    """The form of one."""

    template: ClassVar[str] = "instruct.html"
    occasion: Occasion


@router.get("/instructions", name="instructions")
def instructions_page(request: Request, done: str = "") -> Response:
    """What was instructed, how it stands, and what was reported."""
    site = site_of(request)
    given = instructions(site.office, me_of(request), site.clock())
    return render(request, InstructionsPage(given=given, done=done))


@router.get("/directives/{directive_id}/instruct/{about}/{about_id}", name="instruct")
def instruct_page(request: Request, directive_id: int, about: str, about_id: int) -> Response:
    """The form of an instruction on a directive, an item or a unit task."""
    return _show(request, directive_id, about, about_id)


@router.post("/directives/{directive_id}/instruct/{about}/{about_id}", name="instruct_post")
def instruct_post(  # noqa: PLR0913, PLR0917 -- a form's fields
    request: Request,
    directive_id: int,
    about: str,
    about_id: int,
    key: Annotated[str, Form(max_length=100)] = "",
    text: Words = "",
    unit: Words = "",
    due_on: Words = "",
) -> Response:
    """Give it."""
    fields = {"directive_id": directive_id, "about": _known(about), "about_id": about_id}
    return perform(
        request,
        give_instruction,
        GiveInstruction,
        fields | {"text": text, "unit": unit, "due_on": due_on},
        to="/instructions",
        done="instructed",
        again=lambda error, typed: _show(request, directive_id, about, about_id, error, typed),
        key=key,
    )


def _known(about: str) -> About:
    if about not in set(About):
        raise NotFoundError("There is no such page.")
    return About(about)


def _show(  # noqa: PLR0913, PLR0917 -- the page, and what is left of a form that came back
    request: Request,
    directive_id: int,
    about: str,
    about_id: int,
    error: DubanError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    site = site_of(request)
    found = occasion(site.office, me_of(request), directive_id, _known(about), about_id)
    page = InstructPage(occasion=found, error=error, typed=typed, sent="instruct" if error else "")
    return render(request, page)

"""The letters a unit has received, and a letter as paper with what came of it beside."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Query, Request, Response

from services.views.cursor import Cursor
from services.views.letters_received import LettersReceived, LetterView, letter_view, letters_received
from web.guard import GuardedRoute, me_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)


@dataclass(frozen=True, kw_only=True)
class LettersReceivedPage(Page):
    """A page of the letters; `kind` is its filter."""

    template: ClassVar[str] = "letters_received.html"
    received: LettersReceived
    kind: str


@dataclass(frozen=True, kw_only=True)
class LetterPage(Page):
    """One letter."""

    template: ClassVar[str] = "letter.html"
    view: LetterView


@router.get("/my/letters", name="letters_received")
def letters_received_page(
    request: Request,
    kind: Annotated[str, Query(max_length=40)] = "",
    before: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """The letters issued to the reader's unit."""
    site, me = site_of(request), me_of(request)
    assert me.actor.unit_id is not None
    found = letters_received(site.office, me.actor.unit_id, kind=kind, before=Cursor.parse(before))
    return render(request, LettersReceivedPage(received=found, kind=kind))


@router.get("/letters/{letter_id}", name="letter")
def letter_page(request: Request, letter_id: int) -> Response:
    """One letter, for whoever may see it."""
    return render(request, LetterPage(view=letter_view(site_of(request).office, me_of(request), letter_id)))

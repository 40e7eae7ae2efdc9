"""Looking for a word in everything one may see."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Query, Request, Response

from domain.errors import DubanError
from services.views.search_page import Found, search
from web.guard import GuardedRoute, me_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)


@dataclass(frozen=True, kw_only=True)
class SearchPage(Page):
    """What was asked and what was found; nothing was looked for where `found` is None."""

    template: ClassVar[str] = "search.html"
    q: str
    found: Found | None = None


@router.get("/search", name="search")
def search_page(request: Request, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Directives, items and letters in which the words of `q` stand."""
    if not q.strip():
        return render(request, SearchPage(q=q))
    try:
        found = search(site_of(request).office, me_of(request), q)
    except DubanError as error:
        return render(request, SearchPage(q=q, error=error))
    return render(request, SearchPage(q=q, found=found))

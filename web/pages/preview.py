"""What a draft will bring about, and the button that lets it."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Request, Response

from domain.errors import DubanError
from services.directives import OnDirective, publish
from services.views.preview import Preview, preview
from web.answers import go, perform
from web.guard import GuardedRoute, me_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)


@dataclass(frozen=True, kw_only=True)
class PreviewPage(Page):
    """The draft as it would begin now."""

    template: ClassVar[str] = "preview.html"
    view: Preview


@router.get("/directives/{directive_id}/preview", name="preview")
def preview_page(request: Request, directive_id: int) -> Response:
    """What will happen if the draft is published now."""
    return _show(request, directive_id)


@router.post("/directives/{directive_id}/publish", name="publish_post")
def publish_post(
    request: Request,
    directive_id: int,
    key: Annotated[str, Form(max_length=100)] = "",
    version: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Publish exactly the draft that was seen."""
    return perform(
        request,
        publish,
        OnDirective,
        {"directive_id": directive_id, "version": version},
        to=f"/directives/{directive_id}/course",
        done="published",
        again=lambda error, _typed: _show(request, directive_id, error),
        key=key,
    )


def _show(request: Request, directive_id: int, error: DubanError | None = None) -> Response:
    site = site_of(request)
    view = preview(site.office, me_of(request), directive_id, site.clock())
    if view is None:
        return go(f"/directives/{directive_id}/course")
    return render(request, PreviewPage(view=view, error=error))

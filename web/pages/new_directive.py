"""How a directive begins: a document that is sent or pasted, a table, or a title alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, File, Form, Request, Response, UploadFile

from domain.errors import DubanError, InvalidInputError
from intake.document import read_bytes
from services.directives import DraftDirective, draft_directive
from services.starting import Start, draft_of_document, draft_of_table, draft_of_title
from services.views.draft_page import DraftLine, drafts
from web.answers import go
from web.guard import GuardedRoute, me_of
from web.render import Page, render, speaker_of
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
Key = Annotated[str, Form(max_length=100)]
Words = Annotated[str, Form()]
PASTED = "%s.txt"


@dataclass(frozen=True, kw_only=True)
class NewDirectivePage(Page):
    """The ways to begin, and the drafts to go on with."""

    template: ClassVar[str] = "new_directive.html"
    drafts: tuple[DraftLine, ...]


@router.get("/directives/new", name="new_directive")
def new_directive(request: Request) -> Response:
    """The ways to begin."""
    return _show(request)


@router.post("/directives/new/document", name="upload_document_post")
def upload_document_post(
    request: Request, key: Key = "", document: Annotated[UploadFile | None, File()] = None
) -> Response:
    """A document that is sent: TXT or DOCX."""

    def begin(start: Start) -> DraftDirective:
        if document is None or not document.filename:
            raise InvalidInputError("Fill in: %(field)s.", field="document")
        name = document.filename.rpartition("/")[2].rpartition("\\")[2]
        source = read_bytes(name, document.file.read())
        return draft_of_document(site_of(request).office, start, source, name)

    return _begin(request, key, begin, "document", {})


@router.post("/directives/new/text", name="paste_document_post")
def paste_document_post(request: Request, key: Key = "", text: Words = "", title: Words = "") -> Response:
    """A document that is pasted."""

    def begin(start: Start) -> DraftDirective:
        name = title.strip() or speaker_of(request).gettext("The text pasted")
        source = read_bytes(PASTED % "text", text.encode("utf-8", "replace"))
        found = draft_of_document(site_of(request).office, start, source, name)
        return found.model_copy(update={"title": title.strip()[:300]}) if title.strip() else found

    return _begin(request, key, begin, "paste", {"text": text, "title": title})


@router.post("/directives/new/table", name="paste_table_post")
def paste_table_post(request: Request, key: Key = "", title: Words = "", table: Words = "") -> Response:
    """A table of tasks that is pasted."""

    def begin(start: Start) -> DraftDirective:
        return draft_of_table(site_of(request).office, start, _titled(title), table)

    return _begin(request, key, begin, "table", {"title": title, "table": table})


@router.post("/directives/new/empty", name="empty_draft_post")
def empty_draft_post(request: Request, key: Key = "", title: Words = "") -> Response:
    """A title and nothing else yet."""
    return _begin(
        request, key, lambda start: draft_of_title(start, _titled(title)), "empty", {"title": title}
    )


def _titled(title: str) -> str:
    """The title. Raises InvalidInputError without one, or for one that is too long."""
    if not title.strip():
        raise InvalidInputError("Fill in: %(field)s.", field="title")
    if len(title) > 300:
        raise InvalidInputError("%(field)s: at most %(most)s characters.", field="title", most=300)
    return title.strip()


def _begin(
    request: Request, key: str, begin: Callable[[Start], DraftDirective], sent: str, typed: dict[str, str]
) -> Response:
    """Keep the draft that `begin` makes, and on to its page; or the form again with what was wrong."""
    site, me = site_of(request), me_of(request)
    assert me.actor.unit_id is not None
    now = site.clock()
    try:
        draft = begin(Start(me.actor.unit_id, now))
        answer = draft_directive(site.office, me.actor, now, draft, key=key or None)
    except DubanError as error:
        return _show(request, sent, error, typed)
    return go(f"/directives/{answer['directive_id']}/draft", "drafted")


def _show(
    request: Request, sent: str = "", error: DubanError | None = None, typed: dict[str, str] | None = None
) -> Response:
    mine = drafts(site_of(request).office, me_of(request))
    return render(request, NewDirectivePage(drafts=mine, error=error, typed=typed, sent=sent))

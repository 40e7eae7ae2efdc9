"""The inbox of a unit: what it was told; opening a notice marks it as read and leads to what it is about."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Query, Request, Response

from domain.errors import DubanError
from services.inbox import READERS, ReadAllNotices, ReadNotice, read_all_notices, read_notice
from services.views.inbox import Inbox, inbox, notice_of
from web.answers import go, perform
from web.guard import GuardedRoute, me_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)


@dataclass(frozen=True, kw_only=True)
class InboxPage(Page):
    """A page of the notices; `only_unread` is its filter, `marks` whether the reader's opening counts."""

    template: ClassVar[str] = "inbox.html"
    inbox: Inbox
    only_unread: bool
    marks: bool


@router.get("/inbox", name="inbox")
def inbox_page(
    request: Request,
    before: Annotated[int | None, Query(ge=0)] = None,
    unread: bool = False,
    done: str = "",
) -> Response:
    """What the reader's unit was told, newest first."""
    return _show(request, before=before, unread=unread, done=done)


@router.get("/inbox/{notice_id}", name="notice")
def open_notice(request: Request, notice_id: int) -> Response:
    """On to what the notice is about; it counts as read from now on."""
    site, me = site_of(request), me_of(request)
    notice = notice_of(site.office, me.actor.unit_id, notice_id)
    if notice.unread and me.role in READERS:
        read_notice(site.office, me.actor, site.clock(), ReadNotice(notice_id=notice_id))
    return go(notice.path)


@router.post("/inbox/read", name="read_all_notices_post")
def read_all_notices_post(
    request: Request, up_to: Annotated[str, Form()] = "", key: Annotated[str, Form(max_length=100)] = ""
) -> Response:
    """Everything told up to the notice that was the newest when the page was made."""
    return perform(
        request,
        read_all_notices,
        ReadAllNotices,
        {"up_to": up_to},
        to="/inbox",
        done="all_read",
        again=partial(_show, request),
        key=key,
    )


def _show(  # noqa: PLR0913, PLR0917 -- the page and its filter, and what is left of a form that came back
    request: Request,
    error: DubanError | None = None,
    typed: dict[str, str] | None = None,
    before: int | None = None,
    unread: bool = False,
    done: str = "",
) -> Response:
    me = me_of(request)
    found = inbox(site_of(request).office, me.actor.unit_id, before=before, unread=unread)
    page = InboxPage(
        inbox=found, only_unread=unread, marks=me.role in READERS, error=error, typed=typed, done=done
    )
    return render(request, page)

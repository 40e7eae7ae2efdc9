"""The supervision office's day: what waits for a decision."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request, Response

from services.views.queue import Queue, Waiting, queue
from web.guard import GuardedRoute, me_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)


@dataclass(frozen=True, kw_only=True)
class QueuePage(Page):
    """What waits, by kind."""

    template: ClassVar[str] = "queue.html"
    queue: Queue


@router.get("/queue", name="queue")
def queue_page(request: Request, kind: str = "", page: int = 1, done: str = "") -> Response:
    """All kinds at a glance, or every row of one `kind`."""
    site, me = site_of(request), me_of(request)
    only = next((known for known in Waiting if known.value == kind), None)
    found = queue(site.office, me, site.clock(), only, max(page, 1))
    return render(request, QueuePage(queue=found, done=done))

"""Webhooks of the site, for administrators: made, tried, ended; what the last delivery of each came to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Form, Request, Response

from domain.errors import DubanError
from services.webhooks import (
    CHOICES,
    OnWebhook,
    WantedWebhook,
    all_webhooks,
    end_webhook,
    make_webhook,
    try_webhook,
)
from web.answers import perform, request_from
from web.guard import GuardedRoute, me_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
HERE = "/webhooks"
FORM = "webhook"


@dataclass(frozen=True, kw_only=True)
class WebhooksPage(Page):
    """`secret` is a fresh one, shown this once; `hosts` are those a webhook may lead to."""

    template: ClassVar[str] = "webhooks.html"
    webhooks: Sequence[Any]
    hosts: Sequence[str]
    events: Sequence[str] = tuple(CHOICES)
    chosen: Sequence[str] = tuple(CHOICES)
    secret: str = ""


@router.get(HERE, name="webhooks")
def webhooks(request: Request, done: str = "") -> Response:
    """Show them."""
    return _show(request, done=done)


@router.post(HERE, name="webhook_post")
def webhook_post(
    request: Request,
    url: Annotated[str, Form(max_length=500)] = "",
    events: Annotated[list[str] | None, Form(max_length=20)] = None,
) -> Response:
    """A new one; its secret is shown on this one answer."""
    site, me, chosen = site_of(request), me_of(request), tuple(events or ())
    try:
        wanted: WantedWebhook = request_from(WantedWebhook, {"url": url.strip(), "events": chosen})
        secret = make_webhook(site.office, me.actor, site.clock(), wanted, site.webhook_hosts)
    except DubanError as error:
        return _show(request, error=error, typed={"url": url}, chosen=chosen, sent=FORM)
    return _show(request, secret=secret)


@router.post("/webhooks/{webhook_id}/test", name="try_webhook_post")
def try_webhook_post(request: Request, webhook_id: int) -> Response:
    """Have it told a test event."""
    return _on(request, try_webhook, webhook_id, "webhook_tested")


@router.post("/webhooks/{webhook_id}/end", name="end_webhook_post")
def end_webhook_post(request: Request, webhook_id: int) -> Response:
    """Tell it nothing any more."""
    return _on(request, end_webhook, webhook_id, "webhook_ended")


def _on(request: Request, act: Any, webhook_id: int, done: str) -> Response:
    fields = {"webhook_id": webhook_id}
    return perform(request, act, OnWebhook, fields, to=HERE, done=done, again=_again(request))


def _again(request: Request) -> Callable[[DubanError, dict[str, str]], Response]:
    return lambda error, _typed: _show(request, error=error)


def _show(request: Request, **more: Any) -> Response:
    site = site_of(request)
    hosts = tuple(sorted(site.webhook_hosts))
    return render(request, WebhooksPage(webhooks=all_webhooks(site.office), hosts=hosts, **more))

"""How the site is, what went wrong, and what a person does about it: mails, incidents, a test mail."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Form, Request, Response

from services.care import (
    OnMail,
    SettleIncident,
    WriteTestMail,
    send_mail_again,
    settle_incident,
    write_test_mail,
)
from services.views.system_page import SystemView, incident_row, mail_row, system_view
from web.answers import perform
from web.guard import GuardedRoute, me_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
Key = Annotated[str, Form(max_length=100)]


@dataclass(frozen=True, kw_only=True)
class SystemPage(Page):
    """The health of the site; `sends_mail`: a mail server is set."""

    template: ClassVar[str] = "system.html"
    view: SystemView
    sends_mail: bool


@dataclass(frozen=True, kw_only=True)
class IncidentPage(Page):
    """One incident."""

    template: ClassVar[str] = "incident.html"
    incident: Any


@dataclass(frozen=True, kw_only=True)
class MailPage(Page):
    """One mail: to whom, what became of it, and the address its account has now."""

    template: ClassVar[str] = "mail.html"
    mail: Any


@router.get("/system", name="system")
def system_page(request: Request, done: str = "") -> Response:
    """The health of the site."""
    return _system(request, done=done)


@router.post("/system/test-mail", name="write_test_mail_post")
def write_test_mail_post(request: Request, key: Key = "") -> Response:
    """A mail to one's own address."""
    return perform(
        request,
        write_test_mail,
        WriteTestMail,
        {},
        to="/system",
        done="test_mail_written",
        again=lambda error, typed: _system(request, error=error, typed=typed),
        key=key,
    )


@router.get("/incidents/{incident_id}", name="incident")
def incident_page(request: Request, incident_id: int, done: str = "") -> Response:
    """One incident."""
    return _incident(request, incident_id, done=done)


@router.post("/incidents/{incident_id}/settle", name="settle_incident_post")
def settle_incident_post(
    request: Request, incident_id: int, key: Key = "", note: Annotated[str, Form(max_length=20_000)] = ""
) -> Response:
    """Seen to."""
    incident_row(site_of(request).office, me_of(request), incident_id)
    return perform(
        request,
        settle_incident,
        SettleIncident,
        {"incident_id": incident_id, "note": note},
        to=f"/incidents/{incident_id}",
        done="incident_settled",
        again=lambda error, typed: _incident(request, incident_id, sent="settle", error=error, typed=typed),
        key=key,
    )


@router.get("/mails/{mail_id}", name="mail")
def mail_page(request: Request, mail_id: int, done: str = "") -> Response:
    """One mail."""
    return _mail(request, mail_id, done=done)


@router.post("/mails/{mail_id}/again", name="send_mail_again_post")
def send_mail_again_post(request: Request, mail_id: int, key: Key = "") -> Response:
    """To the address its account has now."""
    mail_row(site_of(request).office, me_of(request), mail_id)
    return perform(
        request,
        send_mail_again,
        OnMail,
        {"mail_id": mail_id},
        to=f"/mails/{mail_id}",
        done="mail_sent_again",
        again=partial(_mail_again, request, mail_id),
        key=key,
    )


def _system(request: Request, **shown: Any) -> Response:
    site, me = site_of(request), me_of(request)
    view = system_view(site.office, me, site.clock())
    return render(request, SystemPage(view=view, sends_mail=site.office.sends_mail, **shown))


def _incident(request: Request, incident_id: int, **shown: Any) -> Response:
    row = incident_row(site_of(request).office, me_of(request), incident_id)
    return render(request, IncidentPage(incident=row, **shown))


def _mail(request: Request, mail_id: int, **shown: Any) -> Response:
    return render(request, MailPage(mail=mail_row(site_of(request).office, me_of(request), mail_id), **shown))


def _mail_again(request: Request, mail_id: int, error: Any, typed: dict[str, str]) -> Response:
    return _mail(request, mail_id, error=error, typed=typed)

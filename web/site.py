"""What the pages stand on: the office and its clock, where evidence lies, and how the site presents itself."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request

from services.office import Office
from store.evidence import EvidenceStore
from web.identity import IdentityProvider

OfficeClock = Callable[[], datetime]


@dataclass(frozen=True)
class WebSite:
    """One a process. `secure`: people reach it by https, so cookies are marked secure."""

    office: Office
    clock: OfficeClock
    evidence: EvidenceStore
    name: str = "督办"
    language: str = ""
    secure: bool = False
    webhook_hosts: Collection[str] = ()
    """The hosts that webhooks may lead to."""
    oidc: IdentityProvider | None = None
    """Through which people may sign in as well, where one is set."""


def site_of(request: Request) -> WebSite:
    """The site whose application answers the request."""
    site: WebSite = request.app.state.site
    return site

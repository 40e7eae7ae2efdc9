"""What the office has done and said: who was told what, and the audit trail of anything."""

from dataclasses import asdict, dataclass
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from domain.errors import DubanError
from models.paper import NoticeKind
from services.access import sees_site
from services.accounts import unit_called
from services.views.audit_trail import Trail, TrailFilter, trail
from services.views.cursor import Cursor
from services.views.telling import TellingFilter, Tellings, tellings
from web.guard import GuardedRoute, me_of
from web.render import Page, render
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
Word = Annotated[str, Query(max_length=200)]
Row = Annotated[int, Query(ge=0, le=2**62)]
KINDS = tuple(kind for kind in NoticeKind if kind is not NoticeKind.SUPERSEDED)


@dataclass(frozen=True)
class TellingAsked:
    """The filters as they stand in the address; a `unit` by its code or name."""

    unit: Word = ""
    directive: Row = 0
    kind: Word = ""
    lost: bool = False

    @property
    def query(self) -> str:
        """Those that say something, as they stand in an address."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


@dataclass(frozen=True)
class TrailAsked:
    """The filters of the trail as they stand in the address."""

    subject: Word = ""
    actor: Word = ""
    action: Word = ""

    @property
    def query(self) -> str:
        """Those that say something, as they stand in an address."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


@dataclass(frozen=True, kw_only=True)
class TellingPage(Page):
    """Tellings, and what was asked for."""

    template: ClassVar[str] = "telling.html"
    found: Tellings
    asked: TellingAsked
    kinds: tuple[NoticeKind, ...] = KINDS


@dataclass(frozen=True, kw_only=True)
class TrailPage(Page):
    """Rows of the trail, and what was asked for. `whole`: the reader may read it without naming a thing."""

    template: ClassVar[str] = "trail.html"
    found: Trail
    asked: TrailAsked
    whole: bool


@router.get("/telling", name="telling")
def telling_page(
    request: Request,
    asked: Annotated[TellingAsked, Depends()],
    before: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Who was told what, when and how."""
    site, me = site_of(request), me_of(request)
    try:
        unit = int(unit_called(site.office, asked.unit.strip()).id) if asked.unit.strip() else 0
        wanted = TellingFilter(unit, asked.directive, asked.kind, asked.lost)
        found = tellings(site.office, me, wanted, Cursor.parse(before))
    except DubanError as error:
        return render(request, TellingPage(found=Tellings((), 0, ""), asked=asked, error=error))
    return render(request, TellingPage(found=found, asked=asked))


@router.get("/trail", name="trail")
def trail_page(request: Request, asked: Annotated[TrailAsked, Depends()], before: Row = 0) -> Response:
    """What was done to one thing, or, to who looks after the site, all that was done."""
    site, me = site_of(request), me_of(request)
    whole = sees_site(me)
    wanted = TrailFilter(asked.subject.strip(), asked.actor.strip(), asked.action.strip())
    found = trail(site.office, me, wanted, before) if whole or wanted.subject else Trail((), 0, 0)
    return render(request, TrailPage(found=found, asked=asked, whole=whole))

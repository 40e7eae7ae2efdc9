"""From a page's context class to HTML: one Jinja environment a language, autoescaped, every place strict.

A page is a frozen dataclass that names its template; the template sees it as `page`, who reads it as `me`, and
nothing else that changes from page to page.
"""

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, ClassVar

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.errors import DubanError
from domain.printed import printed_date
from locales.translator import LANGUAGES, Translator, translator
from services.sign_in import SignedIn
from services.tokens import new_token
from services.views.inbox import unread_of
from web.dates import Almanac, almanac_of
from web.navigation import Place, places_of
from web.problems import problems_of
from web.sentences import field_label, sayers
from web.site import WebSite, site_of
from web.words import word

TEMPLATES = Path(__file__).parent.parent / "templates" / "pages"
LANGUAGE_COOKIE = "duban-language"


@dataclass(frozen=True, kw_only=True)
class Page:
    """What every page has. `error` is what was wrong with the form just sent, `typed` what was typed into it."""

    template: ClassVar[str]
    error: DubanError | None = None
    typed: dict[str, str] | None = None
    done: str = ""
    sent: str = ""
    """The name of the form that was sent, on a page that has several."""


@dataclass(frozen=True)
class Surroundings:
    """What the frame around a page shows."""

    site: str
    me: SignedIn | None
    places: tuple[Place, ...]
    path: str
    language: str
    unread: int
    has_oidc: bool


@cache
def environment(language: str) -> Environment:
    """The environment of one of LANGUAGES."""
    speaker = translator(language)
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    found.install_gettext_translations(speaker.catalogue, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    found.filters["word"] = lambda value, kind: word(speaker, kind, value)
    found.filters["said"] = speaker.render
    found.filters["printed"] = printed_date
    found.globals["new_key"] = new_token
    found.globals.update(sayers(speaker))
    found.globals["problems"] = lambda error: problems_of(speaker, error, partial(field_label, speaker))
    return found


def language_of(request: Request) -> str:
    """The account's own language, else the one chosen here, else the site's, else the browser's, else Chinese."""
    site: WebSite = site_of(request)
    me: SignedIn | None = getattr(request.state, "me", None)
    wanted = (me.language if me else "", request.cookies.get(LANGUAGE_COOKIE, ""), site.language)
    for language in wanted:
        if language in LANGUAGES:
            return language
    return "en" if request.headers.get("accept-language", "zh").lower().startswith("en") else LANGUAGES[0]


def speaker_of(request: Request) -> Translator:
    """Who speaks the reader's language."""
    return translator(language_of(request))


def almanac_for(request: Request) -> Almanac:
    """The calendar and the now of this request, read once: a page has one now."""
    found: Almanac | None = getattr(request.state, "almanac", None)
    if found is None:
        site = site_of(request)
        found = almanac_of(site.office, site.clock(), language_of(request))
        request.state.almanac = found
    return found


def render(request: Request, page: Page, status: int = 200) -> HTMLResponse:
    """The page as an answer; with an error its status is 422 unless another one is given."""
    site, me, language = site_of(request), getattr(request.state, "me", None), language_of(request)
    almanac = almanac_for(request)
    frame = Surroundings(
        site=site.name,
        me=me,
        places=places_of(me),
        path=request.url.path,
        language=language,
        unread=unread_of(site.office, me.actor.unit_id) if me else 0,
        has_oidc=site.oidc is not None,
    )
    context: dict[str, Any] = {"page": page, "frame": frame, "me": me, "dates": almanac}
    html = environment(language).get_template(page.template).render(context)
    if page.error is not None and status == 200:
        status = 422
    return HTMLResponse(html, status)

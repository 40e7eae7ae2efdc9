"""Somebody at a screen without JavaScript: signs in for real, reads pages, fills in forms that stand on them.

`web` is the application over the `scene`, its clock where the test puts it. A test asks it for a `Browser`:

    officer = await web.enter("unit_officer@A")
    page = await officer.open("/my/unit-tasks")
    page = await officer.send("/unit-tasks/1/acknowledge")   # the form with that address on the page open now
"""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.one_time_links import make_link, use_link
from store.evidence import FolderStore
from tests.office import BEGINS, DIRECTOR, Scene
from web.app import create_app
from web.site import WebSite

PASSWORD = "four plain words here"
SPACE = re.compile(r"\s+")
VOID = frozenset({"input", "link", "meta", "br", "img", "hr", "source", "col", "wbr"})
File = tuple[str, bytes, str]
"""A file of a form: its name, its octets, its media type."""


@dataclass
class Form:
    """A form of a page: where it goes, and what it would send as it stands."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


@dataclass
class Link:
    """A link of a page."""

    href: str
    text: str = ""


class _Reader(HTMLParser):
    """What a person sees of a page: its words, its links, its forms, the words of each part with an id."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.forms: list[Form] = []
        self.links: list[Link] = []
        self.parts: dict[str, list[str]] = {}
        self.rows: list[list[str]] = []
        self._open: list[tuple[str, str]] = []
        self._form: Form | None = None
        self._area: str | None = None
        self._choice: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append((tag, given.get("id", "")))
            self.parts.setdefault(given.get("id", ""), [])
        if tag == "a":
            self.links.append(Link(given.get("href", "")))
        elif tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
        elif self._form is not None:
            self._field(self._form, tag, given)

    def _field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "")
        if tag == "select":
            self._choice = name
        elif tag == "option" and self._choice:
            if "selected" in given or self._choice not in form.fields:
                form.fields[self._choice] = given.get("value", "")
        elif tag == "textarea":
            self._area = name
            form.fields[name] = ""
        elif tag == "button":
            form.buttons.append(name)
        elif tag == "input" and kind == "file":
            form.files.append(name)
        elif tag == "input" and name and (kind not in ("checkbox", "radio") or "checked" in given):
            form.fields[name] = given.get("value", "on" if kind == "checkbox" else "")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            if self._form is not None and self._area is not None:
                self._form.fields[self._area] = self._form.fields[self._area].removeprefix("\n")
            self._area = None
        elif tag == "select":
            self._choice = None

    def handle_data(self, data: str) -> None:
        inside = [tag for tag, _ in self._open]
        if "script" in inside or "style" in inside:
            return
        if self._area is not None and self._form is not None:
            self._form.fields[self._area] += data
        self.words.append(data)
        for _, name in self._open:
            if name:
                self.parts[name].append(data)
        if "a" in inside:
            self.links[-1].text += data
        if ("td" in inside or "th" in inside) and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def _plain(text: str) -> str:
    return SPACE.sub(" ", text).strip()


class Page:
    """A page as it came back."""

    def __init__(self, answer: httpx.Response) -> None:
        self.status, self.answer = answer.status_code, answer
        self.path = answer.request.url.raw_path.decode()
        read = _Reader(answer.text)
        self.forms = read.forms
        self.links = [Link(link.href, _plain(link.text)) for link in read.links]
        self.text = _plain(" ".join(read.words))
        self.rows = [[_plain(cell) for cell in row] for row in read.rows if row]
        """The cells of every row of every table."""
        self._parts = read.parts

    def part(self, name: str) -> str:
        """The words of the element with that id."""
        return _plain(" ".join(self._parts[name]))

    def form(self, action: str) -> Form:
        """The form that goes to that address."""
        found = [form for form in self.forms if form.action == action]
        assert found, f"no form goes to {action}; there are {[form.action for form in self.forms]}"
        return found[0]

    def has_form(self, action: str) -> bool:
        """Whether such a form stands on the page."""
        return any(form.action == action for form in self.forms)

    def link(self, text: str) -> str:
        """Where the link with those words leads."""
        found = [link.href for link in self.links if text in link.text]
        assert found, f"no link says {text!r}; there are {[link.text for link in self.links]}"
        return found[0]


class Browser:
    """One browser with its cookies and the page that is open."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page: Page | None = None

    async def open(self, path: str, status: int = 200) -> Page:
        """Go to an address; the answer has that status."""
        return self._shown(await self.client.get(path, follow_redirects=True), status)

    async def follow(self, text: str) -> Page:
        """Go where the link with those words leads."""
        return await self.open(self.at.link(text))

    async def send(
        self, action: str, *, status: int = 200, files: dict[str, list[File]] | None = None, **typed: Any
    ) -> Page:
        """Fill in the form with that address and send it; what is not typed goes as it stands."""
        form = self.at.form(action)
        unknown = set(typed) - set(form.fields) - set(form.buttons)
        assert not unknown, f"the form {action} has no field {unknown}; it has {sorted(form.fields)}"
        sent = form.fields | {name: str(value) for name, value in typed.items()}
        return await self.post(action, sent, status=status, files=files)

    async def post(
        self,
        action: str,
        fields: dict[str, str],
        *,
        status: int = 200,
        files: dict[str, list[File]] | None = None,
    ) -> Page:
        """Post exactly those fields, whatever stands on the page."""
        parts = [(name, one) for name, many in (files or {}).items() for one in many]
        answer = await self.client.post(action, data=fields, files=parts or None, follow_redirects=True)
        return self._shown(answer, status)

    @property
    def at(self) -> Page:
        """The page that is open."""
        assert self.page is not None, "no page is open"
        return self.page

    def _shown(self, answer: httpx.Response, status: int) -> Page:
        self.page = Page(answer)
        assert answer.status_code == status, f"{answer.status_code} {answer.url}: {self.page.text[:500]}"
        return self.page


@dataclass
class Web:
    """The application over a scene. `now` is what its clock says; a test moves it."""

    scene: Scene
    folder: Path
    stack: AsyncExitStack
    now: datetime = BEGINS
    app: FastAPI = field(init=False)
    _known: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.evidence = FolderStore(self.folder / "evidence")
        self.app = create_app(
            WebSite(office=self.scene.office, clock=lambda: self.now, evidence=self.evidence)
        )

    async def visit(self, language: str = "en") -> Browser:
        """A browser in which nobody is signed in."""
        transport = httpx.ASGITransport(self.app)
        client = httpx.AsyncClient(
            transport=transport, base_url="http://duban", headers={"accept-language": language}
        )
        return Browser(await self.stack.enter_async_context(client))

    async def enter(self, login: str, language: str = "en") -> Browser:
        """A browser in which that account has signed in; its password is PASSWORD."""
        if login not in self._known:
            account = self.scene.people[login].account_id
            assert account is not None
            use_link(
                self.scene.office,
                self.now,
                make_link(self.scene.office, DIRECTOR, self.now, account),
                PASSWORD,
            )
            self._known.add(login)
        browser = await self.visit(language)
        form = (await browser.open("/sign-in")).form("/sign-in")
        answer = await browser.client.post(
            "/sign-in", data=form.fields | {"login": login, "password": PASSWORD}
        )
        assert answer.status_code == 303, Page(answer).text
        browser.page = Page(await browser.client.get(answer.headers["location"], follow_redirects=True))
        return browser


@pytest.fixture
async def web(scene: Scene, tmp_path: Path) -> AsyncIterator[Web]:
    """The application over the small office, ten minutes after publication."""
    async with AsyncExitStack() as stack:
        yield Web(scene, tmp_path, stack)

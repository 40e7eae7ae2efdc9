"""A real browser on a real web server over the small office. The engine lives on while people click."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from shutil import which

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, sync_playwright

from services.one_time_links import make_link, use_link
from store.evidence import FolderStore
from tests.office import DIRECTOR, PUBLISHED, Scene
from web.app import create_app
from web.server import serve
from web.site import WebSite

CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
PASSWORD = "four plain words here"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
SLOW = 15_000


@pytest.fixture
def chromium() -> Iterator[Browser]:
    """Chromium of the system; where there is none, these tests are skipped and say so.

    It is begun for each test: while Playwright runs, its event loop keeps those of other tests from running.
    """
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: THE PAGES WERE NOT TRIED IN A BROWSER (Debian: chromium)")
    with sync_playwright() as playwright:
        yield launched(playwright)


def launched(playwright: Playwright) -> Browser:
    """A Chromium of the system."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))


@dataclass
class Office:
    """The web server of an office. Time goes on when a test says so, and the engine with it."""

    scene: Scene
    folder: Path
    browser: Browser
    now: datetime = PUBLISHED
    address: str = ""
    elsewhere: list[str] = field(default_factory=list)
    """Every request that left for another host."""
    complaints: list[str] = field(default_factory=list)
    """What the browser wrote on its console."""
    _contexts: list[BrowserContext] = field(default_factory=list)

    def live(self, days: float = 0, minutes: float = 15) -> None:
        """Let time pass; the engine does what became due, moment by moment."""
        end = self.now + timedelta(days=days, minutes=minutes)
        while (moment := self.scene.next_moment()) is not None and moment <= end:
            self.scene.live(max(moment, self.now))
        self.scene.live(end)
        self.now = end

    def enter(self, login: str, *, language: str = "en", width: int = 1366, scripts: bool = True) -> Page:
        """A person sits down, goes to the sign-in page and signs in."""
        account = self.scene.people[login].account_id
        assert account is not None
        use_link(
            self.scene.office, self.now, make_link(self.scene.office, DIRECTOR, self.now, account), PASSWORD
        )
        page = self.page(language=language, width=width, scripts=scripts)
        page.goto(f"{self.address}/sign-in")
        page.fill("#login", login)
        page.fill("#password", PASSWORD)
        page.click("main button")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    def page(self, *, language: str = "en", width: int = 1366, scripts: bool = True) -> Page:
        """An empty browser window."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 768},
            locale="zh-CN" if language == "zh_CN" else "en-GB",
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(SLOW)
        self._contexts.append(context)
        page = context.new_page()
        page.on("request", self._noted)
        page.on("console", lambda message: self.complaints.append(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        return page

    def _noted(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:")):
            self.elsewhere.append(request.url)

    def close(self) -> None:
        """Close every window."""
        for context in self._contexts:
            context.close()


@pytest.fixture
def office(scene: Scene, tmp_path: Path, chromium: Browser) -> Iterator[Office]:
    """The small office, served; nothing may have left for another host, and the browser has nothing to complain of."""
    found = Office(scene, tmp_path, chromium)
    site = WebSite(office=scene.office, clock=lambda: found.now, evidence=FolderStore(tmp_path / "evidence"))
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen(64)
        found.address = f"http://127.0.0.1:{bound.getsockname()[1]}"
        with Serving(site, bound):
            yield found
            found.close()
    assert found.elsewhere == []
    assert [said for said in found.complaints if "422" not in said] == []


class Serving:
    """The web server in a thread of its own."""

    def __init__(self, site: WebSite, bound: socket.socket) -> None:
        self._site, self._bound = site, bound
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(serve(create_app(self._site), self._bound))
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        finally:
            self._loop.close()

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(10)


def faults_of(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": list(RULES)}})
    return [
        f"{page.url} {one['id']}: {node['target']}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]

"""Pictures of the main pages for docs/screenshots, in both languages: `make screenshots`.

A year is played on the real engine to a day in its middle; then the pages are opened as their people.
"""

import asyncio
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from sqlalchemy import select

from domain.unit_task import State
from models.columns import table
from models.organisation import AccountRole
from models.paper import Letter, LetterState
from models.unit_task import UnitTask
from play.play import Run, key_file, play
from play.stage import Script
from services.office import Actor, Office
from services.one_time_links import make_link, use_link
from services.watch import Seen, actors, news
from store.evidence import FolderStore
from store.keys import load_key_ring
from store.sessions import open_engine, reading
from tests.browser.conftest import PASSWORD, Serving, launched
from tests.conftest import ROOT
from tests.domain.samples import SHANGHAI
from tests.office import DIRECTOR
from web.site import WebSite

MIDDLE = datetime(2026, 7, 10, 2, 30, tzinfo=UTC)
FOLDER = ROOT / "docs" / "screenshots"
WIDE, NARROW = ViewportSize(width=1366, height=900), ViewportSize(width=390, height=844)


@dataclass(frozen=True)
class Picture:
    """A page as somebody sees it; `{...}` in the path is an id of the office."""

    name: str
    role: AccountRole
    path: str
    phone: bool = False


PICTURES = (
    Picture("overview", AccountRole.LEADER, "/overview"),
    Picture("directive", AccountRole.LEADER, "/directives/1"),
    Picture("matrix", AccountRole.LEADER, "/directives/1/matrix"),
    Picture("new-directive", AccountRole.LEADER, "/directives/new"),
    Picture("queue", AccountRole.SUPERVISION_OFFICE, "/queue"),
    Picture("review", AccountRole.SUPERVISION_OFFICE, "/unit-tasks/{submitted}/review"),
    Picture("letter", AccountRole.SUPERVISION_OFFICE, "/letters/{letter}"),
    Picture("my-tasks", AccountRole.UNIT_OFFICER, "/my/unit-tasks"),
    Picture("task", AccountRole.UNIT_OFFICER, "/unit-tasks/{mine}"),
    Picture("task-phone", AccountRole.UNIT_OFFICER, "/unit-tasks/{mine}", phone=True),
    Picture("accounts", AccountRole.ADMINISTRATOR, "/accounts"),
)


def main() -> None:
    """Play, serve, and take every picture in both languages."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        asyncio.run(play(Run(Script(), folder, until=MIDDLE)))
        office = Office(
            open_engine(f"sqlite:///{folder / 'duban.sqlite'}"), load_key_ring(key_file(folder)), SHANGHAI
        )
        people = _people(office)
        ids = _ids(office, people[AccountRole.UNIT_OFFICER])
        with _served(office, folder) as address, sync_playwright() as playwright:
            browser = launched(playwright)
            for language in ("zh_CN", "en"):
                for picture in PICTURES:
                    _take(browser, address, picture, language, people, ids)
            browser.close()
        office.engine.dispose()


def _people(office: Office) -> dict[AccountRole, str]:
    """One login a role, of units the one with the most to do; each with the tests' password."""
    tasks: dict[int | None, int] = {}
    for row in news(office, Seen()).tasks:
        tasks[row.unit_id] = tasks.get(row.unit_id, 0) + (row.state == State.ACKNOWLEDGED)
    found: dict[AccountRole, Actor] = {}
    for actor in sorted(actors(office), key=lambda one: -tasks.get(one.unit_id, 0)):
        found.setdefault(AccountRole(actor.role), actor)
    logins = {}
    for role, actor in found.items():
        assert actor.account_id is not None
        token = make_link(office, DIRECTOR, MIDDLE, actor.account_id)
        logins[role] = use_link(office, MIDDLE, token, PASSWORD)
    return logins


def _ids(office: Office, officer: str) -> dict[str, int]:
    task, letter = table(UnitTask), table(Letter)
    unit = next(actor.unit_id for actor in actors(office) if actor.name == f"account:{officer}")
    mine = select(task.c.id).where(task.c.unit_id == unit, task.c.state == State.ACKNOWLEDGED)
    submitted = select(task.c.id).where(task.c.state == State.SUBMITTED)
    issued = select(letter.c.id).where(letter.c.state == LetterState.ISSUED).order_by(letter.c.id.desc())
    with reading(office.engine) as session:
        connection = session.connection()
        chosen = {"mine": mine, "submitted": submitted, "letter": issued}
        return {name: connection.execute(one.limit(1)).scalar_one() for name, one in chosen.items()}


@contextmanager
def _served(office: Office, folder: Path) -> Iterator[str]:
    site = WebSite(
        office=office, clock=lambda: MIDDLE, evidence=FolderStore(folder / "evidence"), name="芸溪市督办"
    )
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen(16)
        with Serving(site, bound):
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"


def _take(  # noqa: PLR0917 -- a picture is all of these
    browser: Browser,
    address: str,
    picture: Picture,
    language: str,
    people: dict[AccountRole, str],
    ids: dict[str, int],
) -> None:
    context = browser.new_context(
        viewport=NARROW if picture.phone else WIDE, locale="zh-CN" if language == "zh_CN" else "en-GB"
    )
    page: Page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.fill("#login", people[picture.role])
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto(address + picture.path.format(**ids))
    short = "zh" if language == "zh_CN" else "en"
    page.screenshot(path=FOLDER / f"{short}-{picture.name}.png")
    context.close()


if __name__ == "__main__":
    main()

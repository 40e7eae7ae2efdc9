"""The inbox: what a unit was told, newest first, and what opening it does."""

from datetime import date

import pytest

from models.columns import table
from models.engine import Audit
from models.paper import Notice, NoticeKind
from tests.domain.samples import local
from tests.office import BEGINS, Scene
from tests.web.browser import Browser, Web

LATE = local(date(2026, 4, 10), 9)


@pytest.fixture
async def officer(scene: Scene, web: Web) -> Browser:
    """The officer of a unit that let a deadline pass."""
    task = scene.one("A")
    scene.acknowledge(task, BEGINS)
    scene.live_until(LATE)
    web.now = LATE
    return await web.enter("unit_officer@A")


def told(scene: Scene, code: str = "A") -> list[int]:
    """The ids of what a unit was told, newest first, read row by row."""
    rows = scene.rows(Notice)
    mine = [row.id for row in rows if row.unit_id == scene.units[code] and row.kind != NoticeKind.SUPERSEDED]
    return mine[::-1]


async def test_everything_told_stands_in_it_newest_first(scene: Scene, officer: Browser) -> None:
    page = await officer.open("/inbox")

    shown = [int(link.href.rpartition("/")[2]) for link in page.links if link.href.startswith("/inbox/")]
    assert shown == told(scene)
    assert len(shown) > 2
    assert (page.part("unread"), page.part("in-all")) == (str(len(shown)), str(len(shown)))


async def test_the_head_of_every_page_counts_what_is_unread(scene: Scene, officer: Browser) -> None:
    page = await officer.open("/my/unit-tasks")

    assert f"Inbox {len(told(scene))}" in [link.text for link in page.links]


async def test_opening_one_marks_it_as_read_once_and_leads_to_what_it_is_about(
    scene: Scene, officer: Browser, web: Web
) -> None:
    first = told(scene)[-1]

    page = await officer.open(f"/inbox/{first}")
    await officer.open(f"/inbox/{first}")

    assert page.path == f"/unit-tasks/{scene.row(Notice, first).unit_task_id}"
    assert scene.row(Notice, first).read_at == web.now
    assert scene.count(Audit, table(Audit).c.action == "read_notice") == 1
    page = await officer.open("/inbox?unread=1")
    assert page.part("unread") == str(len(told(scene)) - 1)
    assert f"/inbox/{first}" not in [link.href for link in page.links]


async def test_the_notice_of_an_issued_letter_leads_to_the_letter(scene: Scene, officer: Browser) -> None:
    with_letter = next(row for row in scene.rows(Notice) if row.letter_id)

    page = await officer.open(f"/inbox/{with_letter.id}")

    assert page.path == f"/letters/{with_letter.letter_id}"


async def test_all_are_marked_as_read_but_not_what_came_meanwhile(
    scene: Scene, officer: Browser, web: Web
) -> None:
    before = told(scene)
    await officer.open("/inbox")
    scene.one("A")

    page = await officer.send("/inbox/read")

    assert "Everything shown is marked as read." in page.text
    unread = [notice for notice in told(scene) if scene.row(Notice, notice).read_at is None]
    assert set(unread) == set(told(scene)) - set(before)
    assert page.part("unread") == str(len(unread)) == "1"


async def test_another_units_notice_does_not_exist(scene: Scene, officer: Browser, web: Web) -> None:
    other = await web.enter("unit_officer@B")

    page = await other.open("/inbox")
    assert "Nothing was told yet." in page.text
    await other.open(f"/inbox/{told(scene)[0]}", status=404)
    assert all(row.read_at is None for row in scene.rows(Notice))


async def test_a_long_inbox_is_read_page_by_page_without_a_gap(
    scene: Scene, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.views.inbox.SHOWN", 2)
    for _ in range(5):
        scene.one("A")
    officer = await web.enter("unit_officer@A")

    seen: list[str] = []
    page = await officer.open("/inbox")
    for _ in range(3):
        seen += [link.href for link in page.links if link.href.startswith("/inbox/")]
        if "Older ones" in page.text:
            page = await officer.follow("Older ones")

    assert seen == [f"/inbox/{notice}" for notice in told(scene)]
    assert "Older ones" not in page.text

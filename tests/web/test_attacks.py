"""What people try on a web page that they should not: each answer is a page of ours, and nothing has happened."""

from collections.abc import AsyncIterator

import pytest

from domain.unit_task import State
from models.unit_task import ProgressReport, UnitTask
from tests.office import HANDLING
from tests.web.browser import Web

OFFICER = "unit_officer@A"
SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


@pytest.mark.parametrize("place", ["title", "text", "report"])
async def test_words_stay_words(web: Web, place: str) -> None:
    """B12: what was typed is shown, never run."""
    scene = web.scene
    item = scene.begin(
        scene.item(("A", HANDLING), text=SCRIPT if place == "text" else "建成三所幼儿园"),
        title=SCRIPT if place == "title" else "重点工作",
    ).items[0]
    task = scene.task(item, "A").id
    browser = await web.enter(OFFICER)
    await browser.open(f"/unit-tasks/{task}")
    await browser.send(f"/unit-tasks/{task}/acknowledge")
    if place == "report":
        await browser.send(f"/unit-tasks/{task}/progress", progress="10", text=SCRIPT)
    for path in (f"/unit-tasks/{task}", "/my/unit-tasks"):
        page = await browser.open(path)
        assert "<script>alert" not in page.answer.text
        assert "<img src=x" not in page.answer.text
    page = await browser.open(f"/unit-tasks/{task}")
    assert SCRIPT in page.text


@pytest.mark.parametrize("text", ["nul \0 in it", "half \ud800 of one"])
async def test_a_character_that_cannot_be_stored_is_refused(web: Web, text: str) -> None:
    """B03, B04."""
    task = web.scene.tasks(web.scene.one())["A"].id
    browser = await web.enter(OFFICER)
    await browser.open(f"/unit-tasks/{task}")
    await browser.send(f"/unit-tasks/{task}/acknowledge")
    fields = browser.at.form(f"/unit-tasks/{task}/progress").fields | {"progress": "10"}
    octets = text.encode("utf-8", "surrogatepass")
    body = "&".join(f"{name}={value}" for name, value in fields.items() if name != "text").encode()
    body += b"&text=" + b"".join(b"%%%02X" % octet for octet in octets)
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await browser.client.post(f"/unit-tasks/{task}/progress", content=body, headers=headers)

    assert answer.status_code in (
        303,
        422,
    )  # a broken octet is read as the sign for one, which is a character
    assert all("\0" not in row.text and "\ud800" not in row.text for row in web.scene.rows(ProgressReport))


@pytest.mark.parametrize(
    "more", [{"state": "accepted"}, {"unit_id": "2"}, {"version": "9"}, {"at": "2020-01-01"}]
)
async def test_a_field_that_nobody_asked_for_changes_nothing(web: Web, more: dict[str, str]) -> None:
    """B36, B39."""
    item = web.scene.one()
    task = web.scene.tasks(item)["A"].id
    browser = await web.enter(OFFICER)
    await browser.open(f"/unit-tasks/{task}")
    path = f"/unit-tasks/{task}/acknowledge"
    await browser.post(path, browser.at.form(path).fields | more)
    found = web.scene.task(item, "A")

    assert (found.state, found.unit_id, found.version) == (State.ACKNOWLEDGED, web.scene.units["A"], 2)
    assert found.acknowledged_at == web.now


async def test_a_step_cannot_be_skipped(web: Web) -> None:
    """B37: nothing is submitted before it is acknowledged, nor without proof."""
    item = web.scene.one()
    task = web.scene.tasks(item)["A"].id
    browser = await web.enter(OFFICER)
    page = await browser.open(f"/unit-tasks/{task}")
    ours = page.form(f"/unit-tasks/{task}/acknowledge").fields
    page = await browser.post(f"/unit-tasks/{task}/submit", ours | {"text": "已完成"}, status=422)

    assert web.scene.task(item, "A").state == State.ASSIGNED


async def test_a_foreign_and_a_missing_record_look_the_same(web: Web) -> None:
    """B34."""
    foreign = web.scene.tasks(web.scene.one("B"))["B"].id
    browser = await web.enter(OFFICER)
    there = await browser.open(f"/unit-tasks/{foreign}", status=404)
    missing = await browser.open("/unit-tasks/987654", status=404)

    assert there.text.replace(f"task {foreign}", "task 987654") == missing.text


async def test_the_host_header_leads_nowhere(web: Web) -> None:
    """B53."""
    browser = await web.visit()
    answer = await browser.client.get("/my/unit-tasks", headers={"host": "evil.example"})

    assert answer.headers["location"].startswith("/sign-in")
    assert "evil.example" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/.env",
        "/.git/config",
        "/docs",
        "/openapi.json",
        "/metrics",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
    ],
)
async def test_what_is_not_a_page_is_not_there(web: Web, path: str) -> None:
    """B62."""
    browser = await web.enter(OFFICER)

    assert (await browser.client.get(path)).status_code == 404


async def test_too_much_is_cut_off_while_it_arrives(web: Web) -> None:
    """B08: of a body that no form needs only the beginning is read."""
    browser = await web.enter(OFFICER)
    sent = 0

    async def octets() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(64):
            sent += 1_000_000
            yield b"a" * 1_000_000

    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await browser.client.post("/account/preferences", content=octets(), headers=headers)

    assert answer.status_code in (400, 413)  # a field too long, or all of it
    assert sent < 8_000_000


async def test_a_long_idempotency_key_is_refused(web: Web) -> None:
    """B66."""
    item = web.scene.one()
    task = web.scene.tasks(item)["A"].id
    browser = await web.enter(OFFICER)
    await browser.open(f"/unit-tasks/{task}")
    path = f"/unit-tasks/{task}/acknowledge"
    await browser.post(path, browser.at.form(path).fields | {"key": "k" * 10_000}, status=422)

    assert web.scene.task(item, "A").state == State.ASSIGNED


async def test_a_key_belongs_to_who_used_it(web: Web) -> None:
    """B66: another person's key answers nothing to anybody else."""
    first, second = (web.scene.tasks(web.scene.one(code))[code].id for code in ("A", "B"))
    for login, task in ((OFFICER, first), ("unit_officer@B", second)):
        browser = await web.enter(login)
        await browser.open(f"/unit-tasks/{task}")
        path = f"/unit-tasks/{task}/acknowledge"
        await browser.post(path, browser.at.form(path).fields | {"key": "shared"})
    assert {row.state for row in web.scene.rows(UnitTask)} == {State.ACKNOWLEDGED}

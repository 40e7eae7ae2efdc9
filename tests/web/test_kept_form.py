"""Nothing typed is lost when the session ends meanwhile, and nothing is sent that its reader has not seen."""

from datetime import timedelta

import pytest

from models.unit_task import Evidence, ProgressReport, UnitTask
from services.sign_in import IDLE
from tests.office import Scene
from tests.web.browser import PASSWORD, Browser, Page, Web

OFFICER = "unit_officer@A"
TYPED = {
    "progress": "40",
    "text": '已开工两所。\n第二行 <b>"引号"</b>',
    "problem": "",
    "next_step": "四月招标。",
}


async def typing(web: Web) -> tuple[int, Browser, dict[str, str]]:
    """An officer before a progress report whose session ends while it is written."""
    task = web.scene.one("A")
    web.scene.acknowledge(task, web.now)
    officer = await web.enter(OFFICER)
    form = (await officer.open(f"/unit-tasks/{task}")).form(f"/unit-tasks/{task}/progress")
    web.now += IDLE + timedelta(minutes=1)
    return task, officer, form.fields | TYPED


async def post(browser: Browser, path: str, fields: dict[str, str]) -> Page:
    """As a browser posts the form of a page of ours."""
    headers = {
        "origin": "http://duban",
        "sec-fetch-site": "same-origin",
        "referer": f"http://duban{path.rpartition('/')[0]}",
    }
    browser.page = Page(await browser.client.post(path, data=fields, headers=headers))
    return browser.page


async def test_what_was_typed_is_sent_again_after_signing_in(scene: Scene, web: Web) -> None:
    task, officer, fields = await typing(web)

    page = await post(officer, f"/unit-tasks/{task}/progress", fields)
    assert page.status == 401
    assert "What you typed is kept." in page.text
    assert fields["csrf"] not in page.answer.text
    assert scene.count(ProgressReport) == 0

    page = await officer.send("/sign-in", login=OFFICER, password=PASSWORD)
    assert "已开工两所。" in page.text
    assert page.form(f"/unit-tasks/{task}/progress").fields["text"] == TYPED["text"]
    assert scene.count(ProgressReport) == 0, "nothing goes before it was looked at"

    page = await officer.send(f"/unit-tasks/{task}/progress")
    assert "The progress report is filed." in page.text
    (row,) = scene.rows(ProgressReport)
    assert (row.progress, row.text, row.problem, row.next_step) == (40, TYPED["text"], "", "四月招标。")


async def test_a_wrong_password_does_not_lose_it_either(scene: Scene, web: Web) -> None:
    task, officer, fields = await typing(web)
    await post(officer, f"/unit-tasks/{task}/progress", fields)

    await officer.send("/sign-in", status=422, login=OFFICER, password="not the right one")
    await officer.send("/sign-in", login=OFFICER, password=PASSWORD)
    await officer.send(f"/unit-tasks/{task}/progress")

    assert scene.row(UnitTask, task).progress == 40


async def test_a_form_without_text_leads_to_the_sign_in_and_back(scene: Scene, web: Web) -> None:
    task, officer, _ = await typing(web)
    page = await officer.send(f"/unit-tasks/{task}/submit", status=200)

    assert page.path == "/sign-in?next=%2F"
    assert not page.form("/sign-in").fields.get("kept")


async def test_files_are_not_kept_and_their_page_is_opened_again(scene: Scene, web: Web) -> None:
    task, officer, _ = await typing(web)
    here = f"/unit-tasks/{task}"
    answer = await officer.client.post(
        f"{here}/evidence",
        data={"effective_on": "2026-03-01"},
        files={"files": ("记录.txt", b"x", "text/plain")},
        headers={"referer": f"http://duban{here}"},
    )

    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next=%2Funit-tasks%2F{task}")
    assert scene.count(Evidence) == 0


async def test_a_stranger_cannot_have_us_read_a_large_file(web: Web) -> None:
    task, officer, _ = await typing(web)
    answer = await officer.client.post(
        f"/unit-tasks/{task}/evidence", files={"files": ("a.txt", b"x" * 3 * 1024 * 1024, "text/plain")}
    )

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


async def test_a_form_left_open_while_another_session_began_is_offered_again(scene: Scene, web: Web) -> None:
    task, _, fields = await typing(web)
    again = await web.enter(OFFICER)

    page = await post(again, f"/unit-tasks/{task}/progress", fields)
    assert page.status == 403
    assert "已开工两所。" in page.text
    assert scene.count(ProgressReport) == 0
    await again.send(f"/unit-tasks/{task}/progress")
    assert scene.count(ProgressReport) == 1


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
async def test_a_form_of_another_site_is_neither_kept_nor_offered(
    scene: Scene, web: Web, headers: dict[str, str]
) -> None:
    task, officer, fields = await typing(web)
    for browser in (officer, await web.enter(OFFICER)):
        answer = await browser.client.post(f"/unit-tasks/{task}/progress", data=fields, headers=headers)
        assert answer.status_code == 403
        assert "已开工两所。" not in answer.text
    assert scene.count(ProgressReport) == 0


async def test_a_stale_form_of_unknown_origin_is_refused(scene: Scene, web: Web) -> None:
    task, _, fields = await typing(web)
    again = await web.enter(OFFICER)
    answer = await again.client.post(f"/unit-tasks/{task}/progress", data=fields)

    assert answer.status_code == 403
    assert "已开工两所。" not in answer.text


async def test_what_was_kept_leads_nowhere_else(web: Web) -> None:
    await web.enter(OFFICER)
    for_all = (await (await web.visit()).open("/sign-in")).form("/sign-in").fields
    for kept in (
        '["https://evil.example/x", "/", [["a", "b"]]]',
        '["//evil.example", "/", [["a", "b"]]]',
        "[]",
        "{",
    ):
        visitor = await web.visit()
        page = await visitor.post(
            "/sign-in", for_all | {"login": OFFICER, "password": PASSWORD, "kept": kept}
        )
        assert "evil.example" not in page.answer.text

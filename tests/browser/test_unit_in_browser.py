"""A unit does its task in a real browser: with and without JavaScript, by keyboard, on a phone, in both languages."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from domain.unit_task import State
from tests.browser.conftest import Office, faults_of
from tests.office import BEGINS

pytestmark = pytest.mark.timeout(180)
OFFICER = "unit_officer@A"
WORDS = {
    "en": ("Acknowledge the task", "Submit the task as done", "Add the evidence"),
    "zh_CN": ("签收", "报送办结", "上传佐证材料"),
}


@pytest.fixture
def item(office: Office) -> int:
    """An item for unit A, handed out."""
    found = office.scene.one()
    office.now = BEGINS
    return found


def open_first_task(page: Page) -> None:
    page.locator("table.rows tbody a").first.click()


def width_of(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


def proof(folder: Path) -> Path:
    file = folder / "report.txt"
    file.write_text("三所幼儿园已建成。\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_acknowledge_prove_and_submit(office: Office, item: int, tmp_path: Path, *, scripts: bool) -> None:
    page = office.enter(OFFICER, scripts=scripts)
    open_first_task(page)
    page.get_by_role("button", name="Acknowledge the task").click()
    page.wait_for_url("**done=acknowledged")
    task = office.scene.task(item, "A")
    assert task.state == State.ACKNOWLEDGED

    page.locator(f"form[action='/unit-tasks/{task.id}/evidence'] input[type=file]").first.set_input_files(
        proof(tmp_path)
    )
    page.locator(f"form[action='/unit-tasks/{task.id}/evidence'] button:not([hidden])").last.click()
    page.get_by_text("report.txt").first.wait_for()
    submit = page.locator(f"form[action='/unit-tasks/{task.id}/submit']")
    submit.locator("textarea").fill("三所幼儿园已建成并交付使用。")
    submit.locator("button").click()
    page.wait_for_url("**done=submitted*")
    assert office.scene.task(item, "A").state == State.SUBMITTED


def test_by_keyboard_alone(office: Office, item: int) -> None:
    page = office.enter(OFFICER)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('table.rows') !== null"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/unit-tasks/*")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.includes('Acknowledge the task')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**done=acknowledged")

    assert office.scene.task(item, "A").state == State.ACKNOWLEDGED


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_on_a_phone_nothing_is_cut_off(office: Office, item: int, language: str) -> None:
    page = office.enter(OFFICER, language=language, width=390)
    assert width_of(page) <= 390
    open_first_task(page)
    page.wait_for_url("**/unit-tasks/*")
    assert width_of(page) <= 390
    page.get_by_role("button", name=WORDS[language][0]).click()
    page.wait_for_url("**done=acknowledged")


def test_a_form_is_sent_once_however_often_its_button_is_pressed(office: Office, item: int) -> None:
    page = office.enter(OFFICER)
    open_first_task(page)
    page.get_by_role("button", name="Acknowledge the task").dblclick()
    page.wait_for_url("**done=acknowledged")

    assert len(office.scene.audit("acknowledge")) == 1


def test_the_unit_pages_are_open_to_everybody(office: Office, item: int) -> None:
    page = office.enter(OFFICER)
    faults = faults_of(page)
    open_first_task(page)
    faults += faults_of(page)

    assert faults == []

"""From a document to an accepted proof, by clicks and keys alone: a leader, a unit, the supervision office."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from domain.unit_task import State
from models.directive import Item
from models.unit_task import UnitTask
from tests.browser.conftest import Office, faults_of

pytestmark = pytest.mark.timeout(240)
PAPER = """芸溪市2026年便民服务工作方案

为方便群众办事，制定本方案。

一、重点任务

1. 增加公办幼儿园学位。2026年8月31日前，建成公办幼儿园3所。（责任单位：市教育局）
2. 保障项目经费。2026年6月30日前，拨付全部经费。（责任单位：市财政局）
"""


def paper(folder: Path) -> Path:
    file = folder / "便民服务工作方案.txt"
    file.write_text(PAPER, encoding="utf-8")
    return file


def draft(page: Page, folder: Path) -> None:
    """The leader's way from the start page to the draft of a document."""
    page.locator("nav.places a[href='/directives/new']").click()
    page.set_input_files("#document-document", paper(folder))
    page.get_by_role("button", name="Read the document into a draft").click()
    page.wait_for_url("**/draft*")


def test_from_a_document_to_an_accepted_proof(office: Office, tmp_path: Path) -> None:
    leader = office.enter("leader@YX")
    draft(leader, tmp_path)
    faults = faults_of(leader)
    leader.get_by_role("link", name="What will happen").click()
    leader.wait_for_url("**/preview")
    faults += faults_of(leader)
    leader.locator("form[action$='/publish'] button").click()
    leader.wait_for_url("**done=*")
    faults += faults_of(leader)
    assert len(office.scene.rows(Item)) == 2
    assert office.scene.rows(UnitTask) == [], "the hold has not passed"

    office.live()
    officer = office.enter("unit_officer@A")
    officer.locator("table.rows tbody a").first.click()
    assert "公办幼儿园" in officer.locator(".source").inner_text()
    officer.get_by_role("button", name="Acknowledge the task").click()
    officer.wait_for_url("**done=acknowledged")
    proof = tmp_path / "竣工说明.txt"
    proof.write_text("三所幼儿园已建成。\n", encoding="utf-8")
    given = officer.locator("form[action$='/evidence']")
    given.locator("input[type=file]").first.set_input_files(proof)
    given.locator("button:visible").last.click()
    officer.get_by_text("竣工说明.txt").first.wait_for()
    handed = officer.locator("form[action$='/submit']")
    handed.locator("textarea").fill("三所幼儿园已建成并交付使用。")
    handed.locator("button").click()
    officer.wait_for_url("**done=submitted*")

    reviewer = office.enter("supervision_office@YX")
    faults += faults_of(reviewer)
    reviewer.locator("main a[href$='/review']").first.click()
    reviewer.wait_for_url("**/review")
    faults += faults_of(reviewer)
    assert "三所幼儿园已建成。" in reviewer.content(), "the proof is shown in the page"
    reviewer.get_by_role("button", name="Accept: the task is closed").click()
    reviewer.wait_for_url("**done=*")

    states = {task.unit_id: task.state for task in office.scene.rows(UnitTask)}
    assert states == {
        office.scene.units["A"]: State.ACCEPTED,
        office.scene.units["B"]: State.ASSIGNED,
    }
    assert faults == []


def test_what_was_published_can_be_taken_back(office: Office, tmp_path: Path) -> None:
    leader = office.enter("leader@YX", language="zh_CN")
    leader.locator("nav.places a[href='/directives/new']").click()
    leader.set_input_files("#document-document", paper(tmp_path))
    leader.locator("form[action='/directives/new/document'] button").click()
    leader.wait_for_url("**/draft*")
    leader.locator("a.button[href$='/preview']").click()
    leader.locator("form[action$='/publish'] button").click()
    leader.wait_for_url("**done=*")
    leader.locator("a[href$='/course/take-back']").click()
    leader.locator("form[action$='/take-back'] button").click()
    leader.wait_for_url("**done=*")
    office.live()

    assert office.scene.rows(UnitTask) == []

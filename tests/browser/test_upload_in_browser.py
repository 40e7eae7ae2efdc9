"""Evidence in a real browser: dropped onto the form, refused, broken off and sent again."""

import pytest
from playwright.sync_api import Page, Route

from models.unit_task import Evidence
from tests.browser.conftest import Office
from tests.office import BEGINS

pytestmark = pytest.mark.timeout(180)
TWO_FILES = """() => {
  const all = new DataTransfer();
  for (const name of ["甲.txt", "乙.txt"]) all.items.add(new File([name], name, {type: "text/plain"}));
  return all;
}"""


@pytest.fixture
def page(office: Office) -> Page:
    """The page of an acknowledged task."""
    task = office.scene.one()
    office.scene.acknowledge(task, BEGINS)
    office.now = BEGINS
    page = office.enter("unit_officer@A")
    page.goto(f"{office.address}/unit-tasks/{task}")
    return page


def names(office: Office) -> list[str]:
    return [row.name for row in office.scene.rows(Evidence)]


def send(page: Page) -> None:
    page.locator("form[data-upload] button").click()


def test_files_are_dropped_onto_the_form_and_handed_in_together(office: Office, page: Page) -> None:
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": page.evaluate_handle(TWO_FILES)})
    send(page)
    page.wait_for_url("**done=evidence_added")

    assert names(office) == ["甲.txt", "乙.txt"]


def test_a_refusal_stands_beside_the_field_and_the_form_goes_on_working(office: Office, page: Page) -> None:
    field = page.locator("#evidence-evidence")
    field.set_input_files({"name": "a.exe", "mimeType": "x/y", "buffer": b"MZ"})
    send(page)
    page.locator("#evidence-evidence-wrong").wait_for()
    assert page.evaluate("document.activeElement.className") == "summary"

    field.set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"x"})
    send(page)
    page.wait_for_url("**done=evidence_added")

    assert names(office) == ["a.txt"]
    office.complaints.clear()  # the browser notes the refusal itself, a 422


def test_an_upload_that_broke_off_says_so_and_is_sent_again(office: Office, page: Page) -> None:
    def cut(route: Route) -> None:
        route.abort()

    page.locator("#evidence-evidence").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"x"}
    )
    page.route("**/evidence", cut)
    send(page)
    page.get_by_text("The upload broke off and nothing was kept.").wait_for()
    assert names(office) == []

    page.unroute("**/evidence", cut)
    send(page)
    page.wait_for_url("**done=evidence_added")

    assert names(office) == ["a.txt"]
    office.complaints.clear()  # the browser notes the broken request itself

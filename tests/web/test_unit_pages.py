"""A unit at its pages: what it reads there, and what it does."""

from models.unit_task import UnitTask
from tests.office import Scene
from tests.web.browser import Web


async def test_a_unit_acknowledges_a_task_and_reads_that_it_has(scene: Scene, web: Web) -> None:
    task = scene.one("A")
    officer = await web.enter("unit_officer@A")

    page = await officer.open("/my/unit-tasks")
    assert "To acknowledge 1" in page.text
    await officer.follow("建成三所公办幼儿园")
    page = await officer.send(f"/unit-tasks/{task}/acknowledge")

    assert "The task is acknowledged." in page.text
    assert not page.has_form(f"/unit-tasks/{task}/acknowledge")
    assert scene.row(UnitTask, task).state == "acknowledged"

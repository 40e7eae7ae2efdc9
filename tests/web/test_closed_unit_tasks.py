"""A unit's own history: every figure is the number of rows behind it."""

from datetime import date, timedelta

import pytest

from models.directive import Item
from models.unit_task import UnitTask
from tests.domain.samples import local
from tests.office import BEGINS, COOPERATING, LEAD, Scene
from tests.web.browser import Page, Web

LATE = local(date(2026, 4, 3), 9)


@pytest.fixture
def history(scene: Scene, web: Web) -> dict[str, set[int]]:
    """Tasks of unit A by how they ended."""
    early, late, returned, given_up = scene.one("A"), scene.one("A"), scene.one("A"), scene.one("A")
    led = scene.begin(scene.item(("B", LEAD), ("A", COOPERATING), text="另一项")).items[0]
    scene.close(early, BEGINS)
    scene.submit(returned, BEGINS)
    scene.review(returned, BEGINS, accept=False)
    scene.close(returned, BEGINS + timedelta(hours=1))
    scene.close(scene.task(led, "B").id, BEGINS + timedelta(hours=2))
    scene.decide_dispute(scene.decline(given_up, BEGINS), BEGINS, upheld=True)
    scene.close(late, LATE)
    scene.one("A", text="未办结的")
    web.now = LATE + timedelta(days=1)
    return {
        "in_time": {early, returned},
        "late": {late},
        "with_lead": {scene.task(led, "A").id},
        "withdrawn": {given_up},
        "returned": {returned},
        "extended": set(),
    }


def ids(page: Page) -> list[int]:
    """The tasks the list shows."""
    return [int(link.href.rpartition("/")[2]) for link in page.links if link.href.startswith("/unit-tasks/")]


async def test_each_figure_leads_to_as_many_rows(
    scene: Scene, web: Web, history: dict[str, set[int]]
) -> None:
    officer = await web.enter("unit_officer@A")
    page = await officer.open("/my/closed-unit-tasks")
    everything = set().union(*history.values())
    assert set(ids(page)) == everything
    ours = [row for row in scene.rows(UnitTask) if row.unit_id == scene.units["A"]]
    assert everything == {row.id for row in ours if row.state in ("accepted", "withdrawn")}

    figures = [link for link in page.links if "?kind=" in link.href]
    assert len(figures) == 7
    for link in figures:
        count, kind = int(link.text.split()[0]), link.href.partition("kind=")[2]
        shown = ids(await officer.open(link.href))
        assert set(shown) == history.get(kind, everything)
        assert count == len(shown)


async def test_newest_first_page_by_page(
    scene: Scene, web: Web, history: dict[str, set[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.views.closed_unit_tasks.SHOWN", 2)
    officer = await web.enter("unit_officer@A")

    page = await officer.open("/my/closed-unit-tasks")
    seen = ids(page)
    while "Older ones" in page.text:
        page = await officer.follow("Older ones")
        seen += ids(page)

    rows = {row.id: row for row in scene.rows(UnitTask)}
    assert seen == sorted(set(seen), key=lambda one: (rows[one].closed_at, one), reverse=True)
    assert set(seen) == set().union(*history.values())


async def test_one_directive_is_chosen_in_the_address(web: Web, history: dict[str, set[int]]) -> None:
    officer = await web.enter("unit_officer@A")
    await officer.open("/my/closed-unit-tasks")
    scene = web.scene
    (late,) = history["late"]
    directive = scene.row(Item, scene.row(UnitTask, late).item_id).directive_id

    page = await officer.open(f"/my/closed-unit-tasks?directive={directive}")

    assert ids(page) == [late]
    assert "1 closed in all" in page.part("figures")


async def test_another_unit_has_a_history_of_its_own(web: Web, history: dict[str, set[int]]) -> None:
    page = await (await web.enter("unit_officer@C")).open("/my/closed-unit-tasks")

    assert ids(page) == []
    assert "0 closed in all" in page.part("figures")
    assert "No task of this kind is closed." in page.text

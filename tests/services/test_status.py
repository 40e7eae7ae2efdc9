from datetime import timedelta

import pytest
from sqlalchemy import event

from domain.errors import NotFoundError
from services import unit_tasks
from services.status import ITEMS_A_PAGE, UNITS_A_PAGE, directive_status, unit_status
from tests.office import BEGINS, COOPERATING, HANDLING, LEAD, PUBLISHED, Scene, both

LATER = BEGINS + timedelta(days=60)


@both
def test_a_page_counts_the_tasks_of_its_items(scene: Scene) -> None:
    published = scene.begin(
        scene.item(("A", LEAD), ("B", COOPERATING)), scene.item(("C", HANDLING), number="2")
    )
    task = scene.task(published.items[0], "A")
    unit_tasks.acknowledge(
        scene.office, scene.officer("A"), BEGINS, unit_tasks.Acknowledge(unit_task_id=task.id)
    )
    report = unit_tasks.ReportProgress(unit_task_id=task.id, progress=40, text="已完成选址。")
    unit_tasks.report_progress(scene.office, scene.officer("A"), BEGINS, report)

    found = directive_status(scene.office, published.id, LATER)

    first, second = found.items
    assert (first.position, first.parts, first.units) == (1, 2, ("市教育局", "市财政局"))
    assert (first.progress.unit_tasks, first.progress.open, first.progress.acknowledged) == (2, 2, 1)
    assert (first.progress.progress, first.progress.accepted) == (20, 0)
    assert first.progress.overdue == 2  # the lead by its deadline, the cooperating unit for want of a receipt
    assert (second.progress.unit_tasks, second.progress.overdue) == (1, 1)
    assert (found.page, found.pages, found.items_in_all) == (1, 1, 2)
    units = unit_status(scene.office, published.id, LATER)
    assert [(u.code, u.progress.unit_tasks) for u in units.units] == [("A", 1), ("B", 1), ("C", 1)]
    assert units.next_unit is None


def test_a_draft_shows_its_items_without_tasks(scene: Scene) -> None:
    directive = scene.draft(scene.item(("A", HANDLING)))

    found = directive_status(scene.office, directive, PUBLISHED)

    assert found.state == "draft"
    assert unit_status(scene.office, directive, PUBLISHED).units == ()
    assert (found.items[0].parts, found.items[0].progress.unit_tasks) == (1, 0)


def test_what_is_not_there_is_not_found(scene: Scene) -> None:
    directive = scene.draft(scene.item(("A", HANDLING)))

    with pytest.raises(NotFoundError, match="no directive 99"):
        directive_status(scene.office, 99, PUBLISHED)
    for page in (0, -1, 2):
        with pytest.raises(NotFoundError, match="the last one is 1"):
            directive_status(scene.office, directive, PUBLISHED, page=page)
    with pytest.raises(NotFoundError, match="No unit has the code Z"):
        unit_status(scene.office, directive, PUBLISHED, after="Z")


def test_pages_show_every_item_and_every_unit_once(town: Scene) -> None:
    codes = [code for code in town.units if code != "YX"][: UNITS_A_PAGE * 2 + 3]
    parts = [(code, HANDLING) for code in codes]
    published = town.begin(
        town.item(*parts), *(town.item(parts[0], number=str(n)) for n in range(2, ITEMS_A_PAGE + 3))
    )

    pages = directive_status(town.office, published.id, BEGINS).pages
    positions = [
        item.position
        for page in range(1, pages + 1)
        for item in directive_status(town.office, published.id, BEGINS, page=page).items
    ]
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        units = unit_status(town.office, published.id, BEGINS, after=after)
        seen += [unit.code for unit in units.units]
        after = units.next_unit

    assert positions == list(range(1, ITEMS_A_PAGE + 3))
    assert sorted(seen) == sorted(codes)
    assert len(seen) == len(codes)


def test_a_page_takes_the_same_statements_wherever_it_lies(town: Scene) -> None:
    code = next(code for code in town.units if code != "YX")
    published = town.begin(*(town.item((code, HANDLING), number=str(n)) for n in range(1, ITEMS_A_PAGE * 3)))

    def statements(page: int) -> int:
        count = 0

        def counted(*_arguments: object) -> None:
            nonlocal count
            count += 1

        from store.sessions import reading

        with reading(town.engine) as session:
            reader = session.connection().engine
        event.listen(reader, "before_cursor_execute", counted)
        directive_status(town.office, published.id, BEGINS, page=page)
        event.remove(reader, "before_cursor_execute", counted)
        return count

    assert statements(1) == statements(3) > 0


def test_accepted_tasks_count_as_done(scene: Scene) -> None:
    published = scene.begin(scene.item(("A", HANDLING), ("B", HANDLING)))
    scene.close(scene.task(published.items[0], "A").id, BEGINS)

    progress = directive_status(scene.office, published.id, BEGINS).items[0].progress

    assert (progress.accepted, progress.open, progress.progress) == (1, 1, 50)

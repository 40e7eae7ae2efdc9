"""What a leader is shown before publishing is what then happens; and each change of course is shown before it is made."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models.columns import table
from models.directive import Directive, DirectiveState
from models.paper import Letter, Notice, NoticeKind
from models.unit_task import UnitTask
from services.directives import OnDirective, publish
from services.views.preview import Preview, preview
from store.sessions import reading
from tests.office import BEGINS, COOPERATING, DUE, HANDLING, LEAD, PUBLISHED, Scene
from tests.web.browser import Page, Web
from tests.web.people import signed_in


def draft(scene: Scene) -> int:
    return scene.draft(
        scene.item(("A", LEAD), ("B", COOPERATING), ("C", HANDLING), number="1"),
        scene.item(("C", HANDLING), due=date(2026, 3, 4), number="2"),
        scene.monthly(("A", HANDLING), ("D", HANDLING), number="3", due_day=25),
        horizon=date(2026, 6, 30),
    )


def live_it(scene: Scene, directive: int) -> None:
    """Publish, and let the year pass without anybody doing anything."""
    publish(scene.office, scene.leader, PUBLISHED, OnDirective(directive_id=directive))
    scene.live_until(PUBLISHED + timedelta(days=300))


def seen(scene: Scene, directive: int) -> Preview:
    view = preview(scene.office, signed_in(scene, scene.leader), directive, PUBLISHED)
    assert view is not None
    return view


def test_the_timeline_is_what_then_happens_if_nobody_does_anything(scene: Scene) -> None:
    directive = draft(scene)
    view = seen(scene, directive)
    foreseen = {
        (day.on, entry.rung.name): entry.units
        for day in view.days
        for entry in day.entries
        if entry.rung is not None
    }
    handed_out = {day.on: e.units for day in view.days for e in day.entries if e.what == "assign"}

    live_it(scene, directive)

    notice = table(Notice)
    came: dict[tuple[date, str], int] = {}
    told: dict[date, int] = {}
    with reading(scene.engine) as session:
        for row in session.connection().execute(select(notice).where(notice.c.rectification_id == 0)):
            on = row.at.astimezone(scene.office.tz).date()
            if row.kind == NoticeKind.ASSIGNMENT:
                told[on] = told.get(on, 0) + 1
            elif row.kind != NoticeKind.SUPERSEDED:
                came[on, row.rung] = came.get((on, row.rung), 0) + 1
    assert came == foreseen
    assert told == handed_out
    assert view.first_tasks == 6
    assert view.all_tasks == scene.count(UnitTask)


def test_the_letters_foreseen_are_the_letters_drafted_if_nobody_does_anything(scene: Scene) -> None:
    directive = draft(scene)
    view = seen(scene, directive)
    by_day = {day.on: sum(entry.letters for entry in day.entries) for day in view.days}

    live_it(scene, directive)

    letters = scene.rows(Letter)
    drafted: dict[date, int] = {}
    for letter in letters:
        on = letter.drafted_at.astimezone(scene.office.tz).date()
        drafted[on] = drafted.get(on, 0) + 1
    assert drafted == {on: count for on, count in by_day.items() if count}
    assert view.letters == len(letters)


def test_the_days_of_the_deadlines_are_those_of_the_unit_tasks(scene: Scene) -> None:
    directive = draft(scene)
    view = seen(scene, directive)
    last_days = {d.on for d in view.days for e in d.entries if e.what == "complete_by"}

    live_it(scene, directive)

    t = table(UnitTask)
    deadlines = {row.deadline for row in scene.rows(UnitTask, t.c.role != COOPERATING)}
    assert last_days == {(d - timedelta(seconds=1)).astimezone(scene.office.tz).date() for d in deadlines}


def test_the_load_of_a_unit_counts_what_it_has_already(scene: Scene) -> None:
    scene.begin(scene.item(("A", HANDLING)), scene.item(("B", LEAD), ("A", COOPERATING)))
    directive = scene.draft(scene.item(("A", LEAD), ("B", COOPERATING)))

    loads = {load.name: load for load in seen(scene, directive).loads}

    assert (loads["市教育局"].open_now, loads["市教育局"].coming, loads["市教育局"].most) == (2, 1, 2)
    assert (loads["市财政局"].open_now, loads["市财政局"].coming, loads["市财政局"].most) == (1, 1, 1)
    weeks = seen(scene, directive).weeks
    assert weeks[loads["市教育局"].fullest] == DUE - timedelta(days=DUE.weekday())


# the page


async def test_a_leader_reads_what_will_happen_and_publishes_it(scene: Scene, web: Web) -> None:
    directive = draft(scene)
    web.now = PUBLISHED
    leader = await web.enter("leader@YX")
    page = await leader.open(f"/directives/{directive}/preview")
    assert _figure(page, "items") == 3
    assert _figure(page, "units take part") == 4
    assert _figure(page, "unit tasks at once") == 6
    assert "For 10 minutes it can be taken back" in page.text
    assert "Publish: 6 unit tasks to 4 units" in page.text

    page = await leader.send(f"/directives/{directive}/publish")

    assert "The directive is published." in page.text
    assert scene.row(Directive, directive).state == DirectiveState.PUBLISHED
    scene.live(BEGINS)
    assert scene.count(UnitTask) == 6


async def test_what_is_open_leads_to_its_item_and_there_is_nothing_to_publish(scene: Scene, web: Web) -> None:
    directive = scene.draft(scene.item(("A", HANDLING)), scene.item(due=None))
    leader = await web.enter("leader@YX")

    page = await leader.open(f"/directives/{directive}/preview")

    assert not page.has_form(f"/directives/{directive}/publish")
    await leader.follow("has no deadline")
    assert leader.at.path == f"/directives/{directive}/draft?item=2"


async def test_the_supervision_office_sees_it_and_cannot_publish(scene: Scene, web: Web) -> None:
    directive = draft(scene)
    person = await web.enter("supervision_office@YX")

    page = await person.open(f"/directives/{directive}/preview")

    assert "A leader publishes it." in page.text
    assert not page.has_form(f"/directives/{directive}/publish")


async def test_a_draft_changed_after_it_was_looked_at_is_not_published(scene: Scene, web: Web) -> None:
    directive = draft(scene)
    leader, other = await web.enter("leader@YX"), await web.enter("supervision_office@YX")
    await leader.open(f"/directives/{directive}/preview")
    await other.open(f"/directives/{directive}/draft?item=1")
    await other.send(f"/directives/{directive}/draft/items/1", text="改了。")

    page = await leader.send(f"/directives/{directive}/publish", status=422)

    assert "supervision_office@YX was first" in page.text
    assert scene.row(Directive, directive).state == DirectiveState.DRAFT
    await leader.send(f"/directives/{directive}/publish")
    assert scene.row(Directive, directive).state == DirectiveState.PUBLISHED


# the course


async def test_within_the_hold_a_publication_is_taken_back(scene: Scene, web: Web) -> None:
    published = scene.publish(scene.item(("A", HANDLING)))
    web.now = PUBLISHED
    leader = await web.enter("leader@YX")
    await leader.open(f"/directives/{published.id}/course")
    await leader.follow("Take the publication back")

    page = await leader.send(f"/directives/{published.id}/course/take-back")

    assert page.path.startswith(f"/directives/{published.id}/draft")
    assert "no unit has heard of it" in page.text


@pytest.mark.parametrize("change", ["withdraw", "suspend"])
async def test_what_a_change_of_course_means_is_counted_before_it_is_made(
    scene: Scene, web: Web, change: str
) -> None:
    published = scene.begin(scene.item(("A", LEAD), ("B", COOPERATING)), scene.item(("C", HANDLING)))
    task = scene.task(published.items[1], "C").id
    scene.close(task, BEGINS)
    leader = await web.enter("leader@YX")
    page = await leader.open(f"/directives/{published.id}/course/{change}")
    assert _figure(page, "units") == 2
    assert _figure(page, "open unit tasks") == 2

    page = await leader.send(f"/directives/{published.id}/course/{change}", status=422)
    assert "Fill in: Reason." in page.text
    await leader.send(f"/directives/{published.id}/course/{change}", reason="机构改革。")

    t = table(UnitTask)
    changed = scene.count(UnitTask, t.c.state.in_(("withdrawn", "suspended")))
    assert changed == 2
    assert scene.row(UnitTask, task).state == "accepted"


async def test_resuming_says_by_how_much_deadlines_move_and_moves_them(scene: Scene, web: Web) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    scene.suspend(published.id, BEGINS)
    web.now = BEGINS + timedelta(days=7)
    leader = await web.enter("leader@YX")
    page = await leader.open(f"/directives/{published.id}/course/resume")
    assert "It stood still for 5 working days" in page.text

    await leader.send(f"/directives/{published.id}/course/resume")

    task = scene.task(published.items[0], "A")
    last = (task.deadline - timedelta(seconds=1)).astimezone(scene.office.tz).date()
    assert last == scene.frame.calendar.add_working_days(DUE, 5)


async def test_an_act_that_does_not_fit_the_state_has_no_page(scene: Scene, web: Web) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    leader = await web.enter("leader@YX")

    page = await leader.open(f"/directives/{published.id}/course/resume")

    assert page.path == f"/directives/{published.id}/course"
    await leader.open(f"/directives/{published.id}/course/explode", status=404)


async def test_the_supervision_office_reads_the_course_and_changes_nothing(scene: Scene, web: Web) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    person = await web.enter("supervision_office@YX")

    page = await person.open(f"/directives/{published.id}/course")

    assert [link.href for link in page.links if "/course/" in link.href] == []
    await person.open(f"/directives/{published.id}/course/withdraw", status=403)


async def test_the_page_of_a_directive_leads_a_leader_to_what_may_be_done(scene: Scene, web: Web) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    leader, officer = await web.enter("leader@YX"), await web.enter("unit_officer@A")

    page = await leader.open(f"/directives/{published.id}")
    assert page.link("Withdraw it") == f"/directives/{published.id}/course/withdraw"
    assert page.link("Give an instruction").startswith(f"/directives/{published.id}/instruct/")
    page = await officer.open(f"/directives/{published.id}")

    assert not [link.href for link in page.links if "/course" in link.href or "/instruct" in link.href]


def _figure(page: Page, of: str) -> int:
    """The number that stands before those words."""
    found = re.search(rf"(\d+) {of}", page.text)
    assert found, page.text
    return int(found[1])

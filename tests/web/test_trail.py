"""Who was told what, and what was done by whom: shown to who may see it, complete, in readable words."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text

from models.engine import Audit
from models.paper import Mail, Notice, NoticeKind
from store.sessions import reading
from tests.domain.samples import local
from tests.office import BEGINS, HANDLING, Scene, both
from tests.web.browser import Web
from web.trail_sentences import ACTIONS, SUBJECTS

NOW = BEGINS + timedelta(hours=1)
APRIL = local(date(2026, 4, 10), 9)


async def test_every_telling_is_shown_with_its_mails_and_counted_as_the_rows_say(
    scene: Scene, web: Web
) -> None:
    scene.begin(scene.item(("A", HANDLING), ("B", HANDLING)))
    scene.live_until(APRIL)
    web.now = APRIL
    auditor = await web.enter("auditor@YX")

    page = await auditor.open("/telling")

    with reading(scene.engine) as session:
        query = "SELECT count(*) FROM notice WHERE kind <> 'superseded'"
        count = session.connection().execute(text(query)).scalar_one()
    assert f"when and how {count}" in page.text
    assert len(page.rows) - 1 == min(count, 50)
    mails = scene.count(Mail)
    assert mails
    assert sum(row[5].count("@yunxi.example") for row in page.rows[1:]) == mails


@both
async def test_tellings_narrow_to_a_unit_and_to_mails_that_did_not_arrive(scene: Scene, web: Web) -> None:
    scene.begin(scene.item(("A", HANDLING), ("B", HANDLING)))
    scene.live_until(APRIL)
    web.now = APRIL
    with scene.engine.begin() as connection:
        connection.execute(text("UPDATE mail SET state = 'refused', answer = '550 no' WHERE id = 1"))
    auditor = await web.enter("auditor@YX")

    page = await auditor.open("/telling?unit=B")
    assert {row[1] for row in page.rows[1:]} == {"市财政局"}
    assert len(page.rows) - 1 == len(
        [n for n in scene.rows(Notice) if n.unit_id == scene.units["B"] and n.kind != NoticeKind.SUPERSEDED]
    )
    page = await auditor.open("/telling?lost=true")

    assert len(page.rows) == 2
    assert "550 no" in page.text


@both
async def test_the_trail_of_a_task_says_who_did_what_in_words(scene: Scene, web: Web) -> None:
    task = scene.one()
    scene.submit(task, NOW)
    auditor = await web.enter("auditor@YX")

    page = await auditor.open(f"/trail?subject=unit_task/{task}")

    said = [(row[2], row[3]) for row in page.rows[1:]]
    assert said == [
        ("unit_officer@A", "submitted"),
        ("unit_officer@A", "gave evidence"),
        ("unit_officer@A", "acknowledged"),
    ]


async def test_the_whole_trail_is_paged_without_a_gap(scene: Scene, web: Web) -> None:
    for code in "ABCD":
        scene.close(scene.one(code), NOW)
    auditor = await web.enter("auditor@YX")
    rows = scene.rows(Audit)

    page = await auditor.open("/trail")
    numbers = [int(row[0]) for row in page.rows[1:]]
    while any(link.text == "Older ones" for link in page.links):
        page = await auditor.follow("Older ones")
        numbers += [int(row[0]) for row in page.rows[1:]]

    assert numbers == list(range(len(rows), 0, -1))


@pytest.mark.parametrize(
    "subject", ["unit_task/999", "unit_task/x", "letter/77", "item/99999999999999999999"]
)
async def test_a_thing_that_is_not_there_has_no_trail(scene: Scene, web: Web, subject: str) -> None:
    auditor = await web.enter("auditor@YX")

    await auditor.open(f"/trail?subject={subject}", status=404)


async def test_an_administrator_reads_of_accounts_and_of_no_papers(scene: Scene, web: Web) -> None:
    task = scene.one()
    admin = await web.enter("administrator@YX")

    await admin.open("/trail?subject=account/1")
    for subject in (f"unit_task/{task}", "directive/1", ""):
        await admin.open(f"/trail?subject={subject}", status=404)


async def test_units_read_no_trail(scene: Scene, web: Web) -> None:
    officer = await web.enter("unit_officer@A")

    await officer.open("/trail", status=403)
    await officer.open("/telling", status=403)


def test_every_action_a_course_leaves_in_the_trail_has_its_words(scene: Scene) -> None:
    item = scene.begin(scene.item(("A", HANDLING), ("B", HANDLING))).items[0]
    scene.live_until(APRIL)
    scene.sign_all(APRIL)
    scene.live_until(local(date(2026, 6, 1), 9))
    scene.close(scene.task(item, "A").id, local(date(2026, 6, 1), 10))

    rows = scene.rows(Audit)

    assert {row.action for row in rows} - set(ACTIONS) == set()
    assert {row.subject.partition("/")[0] for row in rows} - set(SUBJECTS) == set()

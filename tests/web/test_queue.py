"""What waits for a decision, for whom, in which order."""

from datetime import date, timedelta

import pytest

from services.incidents import raise_incident
from tests.domain.samples import local
from tests.office import BEGINS, HANDLING, Scene, both
from tests.web.browser import Web

NOW = BEGINS + timedelta(hours=1)


def titles(rows: list[list[str]]) -> list[str]:
    return [row[2] for row in rows if row[0] not in ("What", "内容")]


async def test_the_supervision_office_begins_its_day_with_what_waits(scene: Scene, web: Web) -> None:
    office = await web.enter("supervision_office@YX")

    page = await office.open("/")

    assert page.path == "/queue"
    assert "Nothing waits for a decision." in page.text
    assert page.link("Submissions to review 0") == "/queue?kind=review"


@both
async def test_each_kind_is_counted_and_leads_to_where_it_is_decided(scene: Scene, web: Web) -> None:
    items = scene.begin(
        scene.item(("A", HANDLING), ("B", HANDLING), ("C", HANDLING), ("D", HANDLING), due=date(2026, 4, 30))
    ).items
    submitted, asking, declining = (scene.task(items[0], code).id for code in "ABC")
    scene.submit(submitted, NOW)
    scene.acknowledge(asking, NOW)
    scene.ask_extension(asking, NOW, date(2026, 5, 15))
    scene.decline(declining, NOW)
    raise_incident(scene.office, NOW, "calendar_gap", "calendar_gap/x", "a job was missed")
    office = await web.enter("supervision_office@YX")

    page = await office.open("/queue")

    assert page.part("heap-review") == "Submissions to review 1"
    assert page.part("heap-extension") == "Extension requests 1"
    assert page.part("heap-dispute") == "Disputes 1"
    assert page.part("heap-incident") == "Incidents 1"
    assert "To decide 4" in page.text
    paths = {link.href for link in page.links}
    assert {
        f"/unit-tasks/{submitted}/review",
        f"/unit-tasks/{asking}/review#extension",
        f"/unit-tasks/{declining}/review#dispute",
        "/incidents/1",
    } <= paths
    await office.open("/unit-tasks/1/review")


async def test_what_is_overdue_comes_first_and_then_what_has_waited_longest(scene: Scene, web: Web) -> None:
    late = scene.begin(scene.item(("A", HANDLING), due=date(2026, 3, 10))).items[0]
    first = scene.begin(scene.item(("B", HANDLING), ("C", HANDLING), due=date(2026, 6, 30))).items[0]
    scene.submit(scene.task(first, "C").id, NOW)
    scene.submit(scene.task(first, "B").id, NOW + timedelta(hours=1))
    scene.submit(scene.task(late, "A").id, NOW + timedelta(hours=2))
    web.now = local(date(2026, 3, 16), 9)
    office = await web.enter("leader@YX")

    page = await office.open("/queue?kind=review")

    assert titles(page.rows) == ["市教育局", "云东区", "市财政局"]


async def test_a_unit_below_sees_nothing_of_the_queue(scene: Scene, web: Web) -> None:
    officer = await web.enter("unit_officer@A")

    await officer.open("/queue", status=403)


@pytest.mark.parametrize("role", ["auditor", "appraiser", "administrator"])
async def test_who_decides_nothing_has_no_queue(scene: Scene, web: Web, role: str) -> None:
    person = await web.enter(f"{role}@YX")

    await person.open("/queue", status=403)


async def test_a_mail_that_did_not_arrive_is_counted_until_somebody_settles_it(
    scene: Scene, web: Web
) -> None:
    office = await web.enter("supervision_office@YX")
    raise_incident(scene.office, NOW, "mail_undeliverable", "mail/99", "550 no such box")

    page = await office.open("/queue")

    assert "Mails that did not arrive 0" in page.text  # there is no such mail
    assert "Incidents 0" in page.text

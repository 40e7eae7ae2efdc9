"""The administrator's rules and units: the tree and its changes, the years, the ladders."""

import json
from datetime import date, timedelta

from models.columns import table
from models.engine import CalendarDay, CalendarYear
from models.organisation import Account, Unit
from models.unit_task import UnitTask
from services.directives import DraftDirective, draft_directive
from tests.office import BEGINS, HANDLING, PUBLISHED, Scene, both
from tests.web.browser import Web

ADMIN = "administrator@YX"
NOW = BEGINS + timedelta(hours=1)


@both
async def test_the_tree_is_walked_from_the_root_and_counts_what_is_below(scene: Scene, web: Web) -> None:
    scene.one("D")
    admin = await web.enter(ADMIN)

    page = await admin.open("/organisation")
    assert [row[:2] for row in page.rows[1:]] == [["A", "市教育局"], ["B", "市财政局"], ["C", "云东区"]]
    assert [row[3] for row in page.rows[1:]] == ["0", "0", "1"]
    page = await admin.follow("云东区")

    assert page.rows[1] == ["D", "东街道", "subdistrict", "0", "2", "1"]


async def test_a_unit_is_added_renamed_and_merged_from_its_page(scene: Scene, web: Web) -> None:
    item = scene.begin(scene.item(("A", HANDLING))).items[0]
    admin = await web.enter(ADMIN)
    root, a, b = (scene.units[code] for code in ("YX", "A", "B"))
    await admin.open(f"/organisation/{root}")

    page = await admin.send(
        f"/organisation/{root}/add", name="市数据局", code="E", kind="gov", email="x@", status=422
    )
    assert "is not one plain e-mail address." in page.text
    page = await admin.send(f"/organisation/{root}/add", name="市数据局", code="E", kind="gov", email="")
    assert "The unit is added." in page.text
    await admin.open(f"/organisation/{a}")
    page = await admin.send(f"/organisation/{a}/rename", name="市教育体育局")
    assert "Other names 市教育局" in page.text
    page = await admin.send(f"/organisation/{a}/abolish", fate="merged", successor="没有的单位", status=422)
    assert "No unit has the code or the name 没有的单位." in page.text
    page = await admin.send(f"/organisation/{a}/abolish", fate="merged", successor="市财政局")

    assert "It was merged into 市财政局" in page.text
    assert [row.unit_id for row in scene.rows(UnitTask, table(UnitTask).c.item_id == item)] == [b]
    assert scene.count(Unit) == 6
    assert scene.count(Account, table(Account).c.login == "unit_officer@E") == 1


async def test_the_officer_of_a_merged_unit_is_out_and_the_successors_sees_the_task(
    scene: Scene, web: Web
) -> None:
    scene.begin(scene.item(("A", HANDLING)))
    old, heir, admin = (
        await web.enter("unit_officer@A"),
        await web.enter("unit_officer@B"),
        await web.enter(ADMIN),
    )
    await admin.open(f"/organisation/{scene.units['A']}")
    await admin.send(f"/organisation/{scene.units['A']}/abolish", fate="merged", successor="B")

    assert (await old.open("/my/unit-tasks")).path.startswith("/sign-in")
    assert "My tasks 1" in (await heir.open("/my/unit-tasks")).text


async def test_a_year_is_imported_and_what_waits_is_reckoned_anew(scene: Scene, web: Web) -> None:
    item = scene.begin(scene.item(("A", HANDLING))).items[0]
    admin = await web.enter(ADMIN)
    page = await admin.open("/calendars")
    assert "2026 certain" in page.text
    pokes = len(scene.pokes())
    year = {"year": 2027, "certain_until": "2027-06-30", "off": ["2027-01-01"], "working": ["2027-01-03"]}
    fields = {"csrf": admin.at.form("/calendars").fields["csrf"]}

    file = ("cn-2027.json", json.dumps(year).encode(), "application/json")
    page = await admin.post("/calendars", fields, files={"file": [file]})

    assert "2027 provisional" in page.text
    assert "Days off 1 Fri 1 Jan 2027" in page.text
    (known,) = scene.rows(CalendarYear, table(CalendarYear).c.year == 2027)
    assert known.certain is False
    assert f"item/{item}" in {owner for owner, _ in scene.pokes()[pokes:]}


async def test_a_file_that_is_no_calendar_changes_nothing(scene: Scene, web: Web) -> None:
    admin = await web.enter(ADMIN)
    await admin.open("/calendars")
    before = scene.count(CalendarDay)
    fields = {"csrf": admin.at.form("/calendars").fields["csrf"]}

    page = await admin.post(
        "/calendars", fields, files={"file": [("x.json", b"{}", "application/json")]}, status=422
    )

    assert "A calendar file holds" in page.text
    assert scene.count(CalendarDay) == before


async def test_the_ladders_are_shown_with_what_differs(scene: Scene, web: Web) -> None:
    request = DraftDirective(
        title="特急事项",
        issuer_id=scene.units["YX"],
        items=(scene.item(("A", HANDLING), due=date(2026, 4, 30)),),
        policy={"acknowledge_days": 1},
    )
    draft_directive(scene.office, scene.leader, PUBLISHED, request)
    leader = await web.enter("leader@YX")

    page = await leader.open("/policies")

    assert "Working days to acknowledge 3" in page.text
    assert "特急事项 · draft differs in 1" in page.text
    assert "Working days to acknowledge 1" in page.text

"""A leader changes a published item, having read what that means; and gives instructions that come back answered."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.columns import table
from models.directive import Amendment, Instruction, Item
from models.unit_task import UnitTask
from store.sessions import reading
from tests.office import BEGINS, COOPERATING, HANDLING, LEAD, Published, Scene
from tests.web.browser import Web

LATER = BEGINS + timedelta(hours=1)


def amend_path(published: Published, at: int = 0) -> str:
    return f"/directives/{published.id}/items/{published.items[at]}/amend"


async def test_what_an_amendment_means_is_read_before_it_is_made(scene: Scene, web: Web) -> None:
    published = scene.begin(scene.item(("A", LEAD), ("B", COOPERATING)), scene.item(("C", HANDLING)))
    leader = await web.enter("leader@YX")
    await leader.open(f"/directives/{published.id}/course")
    await leader.follow("Amend 1")

    page = await leader.send(
        f"{amend_path(published)}/check",
        text="建成五所公办幼儿园",
        due_on="2026-04-30",
        add="C",
        reason="据会议纪要。",
    )

    assert "建成 三 五 所公办幼儿园" in page.part("meaning")
    assert "2 unit tasks are acknowledged anew by Thu 5 Mar" in page.part("meaning")
    assert "1 units get a task" in page.part("meaning")
    assert "Amend the item and tell 3 units" in page.text
    assert scene.count(Amendment) == 0, "nothing is written yet"

    page = await leader.send(amend_path(published))

    assert "The item is amended; whom it concerns was told." in page.text
    assert "据会议纪要。" in page.part("made")
    tasks = scene.tasks(published.items[0])
    assert {code: task.state for code, task in tasks.items()} == dict.fromkeys("ABC", "assigned")
    assert scene.row(Item, published.items[0]).text == "建成五所公办幼儿园"


async def test_a_unit_reads_the_new_text_and_acknowledges_it(scene: Scene, web: Web) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    task = scene.task(published.items[0], "A").id
    scene.acknowledge(task, BEGINS)
    leader, officer = await web.enter("leader@YX"), await web.enter("unit_officer@A")
    await leader.open(amend_path(published))
    await leader.send(f"{amend_path(published)}/check", text="建成五所。", reason="因。")
    await leader.send(amend_path(published))

    page = await officer.open(f"/unit-tasks/{task}")
    assert "建成五所。" in page.text
    await officer.send(f"/unit-tasks/{task}/acknowledge")

    assert scene.row(UnitTask, task).state == "acknowledged"


async def test_a_unit_is_taken_out_by_ticking_it(scene: Scene, web: Web) -> None:
    published = scene.begin(scene.item(("A", HANDLING), ("B", HANDLING)))
    leader = await web.enter("leader@YX")
    page = await leader.open(amend_path(published))
    check = f"{amend_path(published)}/check"

    fields = page.form(check).fields | {f"remove_{scene.units['B']}": "1", "reason": "职责调整。"}
    page = await leader.post(check, fields)
    assert "Taken out: 市财政局" in page.part("meaning")
    await leader.send(amend_path(published))

    assert scene.task(published.items[0], "B").state == "withdrawn"
    assert scene.task(published.items[0], "A").state == "assigned"


async def test_what_cannot_be_comes_back_with_everything_typed(scene: Scene, web: Web) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    leader = await web.enter("leader@YX")
    await leader.open(amend_path(published))
    check = f"{amend_path(published)}/check"

    page = await leader.send(check, status=422, text="新的要求。", add="市水务局")

    assert "Fill in: Reason." in page.text
    page = await leader.send(check, status=422, reason="因。")
    assert "No unit has the code or the name 市水务局." in page.text
    assert page.form(check).fields["text"].strip() == "新的要求。"


async def test_an_amendment_that_somebody_outran_says_who(scene: Scene, web: Web) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    first, second = await web.enter("leader@YX"), await web.enter("leader@YX")
    for person in (first, second):
        await person.open(amend_path(published))
        await person.send(f"{amend_path(published)}/check", text="改一。", reason="因。")
    await first.send(amend_path(published))

    page = await second.send(amend_path(published), status=422)

    assert "leader@YX was first" in page.text
    assert scene.count(Amendment) == 1


async def test_an_item_of_another_directive_is_no_page(scene: Scene, web: Web) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    other = scene.begin(scene.item(("A", HANDLING)))
    leader = await web.enter("leader@YX")

    await leader.open(f"/directives/{published.id}/items/{other.items[0]}/amend", status=404)


# instructions


@pytest.mark.parametrize("about", ["directive", "item", "unit_task"])
async def test_an_instruction_becomes_a_task_and_its_answer_comes_back(
    scene: Scene, web: Web, about: str
) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    on = {
        "directive": published.id,
        "item": published.items[0],
        "unit_task": scene.task(published.items[0], "A").id,
    }[about]
    leader = await web.enter("leader@YX")
    path = f"/directives/{published.id}/instruct/{about}/{on}"
    page = await leader.open(path)
    if about != "directive":
        assert page.form(path).fields["unit"] == "市教育局", "the unit it lies near"

    page = await leader.send(path, text="请周五前报选址。", unit="市教育局", due_on="2026-03-06")

    assert "The instruction is given" in page.text
    (kept,) = scene.rows(Instruction)
    assert (kept.about, kept.about_id) == (about, on)
    scene.live(BEGINS)
    task = scene.task(kept.item_id, "A")
    assert (task.state, task.role) == ("assigned", "handling")
    scene.close(task.id, BEGINS)
    scene.live(LATER)
    page = await leader.open("/instructions")
    assert "accepted" in page.text
    assert "已完成。" in page.text
    assert scene.row(Item, kept.item_id).state == "closed"


async def test_an_instruction_that_is_not_followed_climbs_the_ladder(scene: Scene, web: Web) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    leader = await web.enter("leader@YX")
    path = f"/directives/{published.id}/instruct/directive/{published.id}"
    await leader.open(path)
    await leader.send(path, text="请报。", unit="B", due_on="2026-03-06")

    web.now = BEGINS + timedelta(days=14)
    scene.live_until(web.now)

    leader = await web.enter("leader@YX")
    page = await leader.open("/instructions")
    assert "working days over" in page.text
    item = table(Item)
    with reading(scene.engine) as session:
        number = session.connection().execute(select(item.c.number).order_by(item.c.id.desc())).scalar()
    assert number == "批示"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"unit": "市水务局"}, "No unit has the code or the name 市水务局."),
        ({"due_on": "2026-03-01"}, "already past"),
        ({"unit": "A、B"}, "Name one unit."),
        ({"text": ""}, "Fill in"),
    ],
)
async def test_an_instruction_that_nobody_can_follow_is_refused(
    scene: Scene, web: Web, typed: dict[str, str], said: str
) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    leader = await web.enter("leader@YX")
    path = f"/directives/{published.id}/instruct/directive/{published.id}"
    await leader.open(path)
    fields = {"text": "请报。", "unit": "A", "due_on": "2026-03-06"}

    page = await leader.post(path, page_fields(leader.at.form(path).fields) | fields | typed, status=422)

    assert said in page.text
    assert scene.count(Instruction) == 0


def page_fields(fields: dict[str, str]) -> dict[str, str]:
    """What a form sends by itself."""
    return {name: fields[name] for name in ("csrf", "key")}


async def test_only_a_leader_instructs_and_only_on_what_is_there(scene: Scene, web: Web) -> None:
    published = scene.begin(scene.item(("A", HANDLING)))
    path = f"/directives/{published.id}/instruct"
    office, leader = await web.enter("supervision_office@YX"), await web.enter("leader@YX")

    await office.open(f"{path}/directive/{published.id}", status=403)
    await office.open("/instructions")
    for wrong in (f"{path}/item/999", f"{path}/directive/999", f"{path}/unit_task/999", f"{path}/letter/1"):
        await leader.open(wrong, status=404)


async def test_without_instructions_the_page_says_where_they_come_from(web: Web) -> None:
    leader = await web.enter("leader@YX")

    assert "No instruction was given." in (await leader.open("/instructions")).text

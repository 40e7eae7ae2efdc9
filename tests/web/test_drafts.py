"""A leader and the supervision office begin a draft and settle it: from each kind of source, item by item."""

import io
from typing import Any

import docx
import pytest
from sqlalchemy import Row, select

from models.columns import table
from models.directive import CentralDocument, Directive, Item, ItemUnit
from store.sessions import reading
from tests.office import COOPERATING, HANDLING, LEAD, Scene
from tests.web.browser import Browser, Web

NOTICE = """芸溪市人民政府关于办好实事的通知
一、重点任务
1.建设幼儿园。2026年9月30日前，建成三所。（市教育局、市财政局负责）
2.修补路面。2026年6月30日前，修好道路。（市交通局负责）
3.按时答复来电。每月25日前，报送汇总。（各区人民政府负责）
"""


async def office(web: Web) -> Browser:
    return await web.enter("supervision_office@YX")


async def from_text(web: Web, text: str = NOTICE) -> Browser:
    person = await office(web)
    await person.open("/directives/new")
    await person.send("/directives/new/text", text=text)
    return person


def items_of(scene: Scene, directive: int = 1) -> list[Row[Any]]:
    t = table(Item)
    with reading(scene.engine) as session:
        return list(
            session.connection().execute(
                select(t).where(t.c.directive_id == directive).order_by(t.c.position)
            )
        )


def roles_of(scene: Scene, item_id: int) -> dict[str, str]:
    codes = {unit: code for code, unit in scene.units.items()}
    return {codes[p.unit_id]: p.role for p in scene.rows(ItemUnit, table(ItemUnit).c.item_id == item_id)}


def path(item: Row[Any], act: str = "") -> str:
    return f"/directives/{item.directive_id}/draft/items/{item.id}{act}"


# how a draft begins


async def test_a_text_becomes_a_draft_beside_its_source_with_what_is_open_first(
    scene: Scene, web: Web
) -> None:
    person = await from_text(web)

    page = person.at
    assert page.path == "/directives/1/draft?done=drafted"
    assert "3 items" in page.text
    assert "Item 2: no unit is named 市交通局." in page.part("item-2")
    assert page.part("p4").endswith("→ 2"), "the paragraph leads to the item read from it"
    assert page.link("source ¶4") == "#p4"
    assert page.text.index("修补路面") < page.text.index("按时答复来电"), "the open question stands first"


async def test_a_document_in_a_file_is_read_with_its_tables(scene: Scene, web: Web) -> None:
    document = docx.Document()
    document.add_paragraph("芸溪市人民政府关于办好实事的通知")
    document.add_paragraph("一、建设幼儿园。2026年9月30日前建成。（市教育局负责）")
    saved = io.BytesIO()
    document.save(saved)
    person = await office(web)
    await person.open("/directives/new")

    page = await person.send(
        "/directives/new/document",
        files={"document": [("通知.docx", saved.getvalue(), "application/msword")]},
    )

    assert page.path.startswith("/directives/1/draft")
    assert "Nothing stops the publication" in page.text
    assert scene.row(CentralDocument, 1).title == "芸溪市人民政府关于办好实事的通知"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.pdf", b"%PDF-1.7", "a.pdf cannot be read: documents are read as .txt, .docx."),
        ("a.txt", b"", "a.txt cannot be read: it is empty."),
        ("a.docx", b"no package", "a.docx cannot be read"),
        ("C:\\x\\a.txt", "没有任务。".encode(), "a.txt holds no tasks: nothing was written."),
        (
            "a.txt",
            "机密★10年\n关于修路的通知\n一、修路。（市教育局负责）".encode(),
            "The paper is marked 机密",
        ),
    ],
)
async def test_a_file_that_is_not_taken_says_why(
    scene: Scene, web: Web, name: str, data: bytes, said: str
) -> None:
    person = await office(web)
    await person.open("/directives/new")

    page = await person.send(
        "/directives/new/document", status=422, files={"document": [(name, data, "text/plain")]}
    )

    assert said in page.text
    assert scene.count(Directive) == 0


async def test_a_form_without_a_file_names_the_field(web: Web) -> None:
    person = await office(web)
    await person.open("/directives/new")

    page = await person.send("/directives/new/document", status=422)

    assert "Fill in: Document." in page.text


async def test_a_pasted_table_becomes_items_with_their_roles(scene: Scene, web: Web) -> None:
    person = await office(web)
    await person.open("/directives/new")

    await person.send(
        "/directives/new/table",
        title="学位",
        table="1,建成三所,市教育局,市财政局,2026-09-30\n2,修路,云东区,,",
    )

    first, second = items_of(scene)
    assert roles_of(scene, first.id) == {"A": "lead", "B": "cooperating"}
    assert roles_of(scene, second.id) == {"C": "handling"}
    assert "Item 2 has no deadline." in person.at.text


async def test_what_was_typed_comes_back_with_what_was_wrong(scene: Scene, web: Web) -> None:
    person = await office(web)
    await person.open("/directives/new")

    page = await person.send("/directives/new/table", status=422, title="", table="1,修路")

    assert "Fill in: Title." in page.text
    assert page.form("/directives/new/table").fields["table"].strip() == "1,修路"


@pytest.mark.parametrize("title", ["机密★10年", "秘密"])
async def test_a_title_that_is_a_secrecy_mark_is_refused_as_everywhere(
    scene: Scene, web: Web, title: str
) -> None:
    person = await office(web)
    await person.open("/directives/new")

    page = await person.send("/directives/new/empty", status=422, title=title)

    assert "Duban keeps no classified papers" in page.text
    assert scene.count(Directive) == 0


async def test_an_empty_draft_gets_its_items_by_hand(scene: Scene, web: Web) -> None:
    person = await office(web)
    await person.open("/directives/new")
    await person.send("/directives/new/empty", title="临时任务")
    assert "An item is needed at least." in person.at.text

    page = await person.send("/directives/1/draft/items", text="修好南门的路。")

    assert "Item 1 has no unit." in page.text
    page = await person.open("/directives/new")
    assert page.link("临时任务") == "/directives/1/draft"
    assert "1 items" in page.text


# settling an item


async def test_an_item_is_settled_in_its_form_with_nothing_but_a_browser(scene: Scene, web: Web) -> None:
    person = await from_text(web)
    second = items_of(scene)[1]
    await person.open(f"/directives/1/draft?item={second.id}")

    page = await person.send(
        path(second),
        meant_1="B",
        text="修补主干道。",
        add="市教育局、C",
        add_role="cooperating",
        due_on="2026-07-31",
    )

    fresh = items_of(scene)[1]
    assert roles_of(scene, second.id) == {"B": "handling", "A": "cooperating", "C": "cooperating"}
    assert (fresh.text, str(fresh.due_on), fresh.unmatched) == ("修补主干道。", "2026-07-31", [])
    assert "The item is changed." in page.text


async def test_the_role_of_a_unit_is_chosen_and_a_unit_taken_out(scene: Scene, web: Web) -> None:
    drafted = scene.draft(scene.item(("A", HANDLING), ("B", HANDLING), ("C", COOPERATING)))
    person = await office(web)
    item = items_of(scene, drafted)[0]
    await person.open(f"/directives/{drafted}/draft?item={item.id}")
    roles: dict[str, Any] = {f"role_{scene.units['A']}": "lead", f"role_{scene.units['B']}": "-"}

    await person.send(path(item), **roles)

    assert roles_of(scene, item.id) == {"A": "lead", "C": "cooperating"}


async def test_a_whole_group_of_units_takes_part_at_once_and_leaves_at_once(scene: Scene, web: Web) -> None:
    drafted = scene.draft(scene.item())
    person = await office(web)
    item = items_of(scene, drafted)[0]
    page = await person.open(f"/directives/{drafted}/draft?item={item.id}")
    assert "All of level 2（3）" in page.text

    await person.send(path(item), group="level:2")
    assert roles_of(scene, item.id) == dict.fromkeys("ABC", "handling")
    await person.open(f"/directives/{drafted}/draft?item={item.id}")
    await person.send(path(item), group="kind:gov", group_role="-")

    assert roles_of(scene, item.id) == {"C": "handling"}


async def test_units_that_nobody_leads_report_for_themselves_when_a_person_says_so(
    scene: Scene, web: Web
) -> None:
    drafted = scene.draft(scene.item(("A", HANDLING), ("B", COOPERATING), role_mode="joint"))
    person = await office(web)
    item = items_of(scene, drafted)[0]
    page = await person.open(f"/directives/{drafted}/draft?item={item.id}")
    assert "names several units and no lead" in page.text

    await person.post(path(item), page.form(path(item)).fields | {"each_for_itself": "1"})

    assert roles_of(scene, item.id) == {"A": "handling", "B": "handling"}
    assert "Nothing stops the publication" in person.at.text


async def test_names_nobody_goes_by_are_all_said_and_nothing_typed_is_lost(scene: Scene, web: Web) -> None:
    drafted = scene.draft(scene.item(("A", HANDLING)))
    person = await office(web)
    item = items_of(scene, drafted)[0]
    await person.open(f"/directives/{drafted}/draft?item={item.id}")

    page = await person.send(path(item), status=422, add="市交通局、市水务局、B", text="新的话。")

    assert "No unit has the code or the name 市交通局." in page.text
    assert "No unit has the code or the name 市水务局." in page.text
    fields = page.form(path(item)).fields
    assert (fields["add"], fields["text"].strip()) == ("市交通局、市水务局、B", "新的话。")
    assert items_of(scene, drafted)[0].version == item.version


async def test_a_round_is_chosen_with_its_day_and_a_day_beyond_the_round_is_refused(
    scene: Scene, web: Web
) -> None:
    drafted = scene.draft(scene.item(("A", HANDLING)))
    person = await office(web)
    item = items_of(scene, drafted)[0]
    await person.open(f"/directives/{drafted}/draft?item={item.id}")
    page = await person.send(path(item), status=422, frequency="monthly", due_day="40")
    assert "at most 31 days" in page.text

    await person.send(path(item), frequency="monthly", due_day="25")

    fresh = items_of(scene, drafted)[0]
    assert (fresh.frequency, fresh.due_day, fresh.due_on) == ("monthly", 25, None)


async def test_of_two_people_the_first_counts_and_the_second_reads_who_it_was(scene: Scene, web: Web) -> None:
    drafted = scene.draft(scene.item(("A", HANDLING)))
    item = items_of(scene, drafted)[0]
    first, second = await office(web), await web.enter("leader@YX")
    for person in (first, second):
        await person.open(f"/directives/{drafted}/draft?item={item.id}")
    await first.send(path(item), text="第一个人的话。")

    page = await second.send(path(item), status=422, text="第二个人的话。")

    assert "supervision_office@YX was first and changed this at 10:10." in page.text
    assert items_of(scene, drafted)[0].text == "第一个人的话。"
    assert page.form(path(item)).fields["text"].strip() == "第二个人的话。"
    await second.send(path(item))
    assert items_of(scene, drafted)[0].text == "第二个人的话。"


# the list of items


async def test_an_item_is_cut_where_the_person_says_and_both_keep_units_and_place(
    scene: Scene, web: Web
) -> None:
    person = await from_text(web, NOTICE.replace("建成三所。", "建成三所；再改建两所。"))
    first = items_of(scene)[0]
    await person.open(f"/directives/1/draft?item={first.id}")
    at = first.text.index("；") + 1

    await person.send(path(first, "/split"), at=at)

    cut, rest, following = items_of(scene)[:3]
    assert cut.text.endswith("建成三所；")
    assert rest.text == "再改建两所。"
    assert rest.anchor == cut.anchor
    assert roles_of(scene, rest.id) == roles_of(scene, cut.id)
    assert [one.position for one in items_of(scene)] == [1, 2, 3, 4]
    assert following.text.startswith("修补路面")


async def test_two_items_become_one_with_both_sources(scene: Scene, web: Web) -> None:
    person = await from_text(web)
    first, second, _ = items_of(scene)
    await person.open(f"/directives/1/draft?item={first.id}")

    page = await person.send(path(first, "/merge"))

    joined, last = items_of(scene)
    assert joined.text == f"{first.text}\n{second.text}"
    assert str(joined.due_on) == "2026-09-30", "the later date"
    assert [one["name"] for one in joined.unmatched] == ["市交通局"]
    assert (last.position, last.text[:6]) == (2, "按时答复来电")
    assert page.part("p3").endswith("→ 1")
    assert page.part("p4").endswith("→ 1")
    await person.open(f"/directives/1/draft?item={last.id}")
    assert "No item comes after this one." in (await person.send(path(last, "/merge"), status=422)).text


async def test_what_is_no_task_is_taken_out_and_its_paragraph_stays(scene: Scene, web: Web) -> None:
    person = await from_text(web)
    second = items_of(scene)[1]
    await person.open(f"/directives/1/draft?item={second.id}")

    page = await person.send(path(second, "/remove"))

    assert [one.position for one in items_of(scene)] == [1, 2]
    assert "修补路面" in page.part("p4")
    assert not page.part("p4").endswith("→ 2")


async def test_a_paragraph_becomes_an_item_among_its_neighbours(scene: Scene, web: Web) -> None:
    person = await from_text(web)
    await person.open("/directives/1/draft")

    await person.send("/directives/1/draft/items", paragraph="2")

    first = items_of(scene)[0]
    assert (first.position, first.text, first.anchor["paragraph"]) == (1, "一、重点任务", 1)
    page = await person.send("/directives/1/draft/items", status=404, paragraph="99")
    assert "no paragraph 99" in page.text


async def test_a_section_is_led_by_one_unit_or_is_no_task_at_all(scene: Scene, web: Web) -> None:
    person = await from_text(web)
    assert "一、重点任务（3）" in person.at.text

    await person.send("/directives/1/draft/section", section="一、重点任务", lead="市财政局")
    assert [roles_of(scene, one.id)["B"] for one in items_of(scene)] == ["lead"] * 3
    page = await person.send("/directives/1/draft/section", section="一、重点任务", drop="1")

    assert items_of(scene) == []
    assert "An item is needed at least." in page.text


async def test_a_section_that_somebody_changed_meanwhile_is_left_alone(scene: Scene, web: Web) -> None:
    first = await from_text(web)
    second = await web.enter("leader@YX")
    await second.open("/directives/1/draft")
    item = items_of(scene)[0]
    await first.open(f"/directives/1/draft?item={item.id}")
    await first.send(path(item), text="改了。")

    page = await second.send("/directives/1/draft/section", status=422, section="一、重点任务", drop="1")

    assert "supervision_office@YX was first" in page.text
    assert len(items_of(scene)) == 3


# title, horizon, policy


async def test_title_last_day_and_ladder_are_changed_and_checked(scene: Scene, web: Web) -> None:
    drafted = scene.draft(scene.item(("A", LEAD)))
    person = await office(web)
    await person.open(f"/directives/{drafted}/draft")
    frame = f"/directives/{drafted}/draft/frame"

    page = await person.send(frame, status=422, standard_supervision_letter="3")
    assert "supervision letter comes after reminder letter at the earliest" in page.text
    await person.send(
        frame,
        title="新标题",
        horizon="2027-06-30",
        figure_acknowledge_days="5",
        standard_supervision_letter="12",
    )

    row = scene.row(Directive, drafted)
    assert (row.title, str(row.horizon), row.policy["acknowledge_days"]) == ("新标题", "2027-06-30", 5)
    offsets = {rung["name"]: rung["offset"] for rung in row.policy["standard"]["rungs"]}
    assert (offsets["supervision_letter"], offsets["reminder_letter"]) == (12, 5)


# who may


async def test_a_published_directive_is_no_draft_any_more(scene: Scene, web: Web) -> None:
    published = scene.publish(scene.item(("A", HANDLING)))
    person = await office(web)

    page = await person.open(f"/directives/{published.id}/draft")

    assert page.path == f"/directives/{published.id}/course"


async def test_a_unit_reads_no_draft(scene: Scene, web: Web) -> None:
    drafted = scene.draft(scene.item(("A", HANDLING)))
    officer = await web.enter("unit_officer@A")

    await officer.open(f"/directives/{drafted}/draft", status=403)
    await officer.open("/directives/new", status=403)

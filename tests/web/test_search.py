"""Two characters find what was published, and nobody finds what they may not see."""

from datetime import timedelta

import pytest

from models.columns import table
from models.directive import Item
from models.paper import Letter
from services.amendment_plan import AmendItem
from services.amendments import amend_item
from services.search_index import pairs_of, runs_of
from services.sign_in import SignedIn
from services.views.search_page import Found, search
from tests.office import BEGINS, HANDLING, Scene, both
from tests.services.views.test_lights import reader
from tests.web.browser import Web
from tests.web.played import NOW, play

KINDERGARTEN = "建成三所公办幼儿园"


def items(found: Found) -> set[int]:
    return {hit.id for hit in found.items.rows}


@pytest.fixture
def published(scene: Scene) -> Scene:
    """Two published directives and a draft: for A, for D below C, for nobody yet."""
    scene.begin(
        scene.item(("A", HANDLING), number="一", text="修缮老旧小区，新增学位；更换Wi-Fi设备。"),
        scene.item(("D", HANDLING), number="二", text="排查隐患"),
        title="民生实事方案",
    )
    scene.begin(scene.item(("D", HANDLING), text="老旧小区加装电梯"), title="小区方案")
    scene.draft(scene.item(("A", HANDLING), text="老旧小区草稿"), title="草稿方案")
    return scene


def ask(scene: Scene, code: str, asked: str) -> Found:
    me: SignedIn = reader(scene, code)
    return search(scene.office, me, asked)


@both
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("小区", {1, 3}), ("老旧小区", {1, 3}), ("隐患", {2}), ("一 修缮", {1}), ("小区 学位", {1}), ("小区 电梯", {3}),
        ("wi", {1}), ("FI设备", {1}), ("小区，新增", {1}), ("区新", set()), ("旧老", set()), ("学校", set()), ("草稿", set()),
    ],
)  # fmt: skip
def test_a_leader_finds_items_by_any_part_of_a_run(published: Scene, asked: str, expected: set[int]) -> None:
    assert items(ask(published, "YX", asked)) == expected


@both
def test_a_unit_finds_the_same_words_in_its_own(published: Scene) -> None:
    assert items(ask(published, "A", "小区")) == {1}
    assert items(ask(published, "A", "隐患")) == set()
    assert items(ask(published, "C", "小区")) == {3}
    assert items(ask(published, "C", "隐患")) == {2}
    assert {hit.id for hit in ask(published, "A", "方案").directives.rows} == {1}
    assert {hit.id for hit in ask(published, "YX", "方案").directives.rows} == {1, 2}


@both
def test_an_item_is_found_as_it_reads_now(published: Scene) -> None:
    item = published.row(Item, 2)
    ids = {"directive_id": item.directive_id, "item_id": item.id, "version": item.version}
    request = AmendItem(**ids, text="排查燃气管道", due_on=item.due_on, reason="改任务。")
    amend_item(published.office, published.leader, BEGINS + timedelta(hours=1), request)

    assert items(ask(published, "YX", "燃气")) == {2}
    assert items(ask(published, "YX", "隐患")) == set()


@both
def test_a_letter_is_found_by_its_number_once_it_is_issued(scene: Scene) -> None:
    play(scene)
    letters = scene.rows(Letter, table(Letter).c.state == "issued")
    number = letters[0].document_number

    assert {hit.id for hit in ask(scene, "YX", number).letters.rows} == {letters[0].id}
    found = {hit.id for hit in ask(scene, "C", "提醒").letters.rows} | {
        hit.id for hit in ask(scene, "C", "督促").letters.rows
    }
    assert found <= {row.id for row in letters}
    draft = scene.rows(Letter, table(Letter).c.state == "draft")[0]
    assert draft.id not in {hit.id for hit in ask(scene, "YX", draft.title).letters.rows}


def test_the_words_around_are_shown_and_the_word_is_marked(published: Scene) -> None:
    (hit,) = ask(published, "YX", "学位").items.rows

    assert (hit.before, hit.found, hit.after) == ("一 修缮老旧小区，新增", "学位", "；更换Wi-Fi设备。")
    assert hit.about == "民生实事方案"


async def test_a_page_says_what_was_found_and_where_it_leads(scene: Scene, web: Web) -> None:
    scene.begin(scene.item(("A", HANDLING)))
    leader = await web.enter("leader@YX")
    page = await leader.open("/search?q=幼儿")

    assert "建成三所公办 幼儿 园" in page.text  # the word is marked
    page = await leader.open(next(link.href for link in page.links if link.text == f"1 {KINDERGARTEN}"))
    assert page.path == "/unit-tasks?item=1"
    assert page.part("count") == "1"
    page = await leader.open("/search?q=大学")
    assert "Nothing is found." in page.text


@pytest.mark.parametrize("asked", ["园", "！？", "a b"])
async def test_one_character_is_too_little(web: Web, asked: str) -> None:
    leader = await web.enter("leader@YX")
    page = await leader.open(f"/search?q={asked}", 422)

    assert "Type at least 2 characters" in page.text


async def test_a_page_of_search_holds_nothing_before_it_is_asked(web: Web) -> None:
    web.now = NOW
    page = await (await web.enter("leader@YX")).open("/search")

    assert page.status == 200


@pytest.mark.parametrize(
    ("said", "pairs"), [("幼儿园", ["幼儿", "儿园"]), ("园", ["园"]), ("2026年", ["20", "02", "26", "6年"])]
)
def test_a_run_is_its_overlapping_pairs(said: str, pairs: list[str]) -> None:
    assert pairs_of(said) == pairs


def test_runs_are_letters_and_digits_whatever_stands_between() -> None:
    assert runs_of("《A》第1项：幼儿园_x'; DROP") == ["a", "第1项", "幼儿园", "x", "drop"]

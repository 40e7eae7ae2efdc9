"""Every number of the leader's pages is a slow count of the rows, and opens a list of exactly these rows."""

import re
from collections import Counter
from datetime import datetime, timedelta

import pytest

from models.columns import table
from models.directive import Directive, Item
from models.organisation import Unit
from models.paper import Letter
from models.unit_task import Dispute, Extension, Review, Submission, UnitTask
from tests.office import Scene
from tests.web.browser import Browser, Page, Web
from tests.web.played import BELOW, NOW, TODAY, light_of, lights, play, seen_by

WEEK = timedelta(days=7)
RUNNING = ("published", "suspended")
NUMBER = re.compile(r"(\d+)")
READERS = {"YX": "leader@YX", "C": "unit_officer@C"}


@pytest.fixture
def played(web: Web) -> Web:
    play(web.scene)
    web.now = NOW
    return web


async def rows_of(reader: Browser, address: str) -> list[int]:
    """The ids of the tasks on every page of a list; its head counts them."""
    found: list[int] = []
    page = await reader.open(address)
    count = int(page.part("count"))
    while True:
        found += [
            int(link.href.rsplit("/", 1)[1])
            for link in page.links
            if re.fullmatch(r"/unit-tasks/\d+", link.href)
        ]
        following = [link.href for link in page.links if "after=" in link.href]
        if not following:
            break
        page = await reader.open(following[0])
    assert len(found) == len(set(found)) == count
    return found


async def numbers_lead_to_their_rows(reader: Browser, path: str) -> int:
    """Every link to a list whose words hold a number opens that many rows; answers how many links were tried."""
    page = await reader.open(path)
    tried = 0
    for link in {(link.href, link.text) for link in page.links if link.href.startswith("/unit-tasks?")}:
        href, text = link
        count = re.search(r"(?:^|\s)(\d+)(?:\s|$)", text)
        if count is None or not text.replace(count[1], "", 1).replace(" ", "").isascii():
            continue  # an item's or a unit's own name
        assert len(await rows_of(reader, href)) == int(count[1]), link
        tried += 1
    return tried


def cell(page: Page, first: str, column: int) -> str:
    (row,) = [row for row in page.rows if row[0].startswith(first)]
    return row[column]


def running(scene: Scene) -> set[int]:
    return {row.id for row in scene.rows(Directive) if row.state in RUNNING}


async def test_the_scene_has_every_light(played: Web) -> None:
    assert set(lights(played.scene, played.scene.rows(UnitTask))) == {
        "overdue", "soon", "waiting", "on_time", "done", "none",
    }  # fmt: skip


async def test_the_headline_counts_the_tasks_under_way_by_their_light(played: Web) -> None:
    page = (await played.enter("leader@YX")).at
    mine = [row for row in seen_by(played.scene, "YX") if row.directive_id in running(played.scene)]
    expected = lights(played.scene, mine)

    assert page.path == "/overview"
    said = page.part("headline")
    for light, name in (
        ("overdue", "! overdue"),
        ("soon", "◷ due soon"),
        ("waiting", "‖ waiting"),
        ("on_time", "✓ on time"),
        ("done", "✔ done"),
    ):
        assert f"{expected[light]} {name}" in said
    assert f"{len(mine)} tasks of 3 directives under way" in said


async def test_each_directive_says_how_far_it_is(played: Web) -> None:
    page = (await played.enter("leader@YX")).at
    listed = []
    for directive in played.scene.rows(Directive):
        mine = [row for row in played.scene.rows(UnitTask) if row.directive_id == directive.id]
        counted = lights(played.scene, mine)
        if directive.state not in RUNNING:
            assert not [row for row in page.rows if row[0].startswith(directive.title)]
            continue
        listed.append((-counted["overdue"], directive.title))
        assert cell(page, directive.title, 2) == f"{counted['done']}/{len(mine)}"
        assert cell(page, directive.title, 3) == str(counted["overdue"])
        assert cell(page, directive.title, 4) == str(counted["soon"])
        share = 100 * counted["done"] // (len(mine) - counted["none"])
        assert cell(page, directive.title, 1).endswith(f"{share}%")
    titles = [row[0] for row in page.rows if any(row[0].startswith(title) for _, title in listed)]
    assert [title.split()[0] for title in titles] == [title for _, title in sorted(listed)]


async def test_what_is_stuck_is_the_item_with_the_most_units_overdue(played: Web) -> None:
    scene, page = played.scene, (await played.enter("leader@YX")).at
    late = [row for row in scene.rows(UnitTask) if light_of(scene, row) == "overdue"]
    expected = Counter(row.item_id for row in late)
    shown = [
        (int(link.href.split("item=")[1].split("&")[0]), int(link.text))
        for link in page.links
        if "item=" in link.href and link.href.endswith("light=overdue")
    ]

    assert dict(shown) == expected
    assert [count for _, count in shown] == sorted(expected.values(), reverse=True)


async def test_what_waits_is_counted(played: Web) -> None:
    scene, page = played.scene, (await played.enter("leader@YX")).at
    waiting = {
        "Letters to sign": scene.count(Letter, table(Letter).c.state == "draft"),
        "Extension requests": scene.count(Extension, table(Extension).c.decided_at.is_(None)),
        "Disputes": scene.count(Dispute, table(Dispute).c.decided_at.is_(None)),
        "Submissions to review": sum(row.state == "submitted" for row in scene.rows(UnitTask)),
    }

    assert min(waiting.values()) > 0
    for name, count in waiting.items():
        assert f"{name} {count}" in page.part("waiting")
    letters = await (await played.enter("leader@YX")).open("/letters?state=draft")
    assert f"Register of letters {waiting['Letters to sign']}" in letters.text


async def test_the_week_is_set_beside_the_week_before(played: Web) -> None:
    scene, page = played.scene, (await played.enter("leader@YX")).at
    task_of = {row.id: row.unit_task_id for row in scene.rows(Submission)}

    def weeks(happened: list[tuple[datetime, int]]) -> list[str]:
        return [
            str(len({what for at, what in happened if NOW - (n + 1) * WEEK < at <= NOW - n * WEEK}))
            for n in (0, 1)
        ]

    submitted = [(row.at, row.unit_task_id) for row in scene.rows(Submission)]
    accepted = [(row.at, task_of[row.submission_id]) for row in scene.rows(Review) if row.accepted]
    issued = [(row.issued_at, row.id) for row in scene.rows(Letter) if row.issued_at]
    for name, happened in (
        ("Tasks handed in", submitted),
        ("Tasks accepted", accepted),
        ("Letters issued", issued),
    ):
        assert [row[1:] for row in page.rows if row[0] == name] == [weeks(happened)]
    assert weeks(submitted) != ["0", "0"]
    assert weeks(accepted) != ["0", "0"]
    assert weeks(issued) != ["0", "0"]


async def test_units_are_ranked_by_overdue_then_by_what_is_done(played: Web) -> None:
    scene, page = played.scene, (await played.enter("leader@YX")).at
    names = {row.id: row.name for row in scene.rows(Unit)}
    mine = [row for row in scene.rows(UnitTask) if row.directive_id in running(scene)]
    expected = []
    for unit, name in names.items():
        own = [row for row in mine if row.unit_id == unit]
        counted = lights(scene, own)
        rest = len(own) - counted["none"]
        expected.append(
            (
                -counted["overdue"],
                counted["done"] / rest if rest else 2,
                unit,
                name,
                len(own),
                counted["done"],
            )
        )
    expected = [one for one in sorted(expected) if one[4]]
    at = next(n for n, row in enumerate(page.rows) if row[0] == "Unit")

    assert [(row[0], row[1], row[2]) for row in page.rows[at + 1 :]] == [
        (name, str(-overdue), f"{done}/{own}") for overdue, _, _, name, own, done in expected
    ]


@pytest.mark.parametrize("code", READERS)
async def test_every_number_opens_exactly_its_rows(played: Web, code: str) -> None:
    reader = await played.enter(READERS[code])
    paths = ["/directives", *(f"/directives/{n}" for n in (1, 2, 3)), "/directives/1/matrix"]
    if code == "YX":
        paths.append("/overview")
    tried = {
        path: await numbers_lead_to_their_rows(reader, path)
        for path in paths
        if not (code == "C" and path.endswith("/2"))
    }

    assert min(tried.values()) >= 5, tried


@pytest.mark.parametrize("code", READERS)
async def test_a_directive_counts_what_the_reader_sees(played: Web, code: str) -> None:
    scene = played.scene
    page = await (await played.enter(READERS[code])).open("/directives/1")
    mine = [row for row in seen_by(scene, code) if row.directive_id == 1]
    counted = lights(scene, mine)

    said = page.part("headline")
    for light, name in (
        ("overdue", "overdue"),
        ("soon", "due soon"),
        ("waiting", "waiting"),
        ("on_time", "on time"),
        ("done", "done"),
    ):
        assert re.search(rf"(?:^| ){counted[light]} \S {name}", said), (light, said)
    assert f"{len(mine)} tasks" in said
    units = {scene.units[below] for below in BELOW[code]}
    for item in scene.rows(Item, table(Item).c.directive_id == 1):
        own = lights(scene, [row for row in mine if row.item_id == item.id])
        shown = [row for row in page.rows if row[0].startswith(f"{item.number} ") and len(row) == 5]
        if not sum(own.values()):
            assert shown == []
            continue
        assert shown == [
            [shown[0][0], "", f"{own['done']}/{sum(own.values())}", str(own["overdue"]), str(own["soon"])]
        ]
    named = {row.name for row in scene.rows(Unit) if row.id in units}
    assert {row[0] for row in page.rows if len(row) == 4} - {"Unit"} <= named


async def test_what_comes_next_is_the_first_moment_of_an_open_item(played: Web) -> None:
    scene = played.scene
    page = await (await played.enter("leader@YX")).open("/directives/1")
    coming = sorted(
        (row.next_moment, row.number)
        for row in scene.rows(Item, table(Item).c.directive_id == 1)
        if row.next_moment
    )
    shown = [
        link.href for link in page.links if re.fullmatch(r"/unit-tasks\?directive=1&item=\d+", link.href)
    ]

    assert shown[0].endswith(
        f"item={next(r.id for r in scene.rows(Item) if (r.next_moment, r.number) == coming[0])}"
    )
    assert f"{coming[0][0].astimezone(NOW.tzinfo or None):%H:%M}" in page.text


async def test_a_cell_of_the_matrix_is_the_task_of_that_unit_and_item(played: Web) -> None:
    scene = played.scene
    page = await (await played.enter("leader@YX")).open("/directives/1/matrix")
    signs = {"overdue": "!", "soon": "◷", "waiting": "‖", "on_time": "✓", "done": "✔", "none": "–"}
    numbers = page.rows[0][3:]
    items = {row.number: row.id for row in scene.rows(Item, table(Item).c.directive_id == 1)}
    names = {row.name: row.id for row in scene.rows(Unit)}

    assert sorted(numbers) == sorted(items)
    for row in page.rows[3:]:
        for number, shown in zip(numbers, row[3:], strict=True):
            own = [
                t for t in scene.rows(UnitTask) if (t.unit_id, t.item_id) == (names[row[0]], items[number])
            ]
            expected = {f"{signs[light_of(scene, task)]}" for task in own}
            assert shown[:1] in (expected or {""}), (row[0], number)


@pytest.mark.parametrize(
    "path", ["/overview", "/directives", "/directives/1", "/directives/1/matrix", "/unit-tasks"]
)
@pytest.mark.parametrize("login", ["auditor@YX", "appraiser@YX"])
async def test_who_only_reads_may_read(played: Web, path: str, login: str) -> None:
    await (await played.enter(login)).open(path)


async def test_a_foreign_directive_does_not_exist(played: Web) -> None:
    officer = await played.enter("unit_officer@A")
    for path in ("/directives/4", "/directives/5", "/directives/99", "/directives/4/matrix"):
        await officer.open(path, 404)
    page = await officer.open("/directives")
    assert "第四件" not in page.text
    assert "第五件" not in page.text


async def test_directives_are_listed_by_state(played: Web) -> None:
    leader = await played.enter("leader@YX")
    page = await leader.open("/directives?state=draft")

    assert [row[0] for row in page.rows[1:]] == ["第五件 芸溪市"]
    assert "draft 1" in page.text
    assert "All 5" in page.text


def test_the_day_is_a_working_day(scene: Scene) -> None:
    assert scene.frame.calendar.is_working_day(TODAY)

"""The list of unit tasks: each filter leaves exactly the rows it says, in order, page by page, and as a file."""

import csv
import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Row, update

from models.columns import table
from models.directive import Item
from models.unit_task import Dispute, Extension, UnitTask
from services.views import unit_task_list
from store.sessions import writing
from tests.office import Scene
from tests.web.browser import Web
from tests.web.played import NOW, light_of, play, seen_by
from tests.web.test_overview import rows_of

Wanted = Callable[[Scene, Row[Any]], bool]
FILTERS: dict[str, Wanted] = {
    "": lambda _, row: True,
    "?state=open": lambda _, row: row.state not in ("accepted", "withdrawn"),
    "?state=submitted": lambda _, row: row.state == "submitted",
    "?light=overdue": lambda scene, row: light_of(scene, row) == "overdue",
    "?light=soon": lambda scene, row: light_of(scene, row) == "soon",
    "?light=waiting": lambda scene, row: light_of(scene, row) == "waiting",
    "?light=on_time": lambda scene, row: light_of(scene, row) == "on_time",
    "?light=done": lambda scene, row: light_of(scene, row) == "done",
    "?light=none": lambda scene, row: light_of(scene, row) == "none",
    "?directive=1&light=overdue&sort=unit": lambda scene, row: row.directive_id == 1 and light_of(scene, row) == "overdue",
    "?item=2&sort=item": lambda _, row: row.item_id == 2,
    "?running=1": lambda _, row: row.directive_id != 4,
    "?unit=5": lambda _, row: row.unit_id == 5,
    "?asked=extension": lambda scene, row: row.id in {r.unit_task_id for r in scene.rows(Extension) if not r.decided_at},
    "?asked=dispute": lambda scene, row: row.id in {r.unit_task_id for r in scene.rows(Dispute) if not r.decided_at},
}  # fmt: skip


@pytest.fixture
def played(web: Web) -> Web:
    play(web.scene)
    web.now = NOW
    return web


@pytest.mark.parametrize("asked", FILTERS)
async def test_a_filter_leaves_exactly_what_it_says(
    played: Web, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unit_task_list, "A_PAGE", 3)  # so that these few rows are many pages
    wanted = FILTERS[asked]
    for login, code in (("leader@YX", "YX"), ("unit_head@C", "C")):
        expected = {row.id for row in seen_by(played.scene, code) if wanted(played.scene, row)}
        found = await rows_of(await played.enter(login), f"/unit-tasks{asked}")
        assert set(found) == expected
    assert expected or asked in ("?light=done", "?light=on_time", "?asked=extension", "?state=submitted")


@pytest.mark.parametrize(
    ("asked", "by"),
    [("?sort=due", "deadline"), ("?light=overdue", "late_from"), ("?sort=unit", "unit_id"), ("?sort=item", "item_id")],
)  # fmt: skip
async def test_a_list_has_its_order_across_pages(
    played: Web, asked: str, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unit_task_list, "A_PAGE", 2)
    tasks = {row.id: row for row in played.scene.rows(UnitTask)}
    found = await rows_of(await played.enter("leader@YX"), f"/unit-tasks{asked}")

    assert len(found) > 4
    assert found == sorted(found, key=lambda one: (getattr(tasks[one], by), one))


async def test_a_file_holds_exactly_the_list_and_no_formula(played: Web) -> None:
    item = table(Item)
    with writing(played.scene.engine) as session:
        session.connection().execute(update(item).where(item.c.id == 2).values(text="=1+1"))
    leader = await played.enter("leader@YX")
    listed = await rows_of(leader, "/unit-tasks?item=2&sort=unit")
    answer = await leader.client.get("/unit-tasks.csv?item=2&sort=unit")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert [int(row[0]) for row in rows[1:]] == listed
    assert {row[3] for row in rows[1:]} == {"'=1+1"}
    answer = await leader.client.get("/unit-tasks.xlsx?item=2&sort=unit")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book.worksheets[0]
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == listed
    assert {row[3].data_type for row in sheet.iter_rows(min_row=2)} == {"s"}
    assert "attachment" in answer.headers["content-disposition"]


async def test_too_many_rows_are_refused_and_not_cut(played: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unit_task_list, "MOST_EXPORTED", 3)
    leader = await played.enter("leader@YX")

    page = await leader.open("/unit-tasks.csv", 422)

    assert "a file holds at most 3" in page.text


@pytest.mark.parametrize(
    "asked",
    ["?light=purple", "?state=gone", "?item=x", "?unit=-1", "?sort=price", "?asked=why", "?did=sleep"],
)
async def test_what_no_list_has_is_refused_and_not_passed_over(played: Web, asked: str) -> None:
    leader = await played.enter("leader@YX")

    page = await leader.open(f"/unit-tasks{asked}", 422)

    assert "A list has no" in page.text


@pytest.mark.parametrize("asked", ["?directive=2", "?item=99", "?unit=2", "?directive=5"])
async def test_a_foreign_record_in_the_filter_does_not_exist(played: Web, asked: str) -> None:
    officer = await played.enter("unit_officer@C")

    await officer.open(f"/unit-tasks{asked}", 404)


async def test_a_part_of_the_filter_is_left_out_by_its_link(played: Web) -> None:
    leader = await played.enter("leader@YX")
    page = await leader.open("/unit-tasks?directive=1&unit=4&light=overdue")

    assert page.link("云东区 ×") == "/unit-tasks?directive=1&light=overdue"
    assert page.link("2026年重点工作 ×") == "/unit-tasks?unit=4&light=overdue"

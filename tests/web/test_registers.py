"""The register of letters, signing and taking back, the rectification ledger, and what is saved of both."""

import csv
from datetime import date, timedelta
from io import BytesIO, StringIO

from openpyxl import load_workbook

from models.columns import table
from models.paper import Letter, LetterState, LetterUnit
from models.rectification import Rectification
from services.rectifications import (
    ReplyRectification,
    SubmitRectification,
    reply_rectification,
    submit_rectification,
)
from tests.domain.samples import local
from tests.office import HANDLING, Scene, both
from tests.web.browser import Web

APRIL = local(date(2026, 4, 10), 9)
JUNE = local(date(2026, 6, 1), 9)


def late(scene: Scene) -> None:
    """Two units do nothing until letters are drafted for them."""
    scene.begin(scene.item(("A", HANDLING), ("B", HANDLING)))
    scene.live_until(APRIL)


def drafted(scene: Scene) -> int:
    """A letter that waits for its signature at the instant answered."""
    scene.begin(scene.item(("A", HANDLING), ("B", HANDLING)))
    while (now := scene.next_moment()) is not None and now <= JUNE:
        scene.live(now)
        if drafts := scene.rows(Letter, table(Letter).c.state == LetterState.DRAFT):
            return int(drafts[0].id)
    raise AssertionError("no letter was drafted for a signature")


def circulars(scene: Scene) -> None:
    """They do nothing until a circular is issued."""
    scene.begin(scene.item(("A", HANDLING), ("B", HANDLING)))
    while (now := scene.next_moment()) is not None and now <= JUNE:
        scene.live(now)
        scene.sign_all(now)
        if scene.rows(Rectification):
            break


async def test_the_register_lists_letters_in_the_columns_of_a_printed_one(scene: Scene, web: Web) -> None:
    late(scene)
    web.now = APRIL
    office = await web.enter("supervision_office@YX")

    page = await office.open("/letters")

    letters = scene.rows(Letter)
    assert len(letters) >= 2
    assert page.rows[0] == ["Number", "Kind", "Issuer", "Title", "Addressees", "Issued on", "State"]
    assert [row[3] for row in page.rows[1:]] == [letter.title for letter in reversed(letters)]
    assert f"Register of letters {len(letters)}" in page.text
    assert {row[4] for row in page.rows[1:]} == {"市教育局", "市财政局"}


@both
async def test_filters_stand_in_the_address_and_what_is_saved_is_what_is_shown(
    scene: Scene, web: Web
) -> None:
    late(scene)
    web.now = APRIL
    office = await web.enter("auditor@YX")

    page = await office.open("/letters?unit=市财政局")
    shown = page.rows[1:]
    assert shown
    assert {row[4] for row in shown} == {"市财政局"}
    as_csv = await office.client.get(page.link("CSV"))
    saved = list(csv.reader(StringIO(as_csv.content.decode("utf-8-sig"))))[1:]
    as_xlsx = await office.client.get(page.link("XLSX"))
    book = load_workbook(BytesIO(as_xlsx.content), read_only=True)

    assert sorted(row[3] for row in saved) == sorted(row[3] for row in shown)
    assert len(list(book.worksheets[0].iter_rows())) == len(shown) + 1
    assert as_xlsx.headers["content-disposition"].startswith("attachment")


async def test_a_filter_by_a_unit_nobody_is_called_is_said_and_shows_nothing(scene: Scene, web: Web) -> None:
    late(scene)
    office = await web.enter("auditor@YX")

    page = await office.open("/letters?unit=没有的单位", status=422)

    assert "No unit has the code or the name 没有的单位." in page.text
    assert page.rows == []


async def test_a_leader_signs_a_letter_and_takes_it_back_within_the_hold(scene: Scene, web: Web) -> None:
    draft = scene.row(Letter, drafted(scene))
    web.now = draft.drafted_at
    office, leader = await web.enter("supervision_office@YX"), await web.enter("leader@YX")
    page = await office.open(f"/letters/{draft.id}")
    assert "It waits for a leader's signature." in page.text
    assert not page.has_form(f"/letters/{draft.id}/sign")

    await leader.open(f"/letters/{draft.id}")
    page = await leader.send(f"/letters/{draft.id}/sign")
    assert "unless it is taken back" in page.text
    assert scene.row(Letter, draft.id).state == LetterState.SIGNED
    page = await leader.send(f"/letters/{draft.id}/take-back", reason=" ", status=422)
    await leader.send(f"/letters/{draft.id}/take-back", reason="已面谈。")

    assert scene.row(Letter, draft.id).state == LetterState.TAKEN_BACK
    scene.live(web.now + timedelta(days=1))
    assert scene.row(Letter, draft.id).number is None


async def test_a_unit_cannot_sign_what_it_receives(scene: Scene, web: Web) -> None:
    late(scene)
    web.now = APRIL
    letter = next(row for row in scene.rows(Letter) if row.state == LetterState.ISSUED)
    units = {row.unit_id for row in scene.rows(LetterUnit, table(LetterUnit).c.letter_id == letter.id)}
    code = next(code for code, unit in scene.units.items() if unit in units)
    officer = await web.enter(f"unit_officer@{code}")
    page = await officer.open(f"/letters/{letter.id}")

    assert not page.has_form(f"/letters/{letter.id}/take-back")
    fields = {"csrf": page.forms[0].fields["csrf"]}
    await officer.post(f"/letters/{letter.id}/sign", fields, status=403)
    await officer.open("/letters", status=403)


async def test_the_ledger_counts_what_is_mended_and_a_rectification_is_verified_from_it(
    scene: Scene, web: Web
) -> None:
    circulars(scene)
    rows = scene.rows(Rectification)
    assert {row.state for row in rows} == {"ordered"}
    one = rows[0]
    now = one.opened_at + timedelta(hours=1)
    code = next(code for code, unit in scene.units.items() if unit == one.unit_id)
    officer = scene.officer(code)
    reply_rectification(
        scene.office, officer, now, ReplyRectification(rectification_id=one.id, plan="十日内改正。")
    )
    scene.prove(one.unit_task_id, now, "mended")
    submit_rectification(
        scene.office, officer, now, SubmitRectification(rectification_id=one.id, report="已改正。")
    )
    web.now = now + timedelta(hours=1)
    office = await web.enter("supervision_office@YX")

    page = await office.open("/rectifications")
    assert f"Rectification ledger {len(rows)}" in page.text
    page = await office.open("/rectifications?state=submitted")
    assert len(page.rows) == 2
    await office.open(f"/rectifications/{one.id}")
    page = await office.send(f"/rectifications/{one.id}/verify", accept="no", status=422)
    assert "A return needs a reason." in page.text
    page = await office.send(f"/rectifications/{one.id}/verify", accept="yes")

    assert "verified and closed out" in page.text
    assert scene.row(Rectification, one.id).state == "verified"
    saved = await office.client.get("/rectifications.csv?state=verified")
    assert len(list(csv.reader(StringIO(saved.content.decode("utf-8-sig"))))) == 2


@both
async def test_the_ledger_shows_what_is_late_alone(scene: Scene, web: Web) -> None:
    circulars(scene)
    rows = scene.rows(Rectification)
    web.now = max(row.reply_by for row in rows) + timedelta(hours=1)
    office = await web.enter("auditor@YX")

    page = await office.open("/rectifications?late=true")

    assert len(page.rows) == 1 + len([row for row in rows if row.reply_by <= web.now])

"""The letters a unit received, as a list and as paper."""

from datetime import date

import pytest

from models.columns import table
from models.paper import Letter, LetterState, LetterUnit, Mail
from tests.domain.samples import local
from tests.office import BEGINS, Scene
from tests.web.browser import Web

LATER = local(date(2026, 4, 16), 9)


@pytest.fixture
def late(scene: Scene, web: Web) -> int:
    """A task of unit A that nobody works on, in the middle of April; its supervision letter waits for a signature."""
    task = scene.one("A")
    scene.acknowledge(task, BEGINS)
    scene.live_until(LATER)
    web.now = LATER
    return task


async def test_issued_letters_are_listed_and_drafts_are_not(scene: Scene, web: Web, late: int) -> None:
    issued = scene.rows(Letter, table(Letter).c.state == LetterState.ISSUED)
    assert scene.count(Letter) > len(issued) > 0
    officer = await web.enter("unit_officer@A")

    page = await officer.open("/my/letters")

    assert [row[0] for row in page.rows[1:]] == [row.document_number for row in reversed(issued)]
    assert f"{len(issued)} reminder letter" in page.text
    page = await officer.open("/my/letters?kind=supervision_letter")
    assert "No letter was received." in page.text


async def test_a_letter_reads_as_it_was_written_and_says_how_it_was_told(
    scene: Scene, web: Web, late: int
) -> None:
    letter = scene.rows(Letter, table(Letter).c.state == LetterState.ISSUED)[0]
    officer = await web.enter("unit_officer@A")
    await officer.open("/my/letters")

    page = await officer.follow(letter.document_number)

    written = letter.content
    for part in ("addressees", "paragraphs", "demands", "closing"):
        for line in written[part]:
            assert line in page.text
    assert letter.title in page.part("paper-title")
    mails = scene.rows(Mail, table(Mail).c.about == "letter", table(Mail).c.about_id == letter.id)
    assert mails
    assert all(mail.recipient in page.text for mail in mails)
    assert page.link("acknowledged") == f"/unit-tasks/{late}"


async def test_it_says_when_it_was_answered(scene: Scene, web: Web, late: int) -> None:
    letter = scene.rows(Letter, table(Letter).c.state == LetterState.ISSUED)[0]
    officer = await web.enter("unit_officer@A")
    assert "Answered not yet" in (await officer.open(f"/letters/{letter.id}")).text

    scene.submit(late, LATER)

    assert "Answered Thu 16 Apr 09:00" in (await officer.open(f"/letters/{letter.id}")).text


async def test_a_draft_and_another_units_letter_do_not_exist_for_a_unit(
    scene: Scene, web: Web, late: int
) -> None:
    letters = scene.rows(Letter)
    draft = next(row.id for row in letters if row.state == LetterState.DRAFT)
    issued = next(row.id for row in letters if row.state == LetterState.ISSUED)

    await (await web.enter("unit_officer@A")).open(f"/letters/{draft}", status=404)
    await (await web.enter("unit_officer@B")).open(f"/letters/{issued}", status=404)
    page = await (await web.enter("leader@YX")).open(f"/letters/{draft}")
    assert "not issued yet" in page.text


async def test_a_long_list_goes_on_where_it_ended(
    scene: Scene, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.views.letters_received.SHOWN", 2)
    for _ in range(5):
        scene.acknowledge(scene.one("A"), BEGINS)
    web.now = local(date(2026, 4, 8), 10)
    scene.live_until(web.now)
    officer = await web.enter("unit_officer@A")

    page = await officer.open("/my/letters")
    seen = [row[0] for row in page.rows[1:]]
    while "Older ones" in page.text:
        page = await officer.follow("Older ones")
        seen += [row[0] for row in page.rows[1:]]

    ours = {row.letter_id for row in scene.rows(LetterUnit)}
    issued = [row for row in scene.rows(Letter) if row.id in ours and row.state == LetterState.ISSUED]
    assert len(issued) == 5
    assert seen == [
        row.document_number for row in sorted(issued, key=lambda row: (row.issued_at, row.id), reverse=True)
    ]


@pytest.mark.parametrize("before", ["x", "20260401T000000.000000Z_x", "_1"])
async def test_a_place_in_the_list_that_is_none_is_refused(web: Web, before: str) -> None:
    officer = await web.enter("unit_officer@A")

    page = await officer.open(f"/my/letters?before={before}", status=422)

    assert "is no place in this list." in page.text

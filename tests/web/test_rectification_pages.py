"""A unit puts right what a circular named: plan, proof, report, and once more where it was sent back."""

from datetime import date, timedelta
from typing import Any

import pytest

from models.rectification import Rectification
from services.rectifications import VerifyRectification, verify_rectification
from tests.domain.samples import local
from tests.office import BEGINS, Scene
from tests.web.browser import File, Web

CIRCULATED = local(date(2026, 4, 29), 9)
NOTE: File = ("整改.txt", "已补齐。".encode(), "text/plain")


@pytest.fixture
def ordered(scene: Scene, web: Web) -> Any:
    """The rectification of unit A, ordered by a circular this morning."""
    scene.acknowledge(scene.one("A"), BEGINS)
    scene.live_until(CIRCULATED)
    scene.sign_all(CIRCULATED)
    scene.live(CIRCULATED + timedelta(minutes=10))
    web.now = CIRCULATED + timedelta(hours=2)
    (row,) = scene.rows(Rectification)
    return row


async def test_plan_proof_report_and_the_return(scene: Scene, web: Web, ordered: Any) -> None:
    here = f"/rectifications/{ordered.id}"
    officer = await web.enter("unit_officer@A")
    await officer.open("/my/rectifications")
    page = await officer.follow("建成三所公办幼儿园")
    assert not page.has_form(f"{here}/submit")

    page = await officer.send(f"{here}/reply", plan="五日内补齐。")
    assert "The plan is sent." in page.text
    assert "五日内补齐。" in page.part("happened-list")
    assert not page.has_form(f"{here}/reply")

    page = await officer.send(f"{here}/submit", status=422, report="已整改。")
    assert "Add evidence of the rectification to its unit task first." in page.text
    assert page.form(f"{here}/submit").fields["report"] == "已整改。"

    page = await officer.send(f"{here}/evidence", files={"files": [NOTE]})
    assert "整改.txt" in page.part("given-list")
    page = await officer.send(f"{here}/submit", report="已整改。")
    assert "submitted for verification" in page.text
    assert scene.row(Rectification, ordered.id).state == "submitted"
    assert not [form for form in page.forms if form.action.startswith(here)]

    back = VerifyRectification(rectification_id=ordered.id, accept=False, reason="缺一处。")
    verify_rectification(scene.office, scene.supervision, web.now, back)
    page = await officer.open(here)
    assert "缺一处。" in page.part("happened-list")
    assert page.has_form(f"{here}/submit")


async def test_an_empty_plan_is_refused_beside_its_field(web: Web, ordered: Any) -> None:
    officer = await web.enter("unit_head@A")
    await officer.open(f"/rectifications/{ordered.id}")

    page = await officer.send(f"/rectifications/{ordered.id}/reply", status=422, plan="  ")

    assert page.part("reply-plan-wrong") == "Fill in: Plan."


async def test_the_list_counts_and_filters(scene: Scene, web: Web, ordered: Any) -> None:
    officer = await web.enter("unit_officer@A")

    page = await officer.open("/my/rectifications?open=1")

    assert "1 still to be done 1 in all" in page.text
    assert [row[2] for row in page.rows[1:]] == ["芸督通〔2026〕1号"]


async def test_another_unit_neither_sees_nor_mends_it_and_a_leader_only_reads(
    scene: Scene, web: Web, ordered: Any
) -> None:
    here = f"/rectifications/{ordered.id}"
    other = await web.enter("unit_officer@B")
    page = await other.open("/my/rectifications")
    assert "There is nothing to put right." in page.text
    csrf = page.form("/sign-out").fields["csrf"]
    await other.open(here, status=404)
    for act in ("reply", "evidence", "submit"):
        await other.post(f"{here}/{act}", {"csrf": csrf, "plan": "x", "report": "x"}, status=404)
    assert scene.row(Rectification, ordered.id).state == "ordered"

    page = await (await web.enter("leader@YX")).open(here)
    assert not [form for form in page.forms if form.action in (f"{here}/reply", f"{here}/evidence")]

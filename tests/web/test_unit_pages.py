"""A unit at its pages: what it reads there, and what it does."""

from datetime import date

from models.unit_task import Extension, ProgressReport, UnitTask
from tests.domain.samples import local
from tests.office import COOPERATING, LEAD, Scene
from tests.web.browser import Web


async def test_a_unit_acknowledges_a_task_and_reads_that_it_has(scene: Scene, web: Web) -> None:
    task = scene.one("A")
    officer = await web.enter("unit_officer@A")

    page = await officer.open("/my/unit-tasks")
    assert "To acknowledge 1" in page.text
    await officer.follow("建成三所公办幼儿园")
    page = await officer.send(f"/unit-tasks/{task}/acknowledge")

    assert "The task is acknowledged." in page.text
    assert not page.has_form(f"/unit-tasks/{task}/acknowledge")
    assert scene.row(UnitTask, task).state == "acknowledged"


async def test_a_progress_report_moves_the_figure_and_stands_in_what_has_happened(
    scene: Scene, web: Web
) -> None:
    task = scene.one("A")
    scene.acknowledge(task, web.now)
    officer = await web.enter("unit_officer@A")
    await officer.open(f"/unit-tasks/{task}")

    page = await officer.send(
        f"/unit-tasks/{task}/progress",
        progress=40,
        text="已开工两所。",
        problem="缺一块地。",
        next_step="四月招标。",
    )

    assert "The progress report is filed." in page.text
    for said in ("40%", "已开工两所。", "缺一块地。", "四月招标。", "unit officer"):
        assert said in page.part("happened-list")
    assert scene.row(UnitTask, task).progress == 40


async def test_what_was_typed_comes_back_with_what_was_wrong_beside_its_field(scene: Scene, web: Web) -> None:
    task = scene.one("A")
    scene.acknowledge(task, web.now)
    officer = await web.enter("unit_officer@A")
    await officer.open(f"/unit-tasks/{task}")
    before = scene.count(ProgressReport)

    page = await officer.send(
        f"/unit-tasks/{task}/progress",
        status=422,
        progress=140,
        text="已开工两所。\n第二行",
        next_step="四月招标。",
    )

    assert page.part("progress-progress-wrong") == "Progress in per cent: at most 100."
    assert page.link("Progress in per cent: at most 100.") == "#progress-progress"
    again = page.form(f"/unit-tasks/{task}/progress").fields
    assert (again["progress"], again["text"], again["next_step"]) == (
        "140",
        "已开工两所。\n第二行",
        "四月招标。",
    )
    assert page.form(f"/unit-tasks/{task}/submit").fields["text"] == ""
    assert scene.count(ProgressReport) == before


async def test_a_form_sent_twice_is_done_once(scene: Scene, web: Web) -> None:
    task = scene.one("A")
    scene.acknowledge(task, web.now)
    officer = await web.enter("unit_officer@A")
    page = await officer.open(f"/unit-tasks/{task}")
    form = page.form(f"/unit-tasks/{task}/progress").fields | {"progress": "10", "text": "开工。"}

    await officer.post(f"/unit-tasks/{task}/progress", form)
    await officer.post(f"/unit-tasks/{task}/progress", form)

    assert scene.count(ProgressReport) == 1


async def test_without_evidence_nothing_is_submitted_and_the_text_stays(scene: Scene, web: Web) -> None:
    task = scene.one("A")
    scene.acknowledge(task, web.now)
    officer = await web.enter("unit_officer@A")
    await officer.open(f"/unit-tasks/{task}")

    page = await officer.send(f"/unit-tasks/{task}/submit", status=422, text="三所均已建成。")

    assert "Add at least one piece of evidence before you submit." in page.text
    assert page.form(f"/unit-tasks/{task}/submit").fields["text"] == "三所均已建成。"


async def test_with_evidence_it_is_submitted_and_no_form_is_left(scene: Scene, web: Web) -> None:
    task = scene.one("A")
    scene.acknowledge(task, web.now)
    scene.prove(task, web.now)
    officer = await web.enter("unit_officer@A")
    page = await officer.open(f"/unit-tasks/{task}")
    assert "Submit with 1 pieces of evidence" in page.text

    page = await officer.send(f"/unit-tasks/{task}/submit", text="三所均已建成。")

    assert "The task is submitted for review." in page.text
    assert [f.action for f in page.forms if f.action.startswith("/unit-tasks/")] == [
        f"/unit-tasks/{task}/evidence"
    ]
    assert scene.row(UnitTask, task).state == "submitted"


async def test_more_time_is_asked_for_with_a_day_the_office_may_grant(scene: Scene, web: Web) -> None:
    task = scene.one("A")
    scene.acknowledge(task, web.now)
    officer = await web.enter("unit_officer@A")
    await officer.open(f"/unit-tasks/{task}")

    page = await officer.send(
        f"/unit-tasks/{task}/extension", status=422, proposed="2027-01-01", reason="招标延长。"
    )
    assert "later than this office may grant, 2026-05-29" in page.text
    assert page.form(f"/unit-tasks/{task}/extension").fields["reason"] == "招标延长。"
    page = await officer.send(f"/unit-tasks/{task}/extension", proposed="2026-04-10", reason="招标延长。")

    assert "More time was asked for until Fri 10 Apr" in page.text
    assert not page.has_form(f"/unit-tasks/{task}/extension")
    assert [str(row.proposed) for row in scene.rows(Extension)] == ["2026-04-10"]


async def test_after_the_deadline_no_more_time_can_be_asked_for(scene: Scene, web: Web) -> None:
    task = scene.one("A")
    scene.acknowledge(task, web.now)
    web.now = local(date(2026, 4, 1), 9)
    officer = await web.enter("unit_officer@A")

    page = await officer.open(f"/unit-tasks/{task}")

    assert not page.has_form(f"/unit-tasks/{task}/extension")
    assert "overdue" in page.text


async def test_a_unit_says_that_a_task_is_not_its_own(scene: Scene, web: Web) -> None:
    task = scene.one("A")
    officer = await web.enter("unit_officer@A")
    await officer.open(f"/unit-tasks/{task}")

    page = await officer.send(f"/unit-tasks/{task}/decline", reason="属市财政局职责。")

    assert "The unit says that this is not its task; the decision is awaited." in page.text
    assert "属市财政局职责。" in page.part("happened-list")
    assert scene.row(UnitTask, task).state == "declined"


async def test_a_cooperating_unit_reads_that_its_lead_reports_for_it(scene: Scene, web: Web) -> None:
    published = scene.begin(scene.item(("A", LEAD), ("B", COOPERATING)))
    task = scene.task(published.items[0], "B").id
    scene.acknowledge(task, web.now)
    officer = await web.enter("unit_officer@B")

    page = await officer.open(f"/unit-tasks/{task}")

    assert "You cooperate: 市教育局 reports and submits for this task." in page.text
    assert page.has_form(f"/unit-tasks/{task}/progress")
    for missing in ("submit", "evidence"):
        assert not page.has_form(f"/unit-tasks/{task}/{missing}")


async def test_who_reads_along_sees_no_form_and_who_may_not_sees_no_task(scene: Scene, web: Web) -> None:
    task = scene.one("A")
    scene.acknowledge(task, web.now)

    above = await web.enter("leader@YX")
    page = await above.open(f"/unit-tasks/{task}")
    assert not [form for form in page.forms if form.action.startswith("/unit-tasks/")]

    beside = await web.enter("unit_officer@B")
    await beside.open(f"/unit-tasks/{task}", status=404)
    csrf = (await beside.open("/my/unit-tasks")).form("/sign-out").fields["csrf"]
    for act in ("acknowledge", "progress", "submit", "extension", "decline", "evidence"):
        fields = {"csrf": csrf, "progress": "1", "text": "x", "reason": "x", "proposed": "2026-04-10"}
        assert (await beside.post(f"/unit-tasks/{task}/{act}", fields, status=404)).status == 404
    assert scene.count(ProgressReport) == 0

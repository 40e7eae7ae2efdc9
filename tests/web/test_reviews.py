"""Deciding on a unit task in one place."""

from datetime import date, timedelta
from io import BytesIO

from domain.evidence import EvidenceLimits
from models.unit_task import Dispute, Evidence, Extension, Review, SpotCheck, UnitTask
from services.evidence import AddEvidence, add_evidence
from tests.office import BEGINS, HANDLING, LEAD, MONDAY, Scene
from tests.web.browser import Web

NOW = BEGINS + timedelta(hours=1)


def give(scene: Scene, web: Web, task: int, name: str, octets: bytes) -> int:
    """A file whose octets are really kept."""
    kept = web.evidence.put(BytesIO(octets), name, EvidenceLimits())
    request = AddEvidence(
        unit_task_id=task,
        sha256=kept.sha256,
        size=kept.size,
        media_type=kept.media_type,
        name=name,
        effective_on=MONDAY,
    )
    return int(add_evidence(scene.office, scene.of_task(task), NOW, request)["evidence_id"])


def handed_in(scene: Scene, web: Web, code: str = "A") -> int:
    """A task that waits for its review; another unit has given the same file."""
    item = scene.begin(scene.item(("A", HANDLING), ("B", HANDLING))).items[0]
    mine, theirs = scene.task(item, code).id, scene.task(item, "B").id
    for task in (theirs, mine):
        scene.acknowledge(task, NOW)
        give(scene, web, task, "验收.txt", "现场已验收。".encode())
    scene.submit(mine, NOW)
    web.now = NOW + timedelta(hours=1)
    return int(mine)


async def test_a_reviewer_sees_what_was_handed_in_its_files_and_where_else_they_were_given(
    scene: Scene, web: Web
) -> None:
    task = handed_in(scene, web)
    (_, piece, *_) = [row.id for row in scene.rows(Evidence)]
    office = await web.enter("supervision_office@YX")

    page = await office.open(f"/unit-tasks/{task}/review")

    assert "已完成。" in page.text
    assert "现场已验收。" in page.text  # the text file itself
    assert page.link("验收.txt") == f"/evidence/{piece}"
    assert "验收.txt: 市财政局" in page.part("same-files")


async def test_a_submission_is_accepted_and_the_reviewer_led_back_to_the_queue(
    scene: Scene, web: Web
) -> None:
    task = handed_in(scene, web)
    office = await web.enter("supervision_office@YX")
    await office.open(f"/unit-tasks/{task}/review")

    page = await office.send(f"/unit-tasks/{task}/review", accept="yes")

    assert page.path.startswith("/queue")
    assert "The submission is accepted." in page.text
    assert scene.row(UnitTask, task).state == "accepted"


async def test_a_return_without_a_reason_comes_back_and_with_one_is_done(scene: Scene, web: Web) -> None:
    task = handed_in(scene, web)
    office = await web.enter("supervision_office@YX")
    await office.open(f"/unit-tasks/{task}/review")

    page = await office.send(f"/unit-tasks/{task}/review", accept="no", status=422)
    assert "A return needs a reason." in page.text
    await office.send(f"/unit-tasks/{task}/review", accept="no", reason="缺少验收报告。")

    assert scene.rows(Review)[0].reason == "缺少验收报告。"
    assert scene.row(UnitTask, task).state == "returned"


async def test_two_reviewers_at_once_decide_once(scene: Scene, web: Web) -> None:
    task = handed_in(scene, web)
    first, second = await web.enter("supervision_office@YX"), await web.enter("leader@YX")
    for browser in (first, second):
        await browser.open(f"/unit-tasks/{task}/review")
    await first.send(f"/unit-tasks/{task}/review", accept="yes")

    page = await second.send(f"/unit-tasks/{task}/review", accept="no", reason="材料不全。", status=422)

    assert "cannot" in page.text
    assert scene.count(Review) == 1


async def test_units_and_auditors_have_no_form_and_no_way_to_decide(scene: Scene, web: Web) -> None:
    task = handed_in(scene, web)
    auditor = await web.enter("auditor@YX")
    page = await auditor.open(f"/unit-tasks/{task}/review")
    assert not page.has_form(f"/unit-tasks/{task}/review")
    fields = {"csrf": page.forms[0].fields["csrf"], "accept": "yes"}
    await auditor.post(f"/unit-tasks/{task}/review", fields, status=403)

    officer = await web.enter("unit_officer@A")
    await officer.open(f"/unit-tasks/{task}/review", status=403)
    assert scene.row(UnitTask, task).state == "submitted"


async def test_an_extension_is_granted_for_the_date_given_or_refused(scene: Scene, web: Web) -> None:
    item = scene.begin(scene.item(("A", HANDLING), ("B", HANDLING))).items[0]
    tasks = [scene.task(item, code).id for code in "AB"]
    for task in tasks:
        scene.acknowledge(task, NOW)
        scene.ask_extension(task, NOW, date(2026, 4, 15))
    web.now = NOW
    office = await web.enter("supervision_office@YX")

    page = await office.open(f"/unit-tasks/{tasks[0]}/review")
    assert "招标延长。" in page.text
    where = f"/unit-tasks/{tasks[0]}/decide-extension"
    page = await office.send(where, grant="yes", granted="", answer="同意。", status=422)
    assert "Fill in: New date." in page.text
    assert page.form(where).fields["answer"] == "同意。"
    await office.send(where, grant="yes", granted="2026-04-14", answer="同意。")
    await office.open(f"/unit-tasks/{tasks[1]}/review")
    await office.send(f"/unit-tasks/{tasks[1]}/decide-extension", grant="no", answer="时间充足。")

    assert [row.granted for row in scene.rows(Extension)] == [date(2026, 4, 14), None]
    assert all(row.decided_at == NOW for row in scene.rows(Extension))


async def test_a_dispute_is_upheld_for_a_unit_called_by_its_name(scene: Scene, web: Web) -> None:
    item = scene.begin(scene.item(("A", LEAD))).items[0]
    task = scene.task(item, "A").id
    scene.decline(task, NOW)
    web.now = NOW
    office = await web.enter("leader@YX")
    await office.open(f"/unit-tasks/{task}/review")
    where = f"/unit-tasks/{task}/decide-dispute"

    page = await office.send(where, uphold="yes", unit="没有的单位", answer="属实。", status=422)
    assert "No unit has the code or the name 没有的单位." in page.text
    assert page.form(where).fields["answer"] == "属实。"
    await office.send(where, uphold="yes", unit="市财政局", answer="属实。")

    assert scene.rows(Dispute)[0].upheld is True
    assert scene.task(item, "B").role == "lead"
    assert scene.task(item, "A").state == "withdrawn"


async def test_a_request_of_another_task_is_not_decided_by_a_forged_form(scene: Scene, web: Web) -> None:
    task = handed_in(scene, web)
    office = await web.enter("supervision_office@YX")
    page = await office.open(f"/unit-tasks/{task}/review")
    fields = {"csrf": page.forms[0].fields["csrf"], "extension_id": "77", "grant": "no", "answer": "x"}

    await office.post(f"/unit-tasks/{task}/decide-extension", fields, status=404)


async def test_an_accepted_task_is_looked_at_again_and_opened(scene: Scene, web: Web) -> None:
    task = handed_in(scene, web)
    scene.review(task, NOW)
    office = await web.enter("supervision_office@YX")
    await office.open(f"/unit-tasks/{task}/review")
    where = f"/unit-tasks/{task}/spot-check"

    page = await office.send(where, keep="yes", reason="现场属实。")
    assert "stays accepted" in page.text
    page = await office.send(where, keep="no", reason="现场未完工。")

    assert "The task is open again and returned to the unit." in page.text
    assert [row.kept for row in scene.rows(SpotCheck)] == [True, False]
    officer = await web.enter("unit_officer@A")
    page = await officer.open(f"/unit-tasks/{task}")
    assert "现场未完工。" in page.part("happened-list")  # the unit reads why
    assert scene.row(UnitTask, task).state == "returned"


async def test_a_paper_of_a_unit_that_does_not_sign_in_is_entered_with_its_scan(
    scene: Scene, web: Web
) -> None:
    task = scene.one()
    office = await web.enter("supervision_office@YX")
    page = await office.open(f"/unit-tasks/{task}/review")
    assert "Nobody of 市教育局 signs in." in page.text
    where = f"/unit-tasks/{task}/paper"

    await office.send(where, what="acknowledge", status=422)
    assert scene.count(Evidence) == 0
    scan: list[tuple[str, bytes, str]] = [("回执.txt", "已签收。".encode(), "text/plain")]
    page = await office.send(where, what="acknowledge", files={"files": scan})

    assert "The paper is entered for the unit, with its scan." in page.text
    assert scene.row(UnitTask, task).state == "acknowledged"
    assert scene.audit("acknowledge")[0].detail["on_behalf_of"] == "市教育局"
    assert [row.name for row in scene.rows(Evidence)] == ["回执.txt"]


async def test_no_paper_is_entered_for_a_unit_that_signs_in(scene: Scene, web: Web) -> None:
    task = scene.one()
    await web.enter("unit_officer@A")
    office = await web.enter("supervision_office@YX")

    page = await office.open(f"/unit-tasks/{task}/review")

    assert not page.has_form(f"/unit-tasks/{task}/paper")

"""A unit without a sign-in sends paper; the supervision office enters it, and the trail names both."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.errors import InvalidInputError, NotAllowedError, WrongStateError
from models.engine import Audit
from models.unit_task import Acknowledgement, Evidence, ProgressReport, Submission, UnitTask
from services.on_behalf import EnterPaper, PaperAct, enter_paper
from services.one_time_links import make_link, use_link
from services.reviews import ReviewSubmission, review
from services.submissions import Piece
from services.unit_tasks import Acknowledge, acknowledge
from tests.office import BEGINS, DIRECTOR, MONDAY, Scene, refused

NOW = BEGINS + timedelta(hours=1)


def paper(scene: Scene, task: int, what: PaperAct, *, who: Any = None, **more: Any) -> dict[str, Any]:
    scan = Piece(sha256="ab" * 32, size=9, media_type="image/png", name=f"{what}.png", effective_on=MONDAY)
    request = EnterPaper(unit_task_id=task, what=what, scan=scan, **more)
    return enter_paper(scene.office, who or scene.supervision, NOW, request)


def test_all_three_papers_are_entered_with_their_scans_and_the_trail_names_both(scene: Scene) -> None:
    task = scene.one()

    paper(scene, task, PaperAct.ACKNOWLEDGE)
    paper(scene, task, PaperAct.REPORT_PROGRESS, text="已开工。", progress=40)
    paper(scene, task, PaperAct.SUBMIT, text="已完成。")

    office = scene.supervision.account_id
    for model in (Acknowledgement, ProgressReport, Submission):
        assert [row.account_id for row in scene.rows(model)] == [office]
    assert scene.row(UnitTask, task).state == "submitted"
    assert [row.name for row in scene.rows(Evidence)] == [
        "acknowledge.png",
        "report_progress.png",
        "submit.png",
    ]
    assert all(row.submission_id == 1 for row in scene.rows(Evidence))
    entered = [row for row in scene.rows(Audit) if row.actor == scene.supervision.name]
    assert {row.action for row in entered} == {"acknowledge", "report_progress", "submit", "add_evidence"}
    assert {row.detail["on_behalf_of"] for row in entered} == {"市教育局"}


def test_who_entered_a_submission_does_not_review_it(scene: Scene) -> None:
    task = scene.one()
    paper(scene, task, PaperAct.ACKNOWLEDGE)
    paper(scene, task, PaperAct.SUBMIT, text="已完成。")

    with refused(scene, NotAllowedError, "submitted themselves"):
        scene.review(task, NOW)
    review(scene.office, scene.leader, NOW, ReviewSubmission(unit_task_id=task, accept=True))


def test_a_unit_that_signs_in_acts_itself(scene: Scene) -> None:
    task = scene.one()
    account = scene.officer("A").account_id
    assert account is not None
    use_link(scene.office, NOW, make_link(scene.office, DIRECTOR, NOW, account), "four plain words here")

    with refused(scene, NotAllowedError, "signs in itself"):
        paper(scene, task, PaperAct.ACKNOWLEDGE)


@pytest.mark.parametrize("login", ["leader@YX", "auditor@YX", "administrator@YX", "unit_officer@B"])
def test_nobody_else_enters_papers(scene: Scene, login: str) -> None:
    task = scene.one()

    with refused(scene, NotAllowedError, "has not the right"):
        paper(scene, task, PaperAct.ACKNOWLEDGE, who=scene.people[login])


def test_without_a_paper_the_office_cannot_act_for_a_unit(scene: Scene) -> None:
    task = scene.one()

    with refused(scene, NotAllowedError, "has not the right"):
        acknowledge(scene.office, scene.supervision, NOW, Acknowledge(unit_task_id=task))


def test_a_paper_that_does_not_fit_leaves_not_even_its_scan(scene: Scene) -> None:
    task = scene.one()

    with refused(scene, WrongStateError, "assigned cannot submit"):
        paper(scene, task, PaperAct.SUBMIT, text="已完成。")
    with refused(scene, WrongStateError, "assigned cannot"):
        paper(scene, task, PaperAct.REPORT_PROGRESS, text="已开工。")
    paper(scene, task, PaperAct.ACKNOWLEDGE)
    with refused(scene, InvalidInputError, "Fill in"):
        paper(scene, task, PaperAct.SUBMIT, text=" ")


def test_a_scan_cannot_speak_of_a_day_to_come(scene: Scene) -> None:
    task = scene.one()
    scan = Piece(
        sha256="ab" * 32, size=9, media_type="image/png", name="a.png", effective_on=date(2027, 1, 1)
    )

    with refused(scene, InvalidInputError, "a day to come"):
        request = EnterPaper(unit_task_id=task, what=PaperAct.ACKNOWLEDGE, scan=scan)
        enter_paper(scene.office, scene.supervision, NOW, request)

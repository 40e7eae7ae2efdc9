"""回头看: an accepted task is looked at again."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from domain.errors import NotAllowedError, WrongStateError
from models.directive import Item
from models.paper import Notice, NoticeKind
from models.unit_task import DeadlineChange, SpotCheck, UnitTask
from services.check import check
from services.histories import expected_climbs, recorded_climbs
from services.spot_checks import CheckSpot, spot_check
from store.evidence import FolderStore
from tests.domain.samples import local
from tests.office import BEGINS, COOPERATING, HANDLING, LEAD, Scene, both, refused

NOW = BEGINS + timedelta(hours=1)
LATER = local(date(2026, 4, 13), 10)
"""After the deadline of 31 March."""


def accepted(scene: Scene) -> int:
    """The accepted task of unit A; B has not closed its own, so the item is open."""
    item = scene.begin(scene.item(("A", HANDLING), ("B", HANDLING))).items[0]
    task = scene.task(item, "A").id
    scene.close(task, NOW)
    return int(task)


def test_a_task_that_is_found_right_stays_as_it_is(scene: Scene) -> None:
    task = accepted(scene)
    before, pokes = scene.row(UnitTask, task), scene.pokes()

    assert scene.spot_check(task, LATER) == {"state": "accepted"}

    assert scene.row(UnitTask, task) == before
    assert scene.pokes() == pokes
    (row,) = scene.rows(SpotCheck)
    assert (row.unit_task_id, row.kept, row.at, row.reason) == (task, True, LATER, "已实地查看。")
    assert scene.audit("spot_check")[0].subject == f"unit_task/{task}"


@both
def test_a_task_that_is_found_wanting_goes_back_with_time_for_rework_and_its_clock_runs(scene: Scene) -> None:
    task = accepted(scene)
    scene.submit(scene.task(1, "B").id, NOW)  # so the item waits for no moment at all
    scene.live_until(LATER)
    pokes = scene.pokes()

    scene.spot_check(task, LATER, keep=False)

    row = scene.row(UnitTask, task)
    assert (row.state, row.closed_at, row.returned_times, row.complete_level) == ("returned", None, 1, -1)
    assert row.deadline == local(date(2026, 4, 21), 0)  # five working days after Monday 13 April
    assert scene.rows(DeadlineChange)[-1].reason == "spot_check"
    assert scene.rows(Notice)[-1].kind == NoticeKind.RETURNED
    assert scene.pokes()[len(pokes) :] == [("item/1", scene.row(Item, 1).clock_version)]
    scene.live_until(local(date(2026, 4, 30), 12))
    overdue = [n for n in scene.rows(Notice) if n.unit_task_id == task and n.rung == "overdue"]
    assert [n.deadline_version for n in overdue] == [2]
    assert recorded_climbs(scene.office) == expected_climbs(scene.office, local(date(2026, 4, 30), 12))


def test_what_was_reopened_is_submitted_and_accepted_once_more_and_all_counts_agree(
    scene: Scene, tmp_path: Path
) -> None:
    task = accepted(scene)
    scene.spot_check(task, NOW, keep=False)
    scene.close(task, NOW + timedelta(hours=2))
    scene.spot_check(task, LATER)

    assert scene.row(UnitTask, task).closed_at == NOW + timedelta(hours=2)
    findings = check(scene.office, FolderStore(tmp_path / "evidence")).findings
    assert {finding.text for finding in findings if finding.invariant in ("I10", "I11")} == set()


@pytest.mark.parametrize("who", ["unit_officer@A", "auditor@YX", "appraiser@YX", "administrator@YX"])
def test_only_the_office_looks_again(scene: Scene, who: str) -> None:
    task = accepted(scene)

    with refused(scene, NotAllowedError, "has not the right"):
        request = CheckSpot(unit_task_id=task, keep=False, reason="缺少现场照片。")
        spot_check(scene.office, scene.people[who], LATER, request)


@pytest.mark.parametrize("keep", [True, False])
def test_what_was_not_accepted_is_not_looked_at_again(scene: Scene, keep: bool) -> None:
    task = scene.one()

    with refused(scene, WrongStateError, "assigned cannot"):
        scene.spot_check(task, NOW, keep=keep)


def test_a_task_of_a_closed_item_can_be_looked_at_but_not_reopened(scene: Scene) -> None:
    task = scene.one()
    scene.close(task, NOW)
    scene.live(NOW)
    assert scene.row(Item, 1).state == "closed"

    with refused(scene, WrongStateError, "item is closed"):
        scene.spot_check(task, LATER, keep=False)
    scene.spot_check(task, LATER)


def test_a_task_of_a_closed_round_is_not_reopened(scene: Scene) -> None:
    item = scene.begin(scene.monthly(("A", HANDLING))).items[0]
    task = scene.task(item, "A").id
    scene.close(task, NOW)
    scene.live(NOW)
    assert scene.row(Item, item).state == "open"

    with refused(scene, WrongStateError, "item is closed"):
        scene.spot_check(task, LATER, keep=False)


def test_a_task_its_lead_reported_for_is_not_reopened_by_itself(scene: Scene) -> None:
    item = scene.begin(scene.item(("A", LEAD), ("B", COOPERATING))).items[0]
    scene.close(scene.task(item, "A").id, NOW)

    with refused(scene, WrongStateError, "lead unit"):
        scene.spot_check(scene.task(item, "B").id, NOW, keep=False)

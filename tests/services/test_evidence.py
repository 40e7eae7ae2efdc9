"""Proof of a task: whose it is, what it speaks of, its versions, and when it comes too late."""

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from domain.errors import InvalidInputError, NotAllowedError, NotFoundError, WrongStateError
from models.unit_task import Evidence, EvidenceFile
from services.evidence import AddEvidence, add_evidence
from services.transaction import Answer
from tests.office import BEGINS, MONDAY, Scene, refused

NOW = BEGINS + timedelta(hours=1)
DIGEST = "0" * 64


def give(scene: Scene, task: int, who: str = "unit_officer@A", **more: Any) -> Answer:
    fields = {
        "unit_task_id": task,
        "sha256": DIGEST,
        "size": 5,
        "media_type": "text/plain",
        "name": "验收.txt",
    }
    request = AddEvidence(**(fields | {"effective_on": MONDAY} | more))
    return add_evidence(scene.office, scene.people[who], NOW, request)


def test_a_piece_is_kept_with_who_gave_it_when_and_of_what_day(scene: Scene) -> None:
    task = scene.one()
    answer = give(scene, task, effective_on=MONDAY - timedelta(days=3))

    (piece,) = scene.rows(Evidence)
    assert (piece.id, piece.version, piece.uploaded_at) == (answer["evidence_id"], 1, NOW)
    assert (piece.account_id, piece.effective_on) == (scene.officer("A").account_id, date(2026, 2, 27))
    assert piece.submission_id is None
    (entry,) = scene.audit("add_evidence")
    assert entry.detail == {"sha256": DIGEST, "name": "验收.txt", "version": 1}


def test_a_second_piece_of_one_name_is_its_next_version_and_the_first_stays(scene: Scene) -> None:
    task = scene.one()
    give(scene, task)
    assert give(scene, task, sha256="1" * 64)["version"] == 2
    assert give(scene, task, name="别的.txt", sha256="2" * 64)["version"] == 1

    assert scene.count(Evidence) == scene.count(EvidenceFile) == 3


def test_the_same_bytes_are_one_file_whoever_gives_them(scene: Scene) -> None:
    first, second = scene.one("A"), scene.one("B")
    give(scene, first)
    give(scene, second, who="unit_officer@B")

    assert scene.count(EvidenceFile) == 1
    assert scene.count(Evidence) == 2


def test_only_the_unit_itself_proves_its_task(scene: Scene) -> None:
    task = scene.one()
    for who, match in (("unit_officer@B", "another unit"), ("leader@YX", "has not the right")):
        with refused(scene, NotAllowedError, match):
            give(scene, task, who=who)


def test_what_is_not_there_or_closed_or_to_come_is_not_proven(scene: Scene) -> None:
    task = scene.one()
    with refused(scene, NotFoundError, "no unit task 999"):
        give(scene, 999)
    with refused(scene, InvalidInputError, "a day to come"):
        give(scene, task, effective_on=date(2026, 3, 3))
    scene.close(task, NOW)
    with refused(scene, WrongStateError, "accepted takes no more evidence"):
        give(scene, task)


@pytest.mark.parametrize(
    "wrong", [{"sha256": "../../etc"}, {"sha256": "A" * 64}, {"size": 0}, {"name": ""}, {"name": "x" * 201}]
)
def test_a_piece_that_cannot_be_is_refused(scene: Scene, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        give(scene, 1, **wrong)

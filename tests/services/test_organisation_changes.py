"""Units come, are renamed, merged and abolished; what was owed is owed by the successor, old names stay readable."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.errors import ConflictError, NotAllowedError, RefusedError
from models.columns import table
from models.directive import Item, ItemUnit
from models.organisation import Account, Unit, UnitAlias, UnitSuccession
from models.paper import Letter, Notice
from models.rectification import Rectification
from models.unit_task import Evidence, UnitTask
from services.accounts import unit_called
from services.check import check
from services.evidence import AddEvidence, add_evidence
from services.histories import expected_climbs, recorded_climbs
from services.office import Actor
from services.organisation_changes import (
    AbolishUnit,
    AddUnit,
    Fate,
    RenameUnit,
    abolish_unit,
    add_unit,
    rename_unit,
)
from services.rectifications import ReplyRectification, reply_rectification
from store.evidence import FolderStore
from tests.domain.samples import local
from tests.office import BEGINS, COOPERATING, HANDLING, LEAD, MONDAY, Scene, both, refused

NOW = BEGINS + timedelta(hours=1)
APRIL = local(date(2026, 4, 10), 9)


def admin(scene: Scene) -> Actor:
    return scene.people["administrator@YX"]


def merge(scene: Scene, code: str, into: str | None, now: datetime = NOW) -> dict[str, Any]:
    request = AbolishUnit(
        unit_id=scene.units[code], successor_id=scene.units[into] if into else None, fate=Fate.MERGED
    )
    return abolish_unit(scene.office, admin(scene), now, request)


def sound(scene: Scene, folder: Path) -> None:
    """Nothing that the rows alone can show is broken, but for the files that these scenes never keep."""
    findings = check(scene.office, FolderStore(folder / "evidence")).findings
    assert [(f.subject, f.text) for f in findings if "file" not in f.text.lower()] == []


@both
def test_an_open_task_moves_as_it_stands_and_the_successor_is_told(scene: Scene, tmp_path: Path) -> None:
    item = scene.begin(scene.item(("A", HANDLING), ("C", HANDLING))).items[0]
    task = scene.task(item, "A")
    scene.acknowledge(task.id, NOW)
    scene.prove(task.id, NOW)
    before = scene.row(UnitTask, task.id)

    assert merge(scene, "A", "B") == {"unit_tasks": 1, "accounts": 2}

    after = scene.row(UnitTask, task.id)
    assert after.unit_id == scene.units["B"]
    assert (after.state, after.deadline, after.acknowledged_at) == (before.state, before.deadline, NOW)
    told = scene.rows(Notice)[-1]
    assert (told.kind, told.unit_id, told.unit_task_id) == ("assignment", scene.units["B"], task.id)
    assert {row.unit_id for row in scene.rows(ItemUnit)} == {scene.units["B"], scene.units["C"]}
    scene.live_until(APRIL)
    assert recorded_climbs(scene.office) == expected_climbs(scene.office, APRIL)
    sound(scene, tmp_path)


def test_the_successor_goes_on_where_the_other_stopped(scene: Scene) -> None:
    task = scene.one()
    scene.acknowledge(task, NOW)
    merge(scene, "A", "B")

    scene.submit(task, NOW)  # by the officer of the unit whose task it is now
    scene.review(task, NOW)

    assert scene.row(UnitTask, task).state == "accepted"


def test_where_both_take_part_the_successors_own_task_takes_the_stronger_role(
    scene: Scene, tmp_path: Path
) -> None:
    item = scene.begin(scene.item(("A", LEAD), ("B", COOPERATING), ("C", COOPERATING))).items[0]
    ours, theirs = scene.task(item, "A").id, scene.task(item, "B").id
    scene.acknowledge(ours, NOW)
    scene.ask_extension(ours, NOW, date(2026, 4, 15))

    merge(scene, "A", "B")

    assert scene.row(UnitTask, ours).state == "withdrawn"
    assert (scene.row(UnitTask, theirs).role, scene.row(UnitTask, theirs).state) == ("lead", "assigned")
    assert {(row.unit_id, row.role) for row in scene.rows(ItemUnit)} == {
        (scene.units["B"], "lead"),
        (scene.units["C"], "cooperating"),
    }
    assert scene.task(item, "C").state == "assigned"
    sound(scene, tmp_path)


def test_where_the_successor_has_done_its_part_the_other_is_withdrawn_and_the_item_closes(
    scene: Scene,
) -> None:
    item = scene.begin(scene.item(("A", HANDLING), ("B", HANDLING))).items[0]
    scene.close(scene.task(item, "B").id, NOW)

    merge(scene, "A", "B")
    scene.live(NOW)

    assert scene.task(item, "A").state == "withdrawn"
    assert scene.row(Item, item).state == "closed"


def test_later_rounds_go_to_the_successor(scene: Scene) -> None:
    item = scene.begin(scene.monthly(("A", HANDLING))).items[0]
    scene.close(scene.task(item, "A").id, NOW)
    merge(scene, "A", "B")

    scene.live_until(APRIL)

    rounds = {(row.period, row.unit_id) for row in scene.rows(UnitTask)}
    assert ("2026-04", scene.units["B"]) in rounds
    assert ("2026-04", scene.units["A"]) not in rounds


def test_a_rectification_goes_with_its_task(scene: Scene) -> None:
    scene.begin(scene.item(("A", HANDLING)))
    now = BEGINS
    while not scene.rows(Rectification):
        now = scene.next_moment() or now
        scene.live(now)
        scene.sign_all(now)
    (one,) = scene.rows(Rectification)
    letters = [(row.title, row.content) for row in scene.rows(Letter)]

    merge(scene, "A", "B", now)

    officer = scene.officer("B")
    reply_rectification(
        scene.office, officer, now, ReplyRectification(rectification_id=one.id, plan="十日内改正。")
    )
    request = AddEvidence(
        unit_task_id=one.unit_task_id,
        sha256="ab" * 32,
        size=9,
        media_type="text/plain",
        name="照片.txt",
        effective_on=MONDAY,
    )
    add_evidence(scene.office, officer, now, request)
    assert scene.row(Rectification, one.id).unit_id == scene.units["B"]
    assert scene.rows(Evidence)[-1].account_id == officer.account_id
    assert [(row.title, row.content) for row in scene.rows(Letter)] == letters  # old papers read as they did


def test_the_names_of_a_unit_that_is_no_more_lead_to_its_successor(scene: Scene) -> None:
    merge(scene, "A", "B")

    assert unit_called(scene.office, "市教育局").code == "B"
    assert scene.row(Unit, scene.units["A"]).name == "市教育局"
    (succession,) = scene.rows(UnitSuccession)
    assert (succession.from_id, succession.to_id, succession.kind) == (
        scene.units["A"],
        scene.units["B"],
        "merged",
    )
    accounts = scene.rows(Account, table(Account).c.unit_id == scene.units["A"])
    assert [row.active for row in accounts] == [False, False]


def test_the_units_below_come_below_the_successor(scene: Scene) -> None:
    merge(scene, "C", "B")

    moved, heir = scene.row(Unit, scene.units["D"]), scene.row(Unit, scene.units["B"])
    assert (moved.parent_id, moved.path, moved.level) == (heir.id, f"{heir.path}{moved.id}/", 3)


def test_without_a_successor_nothing_may_be_owed(scene: Scene) -> None:
    with refused(scene, RefusedError, "name its successor"):
        merge(scene, "C", None)  # it has a unit below it
    scene.one()
    with refused(scene, RefusedError, "name its successor"):
        merge(scene, "A", None)

    merge(scene, "B", None)

    assert scene.row(Unit, scene.units["B"]).abolished_at == NOW


@pytest.mark.parametrize(
    ("code", "into", "match"), [("YX", "A", "at the top"), ("C", "D", "below it"), ("A", "A", "itself")]
)
def test_what_makes_no_tree_is_refused(scene: Scene, code: str, into: str, match: str) -> None:
    with refused(scene, RefusedError, match):
        merge(scene, code, into)


def test_a_renamed_unit_goes_by_both_names(scene: Scene) -> None:
    rename_unit(scene.office, admin(scene), NOW, RenameUnit(unit_id=scene.units["A"], name="市教育体育局"))

    assert unit_called(scene.office, "市教育体育局").code == "A"
    assert unit_called(scene.office, "市教育局").code == "A"
    (alias,) = scene.rows(UnitAlias, table(UnitAlias).c.reason == "renamed")
    assert alias.alias == "市教育局"


def test_a_name_means_one_unit_under_one_superior(scene: Scene) -> None:
    with refused(scene, ConflictError, "taken under the same superior"):
        rename_unit(scene.office, admin(scene), NOW, RenameUnit(unit_id=scene.units["A"], name="市财政局"))
    with refused(scene, ConflictError, "taken under the same superior"):
        request = AddUnit(parent_id=scene.units["YX"], code="E", name="市财政局")
        add_unit(scene.office, admin(scene), NOW, request)
    with refused(scene, ConflictError, "The code A is taken"):
        request = AddUnit(parent_id=scene.units["YX"], code="A", name="市数据局")
        add_unit(scene.office, admin(scene), NOW, request)


def test_a_new_unit_has_its_place_and_the_accounts_of_its_posts(scene: Scene) -> None:
    request = AddUnit(
        parent_id=scene.units["C"], code="E", name="西街道", kind="subdistrict", email="e@yunxi.example"
    )
    new = add_unit(scene.office, admin(scene), NOW, request)["unit_id"]

    row = scene.row(Unit, new)
    above = scene.row(Unit, scene.units["C"])
    assert (row.path, row.level, row.position) == (f"{above.path}{new}/", 3, 2)
    accounts = scene.rows(Account, table(Account).c.unit_id == new)
    assert [(a.login, a.email) for a in accounts] == [
        ("unit_officer@E", "e@yunxi.example"),
        ("unit_head@E", ""),
    ]


@pytest.mark.parametrize("login", ["leader@YX", "supervision_office@YX", "unit_head@A"])
def test_only_an_administrator_changes_the_organisation(scene: Scene, login: str) -> None:
    actor = scene.people[login]

    with refused(scene, NotAllowedError, "has not the right"):
        rename_unit(scene.office, actor, NOW, RenameUnit(unit_id=scene.units["A"], name="市教育体育局"))
    with refused(scene, NotAllowedError, "has not the right"):
        abolish_unit(scene.office, actor, NOW, AbolishUnit(unit_id=scene.units["A"]))

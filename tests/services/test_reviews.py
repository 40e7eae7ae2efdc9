"""The office's answers: reviews, extensions, disputes, and what they leave nobody waiting for."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from domain.errors import (
    DubanError,
    InvalidInputError,
    NotAllowedError,
    NotFoundError,
    RefusedError,
    WrongStateError,
)
from domain.ladder import STANDARD, moment
from models.columns import table
from models.directive import ItemUnit
from models.organisation import AccountRole
from models.paper import Mail, Notice, NoticeKind
from models.unit_task import DeadlineChange, Dispute, Extension, Review, UnitTask
from services.office import Actor
from services.reviews import (
    DecideDispute,
    DecideExtension,
    ReviewSubmission,
    decide_dispute,
    decide_extension,
    review,
)
from tests.domain.samples import local
from tests.office import BEGINS, COOPERATING, DUE, HANDLING, LEAD, Scene, as_role, both, refused

NOW = BEGINS + timedelta(hours=1)
OTHER = date(2026, 4, 15)


def submitted(scene: Scene) -> int:
    """A task of unit A that waits for its review."""
    task = scene.one()
    scene.submit(task, NOW)
    return task


def asked(scene: Scene) -> tuple[int, int]:
    """A task of unit A with a request for more time."""
    task = scene.one()
    scene.acknowledge(task, BEGINS)
    return task, scene.ask_extension(task, NOW, OTHER)


@pytest.mark.parametrize("who", ["officer", "head", "administrator", "nobody"])
@pytest.mark.parametrize("what", ["review", "extension", "dispute"])
def test_only_the_office_decides(scene: Scene, who: str, what: str) -> None:
    actors = {
        "officer": scene.officer("A"),
        "head": scene.head("A"),
        "administrator": scene.people["administrator@YX"],
        "nobody": Actor("nobody"),
    }
    office, actor = scene.office, actors[who]
    if what == "review":
        task = submitted(scene)
        with refused(scene, NotAllowedError, "has not the right"):
            review(office, actor, NOW, ReviewSubmission(unit_task_id=task, accept=True))
    elif what == "extension":
        _, extension = asked(scene)
        with refused(scene, NotAllowedError, "has not the right"):
            decide_extension(
                office, actor, NOW, DecideExtension(extension_id=extension, granted=OTHER, answer="好")
            )
    else:
        dispute = scene.decline(scene.one(), NOW)
        with refused(scene, NotAllowedError, "has not the right"):
            decide_dispute(office, actor, NOW, DecideDispute(dispute_id=dispute, upheld=False, answer="好"))


def test_nobody_reviews_what_they_submitted_themselves(scene: Scene) -> None:
    task = submitted(scene)
    promoted = as_role(scene.officer("A"), AccountRole.SUPERVISION_OFFICE)

    with refused(scene, NotAllowedError, "submitted themselves"):
        review(scene.office, promoted, NOW, ReviewSubmission(unit_task_id=task, accept=True))


def test_a_return_needs_a_reason(scene: Scene) -> None:
    task = submitted(scene)

    with refused(scene, InvalidInputError, "needs a reason"):
        request = ReviewSubmission(unit_task_id=task, accept=False, reason="  ")
        review(scene.office, scene.supervision, NOW, request)


def test_what_was_not_handed_in_is_not_reviewed(scene: Scene) -> None:
    task = scene.one()
    scene.acknowledge(task, BEGINS)

    with refused(scene, WrongStateError, "acknowledged cannot accept"):
        scene.review(task, NOW)


@pytest.mark.parametrize("unknown", [0, 999])
def test_what_is_not_there_is_not_decided(scene: Scene, unknown: int) -> None:
    with refused(scene, NotFoundError, "no unit task"):
        scene.review(unknown, NOW)
    with refused(scene, NotFoundError, "no extension request"):
        scene.decide_extension(unknown, NOW, OTHER)
    with refused(scene, NotFoundError, "no dispute"):
        scene.decide_dispute(unknown, NOW, upheld=False)


@both
def test_of_two_reviewers_one_decides(scene: Scene) -> None:
    task = submitted(scene)

    def decide(accept: bool) -> bool:
        who = scene.supervision if accept else scene.leader
        request = ReviewSubmission(unit_task_id=task, accept=accept, reason="" if accept else "材料不全。")
        try:
            review(scene.office, who, NOW, request)
        except WrongStateError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(decide, (True, False)))

    assert sorted(won) == [False, True]
    (kept,) = scene.rows(Review)
    assert kept.accepted is won[0]
    assert scene.row(UnitTask, task).state == ("accepted" if won[0] else "returned")


def test_accepting_the_last_task_pokes_its_item_and_closes_it(scene: Scene) -> None:
    item = scene.begin(scene.item(("A", HANDLING), ("B", HANDLING))).items[0]
    first, last = scene.task(item, "A").id, scene.task(item, "B").id
    pokes = scene.pokes()

    scene.close(first, NOW)
    assert scene.pokes() == pokes
    scene.close(last, NOW)
    assert scene.pokes()[len(pokes) :] == [(f"item/{item}", 2)]
    assert scene.advance(item, NOW)["closed"]


def test_the_lead_speaks_for_the_units_that_cooperate(scene: Scene) -> None:
    item = scene.begin(scene.item(("A", LEAD), ("B", COOPERATING), ("C", COOPERATING))).items[0]
    scene.close(scene.task(item, "A").id, NOW)

    for code in "BC":
        task = scene.task(item, code)
        assert (task.state, task.closed_with_lead, task.closed_at) == ("accepted", True, NOW)
    assert "close_with_lead" in scene.actions()


def test_closing_with_the_lead_leaves_no_request_waiting(scene: Scene) -> None:
    item = scene.begin(scene.item(("A", LEAD), ("B", COOPERATING), ("C", COOPERATING))).items[0]
    scene.acknowledge(scene.task(item, "B").id, NOW)
    scene.ask_extension(scene.task(item, "B").id, NOW, OTHER)
    scene.decline(scene.task(item, "C").id, NOW)

    scene.close(scene.task(item, "A").id, NOW)

    for row in (*scene.rows(Extension), *scene.rows(Dispute)):
        assert (row.decided_at, row.decided_by) == (NOW, None)


def test_a_returned_task_gets_time_for_rework_and_its_ladder_from_the_foot(scene: Scene) -> None:
    task = scene.one()
    late = local(date(2026, 4, 3), 10)
    scene.live_until(late)
    scene.submit(task, late)

    scene.review(task, late, accept=False)

    row = scene.row(UnitTask, task)
    assert (row.state, row.returned_times, row.deadline_version, row.complete_level) == ("returned", 1, 2, -1)
    assert row.deadline == local(
        date(2026, 4, 14), 0
    )  # five working days after Friday 3 April, Qingming between
    (change,) = scene.rows(DeadlineChange)
    assert (change.deadline, change.since, change.reason) == (row.deadline, late, "rework")
    assert scene.rows(Notice)[-1].kind == NoticeKind.RETURNED


def test_a_task_returned_early_keeps_its_deadline(scene: Scene) -> None:
    task = submitted(scene)
    scene.review(task, NOW, accept=False)

    row = scene.row(UnitTask, task)
    assert (row.deadline, row.deadline_version) == (local(date(2026, 4, 1), 0), 1)
    assert scene.count(DeadlineChange) == 0


def test_the_reviewer_sees_where_else_the_same_bytes_were_given(scene: Scene) -> None:
    item = scene.begin(scene.item(("A", HANDLING), ("B", HANDLING))).items[0]
    mine, theirs = scene.task(item, "A").id, scene.task(item, "B").id
    for task in (theirs, mine):
        scene.acknowledge(task, NOW)
        scene.prove(task, NOW, "the same photograph")
    scene.submit(mine, NOW)

    answer = scene.review(mine, NOW)

    (same,) = answer["same_evidence"]
    assert (same["unit_task_id"], same["unit_id"]) == (theirs, scene.units["B"])
    assert scene.rows(Review)[0].same_evidence == [same]


@both
def test_a_granted_extension_moves_the_deadline_and_begins_its_ladder_anew(scene: Scene) -> None:
    task, extension = asked(scene)

    scene.decide_extension(extension, NOW, OTHER)

    row = scene.row(UnitTask, task)
    assert (row.held, row.extended_times, row.deadline_version) == (False, 1, 2)
    assert (row.deadline, row.original_deadline) == (local(date(2026, 4, 16), 0), local(date(2026, 4, 1), 0))
    scene.live_until(local(date(2026, 4, 24), 12))
    told = [
        (n.rung, n.deadline_version, n.at) for n in scene.rows(Notice, table(Notice).c.clock == "complete")
    ]
    due = {r.name: moment(r, row.deadline, STANDARD, scene.frame, own=True) for r in STANDARD.rungs}
    names = ("due_in_ten", "due_in_three", "overdue", "overdue_superior")
    assert told == [(name, 2, due[name]) for name in names]


def test_a_refused_extension_ends_the_hold_and_what_was_missed_is_done_once(scene: Scene) -> None:
    task, extension = asked(scene)
    scene.live_until(local(date(2026, 4, 1), 12))
    late = local(date(2026, 4, 1), 14)
    pokes = scene.pokes()

    scene.decide_extension(extension, late, None)
    assert scene.pokes()[len(pokes) :] == [("item/1", 2)]
    scene.live(late)

    told = [(n.kind, n.rung) for n in scene.rows(Notice, table(Notice).c.clock == "complete")]
    assert told == [
        ("superseded", "due_in_ten"), ("superseded", "due_in_three"),
        ("remind", "overdue"), ("tell_superior", "overdue_superior"),
    ]  # fmt: skip
    assert scene.row(UnitTask, task).complete_level == 2


@pytest.mark.parametrize(
    ("granted", "match"),
    [(DUE, "not after"), (date(2026, 12, 31), "later than"), (date(2026, 3, 2), "not after")],
)
def test_only_a_date_the_rule_allows_is_granted(scene: Scene, granted: date, match: str) -> None:
    _, extension = asked(scene)

    with refused(scene, RefusedError, match):
        scene.decide_extension(extension, NOW, granted)


def test_a_date_that_passed_while_the_request_lay_there_is_not_granted(scene: Scene) -> None:
    _, extension = asked(scene)

    with refused(scene, RefusedError, "already past"):
        scene.decide_extension(extension, local(date(2026, 4, 20), 10), OTHER)


def test_a_request_is_decided_once(scene: Scene) -> None:
    _, extension = asked(scene)
    scene.decide_extension(extension, NOW, None)

    with refused(scene, WrongStateError, "already decided"):
        scene.decide_extension(extension, NOW, OTHER)


@both
def test_extension_and_ladder_at_the_same_time_leave_one_legal_outcome(scene: Scene) -> None:
    """Whoever locks first: a notice of the old deadline before the grant, or none of it after."""
    item = scene.begin(scene.item(("A", HANDLING))).items[0]
    task = scene.task(item, "A").id
    scene.acknowledge(task, NOW)
    extension = scene.ask_extension(task, NOW, OTHER)
    moment = local(date(2026, 4, 1))

    with ThreadPoolExecutor(2) as pool:
        ladder = pool.submit(scene.advance, item, moment)
        grant = pool.submit(scene.decide_extension, extension, moment, OTHER)
        ladder.result()
        grant.result()
    scene.live(moment)

    told = [(n.rung, n.deadline_version) for n in scene.rows(Notice, table(Notice).c.clock == "complete")]
    assert told in ([], [("due_in_ten", 2)])
    assert scene.row(UnitTask, task).deadline_version == 2


def test_a_dispute_that_is_not_upheld_gives_the_task_back(scene: Scene) -> None:
    task = scene.one()
    dispute = scene.decline(task, NOW)
    scene.decide_dispute(dispute, NOW, upheld=False)

    assert scene.row(UnitTask, task).state == "acknowledged"
    assert (scene.row(Dispute, dispute).upheld, scene.row(Dispute, dispute).decided_at) == (False, NOW)
    with refused(scene, WrongStateError, "cannot reject_dispute"):
        scene.decide_dispute(dispute, NOW, upheld=False)


@both
def test_an_upheld_dispute_hands_the_task_to_the_unit_named(scene: Scene) -> None:
    item = scene.begin(scene.item(("A", LEAD), ("B", COOPERATING))).items[0]
    dispute = scene.decline(scene.task(item, "A").id, NOW)
    scene.decide_dispute(dispute, NOW, upheld=True, to="C")

    assert scene.task(item, "A").state == "withdrawn"
    new = scene.task(item, "C")
    assert (new.role, new.state, new.deadline) == (LEAD, "assigned", scene.task(item, "A").deadline)
    assert new.acknowledge_by == local(date(2026, 3, 6), 0)
    assert scene.task(item, "B").state == "assigned"  # its lead is another now, and still owes
    taking = {row.unit_id: row.role for row in scene.rows(ItemUnit)}
    assert taking == {scene.units["B"]: COOPERATING, scene.units["C"]: LEAD}
    told = [(n.unit_id, n.kind) for n in scene.rows(Notice) if n.at == NOW]
    assert (scene.units["C"], NoticeKind.ASSIGNMENT) in told


def test_a_unit_that_takes_over_the_lead_of_an_item_it_has_is_told(scene: Scene) -> None:
    item = scene.begin(scene.item(("A", LEAD), ("B", COOPERATING))).items[0]
    dispute = scene.decline(scene.task(item, "A").id, NOW)
    mails = scene.count(Mail)
    scene.decide_dispute(dispute, NOW, upheld=True, to="B")

    assert scene.task(item, "B").role == LEAD
    told = scene.rows(Notice, table(Notice).c.unit_task_id == scene.task(item, "B").id)
    assert [n.rung for n in told] == ["assignment", f"assignment_dispute_{dispute}"]
    assert scene.count(Mail) == mails + 2  # the answer to A, the new role to B


def test_handing_on_never_takes_the_lead_away(scene: Scene) -> None:
    item = scene.begin(scene.item(("A", LEAD), ("B", COOPERATING))).items[0]
    dispute = scene.decline(scene.task(item, "B").id, NOW)
    scene.decide_dispute(dispute, NOW, upheld=True, to="A")

    assert scene.task(item, "A").role == LEAD


@pytest.mark.parametrize(
    ("upheld", "to", "error", "match"),
    [
        (True, None, InvalidInputError, "Name the unit that leads instead"),
        (False, 4, InvalidInputError, "Only a dispute that is upheld"),
        (True, 999, NotFoundError, "There is no unit 999"),
        (True, "A", WrongStateError, "already closed its part"),
    ],
)
def test_a_dispute_is_not_decided_into_nowhere(
    scene: Scene, upheld: bool, to: int | str | None, error: type[DubanError], match: str
) -> None:
    item = scene.begin(scene.item(("A", LEAD), ("B", COOPERATING))).items[0]
    dispute = scene.decline(scene.task(item, "A").id, NOW)
    unit = scene.units[to] if isinstance(to, str) else to

    with refused(scene, error, match):
        request = DecideDispute(dispute_id=dispute, upheld=upheld, answer="已核。", reassign_to=unit)
        decide_dispute(scene.office, scene.supervision, NOW, request)


def test_the_only_unit_may_leave_and_its_item_closes(scene: Scene) -> None:
    item = scene.begin(scene.item(("A", HANDLING))).items[0]
    task = scene.task(item, "A").id
    scene.acknowledge(task, BEGINS)
    scene.ask_extension(task, NOW, OTHER)
    dispute = scene.decline(task, NOW)

    scene.decide_dispute(dispute, NOW, upheld=True)

    assert scene.advance(item, NOW)["closed"]
    assert [row.decided_at for row in scene.rows(Extension)] == [NOW]
    assert not scene.row(UnitTask, task).held

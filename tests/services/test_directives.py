"""A directive from draft to its end: published, taken back, suspended, resumed, withdrawn."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest

from domain.errors import InvalidInputError, NotAllowedError, NotFoundError, RefusedError, WrongStateError
from domain.periods import Frequency
from models.columns import table
from models.directive import CentralDocument, Directive, DirectiveState, Item, ItemPeriod, ItemState, ItemUnit
from models.engine import Outbox
from models.paper import Letter, LetterState, Notice
from models.rectification import Rectification
from models.unit_task import Extension, UnitTask
from services.directives import (
    DraftDirective,
    OnDirective,
    WithReason,
    draft_directive,
    publish,
    resume,
    suspend,
    take_back,
    withdraw,
)
from services.office import Actor
from tests.domain.samples import local
from tests.office import BEGINS, COOPERATING, DUE, HANDLING, LEAD, PUBLISHED, Scene, both, refused

NOW = BEGINS + timedelta(hours=1)
ACTS: dict[str, Any] = {
    "publish": lambda s, who, d: publish(s.office, who, PUBLISHED, OnDirective(directive_id=d)),
    "take_back": lambda s, who, d: take_back(s.office, who, PUBLISHED, OnDirective(directive_id=d)),
    "suspend": lambda s, who, d: suspend(s.office, who, NOW, WithReason(directive_id=d, reason="改革")),
    "resume": lambda s, who, d: resume(s.office, who, NOW, OnDirective(directive_id=d)),
    "withdraw": lambda s, who, d: withdraw(s.office, who, NOW, WithReason(directive_id=d, reason="改革")),
}
FITS = {
    "draft": {"publish"},
    "published": {"take_back", "suspend", "withdraw"},
    "suspended": {"resume", "withdraw"},
    "withdrawn": set[str](),
    "closed": set[str](),
}


def in_state(scene: Scene, state: str) -> int:
    """The id of a directive that stands so."""
    draft = scene.draft(scene.item(("A", HANDLING)))
    if state == "draft":
        return draft
    ACTS["publish"](scene, scene.leader, draft)
    if state == "closed":
        scene.live(BEGINS)
        scene.close(scene.rows(UnitTask)[0].id, NOW)
        scene.live(NOW)
    elif state != "published":
        ACTS[{"suspended": "suspend", "withdrawn": "withdraw"}[state]](scene, scene.leader, draft)
    assert scene.row(Directive, draft).state == state
    return draft


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("state", FITS)
def test_each_act_fits_the_states_of_the_procedure_and_no_other(scene: Scene, name: str, state: str) -> None:
    directive = in_state(scene, state)

    if name in FITS[state]:
        ACTS[name](scene, scene.leader, directive)
    else:
        with refused(scene, WrongStateError, f"is {state}"):
            ACTS[name](scene, scene.leader, directive)


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("who", ["supervision_office@YX", "unit_head@A", "administrator@YX", "nobody"])
def test_only_a_leader_publishes_and_stops(scene: Scene, name: str, who: str) -> None:
    state = next(state for state, fitting in FITS.items() if name in fitting)
    directive = in_state(scene, state)

    with refused(scene, NotAllowedError, "has not the right"):
        ACTS[name](scene, scene.people.get(who, Actor("nobody")), directive)


@pytest.mark.parametrize("name", ACTS)
def test_what_is_not_there_cannot_be_acted_on(scene: Scene, name: str) -> None:
    with refused(scene, NotFoundError, "no directive 999"):
        ACTS[name](scene, scene.leader, 999)


def test_a_draft_keeps_the_paper_its_items_and_who_takes_part(scene: Scene) -> None:
    item = scene.item(
        ("A", LEAD), ("B", COOPERATING), heading_path=("一", "二"), deadline_phrases=("三月底前",)
    )
    paper = {"document_text": "关于……", "document_number": "芸政发〔2026〕1号", "document_sha256": "0" * 64}
    directive = scene.draft(item, **paper)

    (kept,) = scene.rows(Item)
    assert (kept.directive_id, kept.state, kept.heading_path, kept.deadline_phrases) == (
        directive, ItemState.DRAFT, ["一", "二"], ["三月底前"],
    )  # fmt: skip
    assert [(row.unit_id, row.role) for row in scene.rows(ItemUnit)] == [
        (scene.units["A"], LEAD), (scene.units["B"], COOPERATING),
    ]  # fmt: skip
    (document,) = scene.rows(CentralDocument)
    assert (document.number, document.text) == ("芸政发〔2026〕1号", "关于……")
    assert scene.row(Directive, directive).horizon == date(2026, 12, 31)
    assert scene.count(Outbox) == 0


@pytest.mark.parametrize("mark", ["秘密", "机密★1年", "绝密"])
def test_a_classified_paper_is_refused_with_an_explanation(scene: Scene, mark: str) -> None:
    with refused(scene, RefusedError, f"marked {mark}"):
        scene.draft(scene.item(("A", HANDLING)), secrecy_mark=mark)


@pytest.mark.parametrize("who", ["unit_officer@A", "administrator@YX"])
def test_a_unit_drafts_nothing(scene: Scene, who: str) -> None:
    request = DraftDirective(title="题", issuer_id=scene.units["YX"], items=(scene.item(("A", HANDLING)),))
    with refused(scene, NotAllowedError, "has not the right"):
        draft_directive(scene.office, scene.people[who], PUBLISHED, request)


def test_a_draft_that_could_only_fail_later_is_refused(scene: Scene) -> None:
    with refused(scene, NotFoundError, "no unit 999"):
        scene.draft(scene.item(("A", HANDLING)), issuer_id=999)
    with refused(scene, InvalidInputError, "one role only"):
        scene.draft(scene.item(("A", HANDLING), ("A", LEAD)))
    with refused(scene, InvalidInputError, "no date this office can keep"):
        scene.draft(scene.item(("A", HANDLING)), horizon=date(9999, 12, 31))
    with refused(scene, InvalidInputError, "no policy"):
        scene.draft(scene.item(("A", HANDLING)), policy={"acknowledge_days": -1})


def test_publishing_lists_every_problem_at_once_and_writes_nothing(scene: Scene) -> None:
    two = (("A", HANDLING), ("B", HANDLING))
    directive = scene.draft(
        scene.item(("A", HANDLING), due=None),
        scene.item(("A", HANDLING), due=date(2026, 3, 1)),
        scene.item(("A", HANDLING), due=date(9999, 12, 31)),
        scene.item(),
        scene.item(("A", HANDLING), unmatched=({"name": "市乙局"}, {"name": "市丙局"})),
        scene.item(*two, role_mode="joint"),
        scene.item(("A", COOPERATING)),
        scene.item(("A", HANDLING), due=None, frequency=Frequency.YEARLY, due_day=31),
        horizon=date(2026, 3, 3),
    )

    with refused(scene, InvalidInputError, "not ready to be published") as refusal:
        publish(scene.office, scene.leader, PUBLISHED, OnDirective(directive_id=directive))
    found = [problem.message for problem in refusal.value.problems]
    for wanted in (
        "has no deadline", "already past", "no date this office can keep", "has no unit", "names several units",
        "cooperating units alone", "comes round no more",
    ):  # fmt: skip
        assert len([message for message in found if wanted in message]) == 1, wanted
    assert len([message for message in found if "no unit is named" in message]) == 2


@both
def test_publishing_freezes_the_policy_and_waits_for_its_hold(scene: Scene) -> None:
    published = scene.publish(
        scene.item(("A", HANDLING)), scene.monthly(("B", HANDLING)), policy={"publish_hold_minutes": 30}
    )

    directive = scene.row(Directive, published.id)
    assert (directive.published_at, directive.starts_at) == (PUBLISHED, PUBLISHED + timedelta(minutes=30))
    assert directive.published_by == scene.leader.account_id
    once, monthly = scene.rows(Item)
    assert len(once.ladder["rungs"]) > len(monthly.ladder["rungs"])
    assert {row.next_at for row in scene.rows(Outbox)} == {directive.starts_at}
    assert sorted(scene.pokes()) == [("directive/1", 1), ("item/1", 1), ("item/2", 1)]
    scene.live(PUBLISHED + timedelta(minutes=29))
    assert scene.count(UnitTask) == 0
    scene.live(directive.starts_at)
    assert scene.count(UnitTask) == 2


def test_a_wake_up_during_the_hold_waits_for_its_end(scene: Scene) -> None:
    published = scene.publish(scene.item(("A", HANDLING)))

    answer = scene.advance(published.items[0], PUBLISHED + timedelta(minutes=4))

    assert (answer["wait_seconds"], answer["closed"]) == (360, False)
    assert scene.advance_directive(published.id, PUBLISHED)["wait_seconds"] == 600


def test_taken_back_during_the_hold_nobody_has_heard_of_it_and_it_can_go_out_again(scene: Scene) -> None:
    published = scene.publish(scene.item(("A", HANDLING)))
    take_back(
        scene.office, scene.leader, PUBLISHED + timedelta(minutes=9), OnDirective(directive_id=published.id)
    )
    scene.live(NOW)

    assert scene.count(UnitTask) == scene.count(Notice) == 0
    assert {row.state for row in scene.rows(Item)} == {ItemState.DRAFT}
    assert scene.advance(published.items[0], NOW)["closed"]

    publish(scene.office, scene.leader, NOW, OnDirective(directive_id=published.id))
    scene.live(NOW + timedelta(minutes=10))
    assert scene.count(UnitTask) == 1


def test_when_the_hold_has_passed_it_is_withdrawn_not_taken_back(scene: Scene) -> None:
    published = scene.publish(scene.item(("A", HANDLING)))

    with refused(scene, WrongStateError, "hold of directive"):
        take_back(scene.office, scene.leader, BEGINS, OnDirective(directive_id=published.id))


def overdue_case(scene: Scene) -> tuple[int, int]:
    """A directive with an item closed by A and one on which B is so late that it must mend; answers both items."""
    published = scene.begin(scene.item(("A", HANDLING)), scene.item(("B", HANDLING), ("C", HANDLING)))
    done, late = published.items
    scene.close(scene.task(done, "A").id, NOW)
    end = local(date(2026, 5, 6), 9)
    while (now := scene.next_moment()) is not None and now <= end:
        scene.live(now)
        scene.sign_all(now)
    scene.live(end + timedelta(minutes=10))
    assert scene.count(Rectification) == 2
    return done, late


@both
def test_withdrawing_ends_everything_that_is_open_and_leaves_what_was_done(scene: Scene) -> None:
    done, late = overdue_case(scene)
    now = local(date(2026, 5, 7), 10)
    scene.acknowledge(scene.task(late, "B").id, now)
    task = scene.task(late, "C").id
    scene.decline(task, now)
    number = scene.count(Letter, table(Letter).c.state == LetterState.ISSUED)

    answer = scene.withdraw(1, now)
    scene.live(now)

    assert answer["unit_tasks"] == 2
    assert {row.state for row in scene.tasks(late).values()} == {"withdrawn"}
    assert (scene.task(done, "A").state, scene.row(Item, done).state) == ("accepted", ItemState.CLOSED)
    assert scene.row(Item, done).closed_at < now
    assert (scene.row(Item, late).state, scene.row(Directive, 1).state) == ("withdrawn", "withdrawn")
    assert {row.state for row in scene.rows(Rectification)} == {"withdrawn"}
    assert all(row.closed_at for row in scene.rows(ItemPeriod))
    assert scene.count(Letter, table(Letter).c.state == LetterState.ISSUED) == number
    assert not scene.rows(Letter, table(Letter).c.state.in_((LetterState.DRAFT, LetterState.SIGNED)))
    told = scene.count(Notice)
    scene.live_until(local(date(2026, 12, 31), 18))
    assert scene.count(Notice) == told
    assert scene.next_moment() is None


def test_withdrawing_settles_what_units_had_asked(scene: Scene) -> None:
    task = scene.one()
    scene.acknowledge(task, NOW)
    scene.ask_extension(task, NOW, date(2026, 4, 15))
    scene.withdraw(1, NOW)

    (request,) = scene.rows(Extension)
    assert (request.decided_at, request.decided_by) == (NOW, None)


def test_withdrawn_between_two_pages_of_the_fan_out_no_further_unit_is_told(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.fan_out.PAGE", 2)
    published = scene.publish(scene.item(*((code, HANDLING) for code in "ABCD")))
    assert scene.step(published.items[0], BEGINS)["more"]
    scene.withdraw(published.id, BEGINS)

    assert scene.advance(published.items[0], BEGINS)["closed"]
    assert [row.state for row in scene.rows(UnitTask)] == ["withdrawn"] * 2
    assert scene.count(Notice) == 2


@both
def test_a_withdrawal_that_meets_the_fan_out_is_before_or_after_it(scene: Scene) -> None:
    published = scene.publish(scene.item(*((code, HANDLING) for code in "ABCD")))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda act: act(), (
            lambda: scene.advance(published.items[0], BEGINS), lambda: scene.withdraw(published.id, BEGINS),
        )))  # fmt: skip

    assert {row.state for row in scene.rows(UnitTask)} in (set(), {"withdrawn"})
    assert scene.advance(published.items[0], BEGINS)["closed"]


@both
def test_two_last_items_that_close_at_once_poke_their_directive(scene: Scene) -> None:
    published = scene.begin(scene.item(("A", HANDLING)), scene.item(("B", HANDLING)))
    first, second = published.items
    scene.close(scene.task(first, "A").id, NOW)
    scene.close(scene.task(second, "B").id, NOW)
    before = [owner for owner, _ in scene.pokes()].count("directive/1")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda item: scene.advance(item, NOW), published.items))

    assert [owner for owner, _ in scene.pokes()].count("directive/1") == before + 1
    scene.live(NOW)
    assert scene.row(Directive, published.id).state == DirectiveState.CLOSED


def test_the_closing_report_waits_for_the_last_rectification(scene: Scene) -> None:
    _, late = overdue_case(scene)
    now = local(date(2026, 5, 7), 10)
    for code in "BC":
        scene.close(scene.task(late, code).id, now)
    scene.live(now)

    assert scene.row(Item, late).state == ItemState.CLOSED
    assert scene.row(Directive, 1).state == DirectiveState.PUBLISHED


def test_the_progress_circular_is_drafted_once_at_mid_term(scene: Scene) -> None:
    scene.begin(scene.item(("A", HANDLING), due=date(2026, 11, 30)))
    scene.live_until(local(date(2026, 8, 31), 12))

    (circular,) = scene.rows(Letter, table(Letter).c.kind == "progress_circular")
    assert circular.drafted_at == local(date(2026, 7, 1), 9)
    assert date(2026, 7, 1) > DUE

"""People act at random for months: who is poked, what the ladder writes, what the trail says, all follow the rules."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from domain.errors import DubanError
from domain.ladder import earliest, next_moment, running_clocks
from domain.policy import ladder_from_json
from domain.unit_task import CLOCK_EFFECT, OPEN, Act, ClockEffect, State
from models.columns import table
from models.directive import Directive, Item
from models.engine import Audit
from models.unit_task import Dispute, Extension, UnitTask
from services.amendment_plan import AmendItem
from services.amendments import amend_item
from services.histories import expected_climbs, recorded_climbs
from services.rows import clocks_of
from services.unit_tasks import ReportProgress, Submit, report_progress, submit
from tests.office import BEGINS, COOPERATING, HANDLING, LEAD, Scene

STEPS = 60


class Walk:
    """One walk: time goes on by hours or to the next moment, and somebody does something."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self.scene, self.chance, self.now = scene, random.Random(seed), BEGINS
        self.did: list[str] = []
        items = (
            scene.item(("A", LEAD), ("B", COOPERATING), ("C", COOPERATING)),
            scene.item(("A", HANDLING), ("B", HANDLING), ("D", HANDLING), due=date(2026, 4, 30)),
            scene.monthly(("C", HANDLING), ("D", HANDLING)),
        )
        self.published = scene.begin(*items)

    def go(self, steps: int = STEPS) -> None:
        for _ in range(steps):
            self.scene.live(self.now)
            self.now += timedelta(minutes=1)  # never at the instant of a moment: either order would be right
            self._act()
            coming = self.scene.next_moment()
            later = self.now + timedelta(hours=self.chance.randint(1, 90))
            self.now = later if coming is None else max(min(later, coming), self.now)
        self.scene.live(self.now)  # what the last act made due

    def _act(self) -> None:
        tasks = self.scene.rows(UnitTask, table(UnitTask).c.state.in_(OPEN))
        if self.chance.random() < 0.2:
            tasks = self.scene.rows(UnitTask, table(UnitTask).c.state == State.ACCEPTED)
        if not tasks:
            return
        task = self.chance.choice(tasks)
        before = self._item(task.item_id)
        pokes, audited = self.scene.pokes(), self.scene.count(Audit)
        try:
            self._try(task)
        except DubanError:
            assert (self.scene.pokes(), self.scene.count(Audit)) == (pokes, audited)
            return
        actions = [row.action for row in self.scene.rows(Audit)[audited:]]
        self.did += actions
        acts = [Act(action) for action in actions if action in set(Act)]
        if acts:
            self._check(task.id, acts, before, self.scene.pokes()[len(pokes) :])

    def _try(self, task: Any) -> None:
        scene, now = self.scene, self.now
        waiting = [r for r in scene.rows(Extension) if r.unit_task_id == task.id and r.decided_at is None]
        disputes = [r for r in scene.rows(Dispute) if r.unit_task_id == task.id and r.decided_at is None]
        proposed = (task.deadline + timedelta(days=self.chance.randint(-2, 30))).date()
        granted = waiting[0].proposed if waiting and self.chance.random() < 0.6 else None
        report = ReportProgress(unit_task_id=task.id, progress=9, text="进展。")
        hand_in = Submit(unit_task_id=task.id, text="已完成。")
        office, unit = scene.office, scene.of_task(task.id)
        fitting: dict[str, list[Callable[[], object]]] = {
            "assigned": [lambda: scene.acknowledge(task.id, now)] * 3 + [lambda: scene.decline(task.id, now)],
            "submitted": [lambda: scene.review(task.id, now, accept=self.chance.random() < 0.4)],
            "declined": [],
            "accepted": [lambda: scene.spot_check(task.id, now, keep=self.chance.random() < 0.4)] * 5,
        }
        at_work: list[Callable[[], object]] = [
            lambda: report_progress(office, unit, now, report),
            lambda: scene.prove(task.id, now, f"{task.id} {now}"),
            lambda: submit(office, unit, now, hand_in),
            lambda: scene.ask_extension(task.id, now, proposed),
            lambda: scene.decline(task.id, now),
        ]
        doings = fitting.get(task.state, at_work) + self.chance.sample(at_work, 1)
        if waiting:
            doings += [lambda: scene.decide_extension(waiting[0].id, now, granted)] * 5
        if disputes:
            strangers = sorted(set(scene.units) - set(scene.tasks(task.item_id)))
            to = self.chance.choice(strangers) if strangers else None
            upheld = self.chance.random() < 0.5
            doings += [
                lambda: scene.decide_dispute(disputes[0].id, now, upheld=upheld, to=to if upheld else None)
            ] * 5
        if self.chance.random() < 0.04:
            doings = [lambda: self._amend(task)]
        self.chance.choice(doings)()

    def _amend(self, task: Any) -> None:
        item = self._item(task.item_id)
        due = item.due_on + timedelta(days=self.chance.randint(0, 20)) if item.due_on else None
        words = {"text": f"{item.text}又", "due_on": due, "reason": "情况有变。"}
        ids = {"directive_id": item.directive_id, "item_id": item.id, "version": item.version}
        amend_item(self.scene.office, self.scene.leader, self.now, AmendItem(**ids, **words))

    def _item(self, item_id: int) -> Any:
        return self.scene.row(Item, item_id)

    def _check(self, task_id: int, acts: list[Act], item: Any, pokes: list[tuple[str, int]]) -> None:
        """The item is poked where the table says so, where its last task was closed, and otherwise never."""
        task = self.scene.row(UnitTask, task_id)
        ladder = ladder_from_json(item.ladder)
        moments = (
            next_moment(c, ladder, self.scene.frame, self.now) for c in running_clocks(clocks_of(task))
        )
        moment = earliest(moments)
        sooner = moment is not None and (item.next_moment is None or moment < item.next_moment)
        effects = {CLOCK_EFFECT[act] for act in acts}
        asked = ClockEffect.ALWAYS in effects or (ClockEffect.IF_EARLIER in effects and sooner)
        t = table(UnitTask)
        last = (
            task.state not in OPEN
            and Act.SPOT_CHECK not in acts
            and not self.scene.rows(UnitTask, t.c.item_id == task.item_id, t.c.state.in_(OPEN))
        )
        handed_on = Act.UPHOLD_DISPUTE in acts and self.scene.rows(Audit)[-1].detail.get("reassign_to")
        assert bool(pokes) == (asked or last or bool(handed_on)), (acts, item.next_moment, moment)
        assert {owner for owner, _ in pokes} <= {f"item/{task.item_id}"}


@pytest.mark.parametrize(
    "seed", [*range(4), *(pytest.param(n, marks=pytest.mark.prove) for n in range(4, 64))]
)
def test_rows_of_a_random_walk_are_what_the_pure_ladder_says(scene: Scene, seed: int) -> None:
    walk = Walk(scene, seed)
    walk.go()

    assert recorded_climbs(scene.office) == expected_climbs(scene.office, walk.now)
    for model in (Item, Directive):
        for row in scene.rows(model):
            assert (
                row.next_moment is None
                or row.next_moment >= walk.now
                or row.clock_version > row.seen_clock_version
            )


def test_the_walks_try_every_act_of_the_table_that_people_do(scene: Scene) -> None:
    """Otherwise the test above proves less than it says."""
    walk = Walk(scene, 18)
    walk.go(180)

    by_directive = {Act.ASSIGN, Act.SUSPEND, Act.RESUME, Act.WITHDRAW, Act.CLOSE_WITH_LEAD}
    assert set(map(str, set(Act) - by_directive)) <= set(walk.did)

"""The reconciler makes pokes a mere matter of speed: whatever is lost it finds, and it leaves alone who is at work."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update
from temporalio.client import Client, WorkflowExecutionStatus

from contracts.names import Aggregate, workflow_id
from dispatch.clock import wall_clock
from dispatch.reconciler import Reconciler
from dispatch.relay import Relay
from dispatch.role import Role
from dispatch.workflows import running_workflows
from models.columns import table
from models.directive import Directive, Item
from models.engine import Heartbeat, Outbox
from services import directives
from services.directives import OnDirective, WithReason
from services.heartbeats import beat
from services.incidents import open_incident
from services.outbox import Claimed, claim, finish
from store.sessions import writing
from tests.dispatch.conftest import House
from tests.domain.samples import local
from tests.office import BEGINS, DUE, HANDLING
from tests.temporal import eventually


class LossyRelay(Relay):
    """Says of every third poke or so that it was handed over, and drops it."""

    dropped = 0
    _seen = 0

    async def _one(self, row: Claimed) -> None:
        self._seen += 1
        if self._seen % 10 in (1, 4, 7):
            self.dropped += 1
            return
        await super()._one(row)


@dataclass
class Lag:
    """How long an item's newest version stayed unseen, by the office's clock."""

    house: House
    since: dict[int, datetime] = field(default_factory=dict)
    longest: timedelta = timedelta()

    def measure(self) -> None:
        now = self.house.clock()
        for row in self.house.scene.rows(Item):
            if row.seen_clock_version == row.clock_version:
                self.since.pop(row.id, None)
            else:
                self.longest = max(self.longest, now - self.since.setdefault(row.id, now))


def toggle(house: House, directive_id: int) -> None:
    """Suspend the directive, or resume it: either way all its clocks are poked."""
    office, leader, now = house.scene.office, house.scene.leader, house.clock()
    if house.scene.row(Directive, directive_id).state == "published":
        directives.suspend(office, leader, now, WithReason(directive_id=directive_id, reason="机构调整"))
    else:
        directives.resume(office, leader, now, OnDirective(directive_id=directive_id))


async def test_with_a_third_of_the_pokes_dropped_no_owner_lags_for_more_than_two_minutes(
    house: House,
) -> None:
    published = [await house.begin("A") for _ in range(12)]
    lossy = LossyRelay(house.scene.office, house.client, house.clock)
    lag = Lag(house)
    for step in range(30):  # ten minutes, twenty seconds each
        house.pass_time(20)
        toggle(house, published[step % 12].id)
        poked = {f"{row.aggregate}/{row.aggregate_id}" for row in await lossy.drain()}
        if step % 3 == 2:
            poked |= await house.reconciler.look()
        await house.at_peace(poked)
        lag.measure()
    for _ in range(2):
        house.pass_time(60)
        await house.at_peace(await house.reconciler.look())
        lag.measure()

    assert lossy.dropped >= 15
    assert timedelta(seconds=60) < lag.longest <= timedelta(seconds=120), "lost, and healed in time"
    assert lag.since == {}


async def test_a_poke_on_its_way_is_left_to_the_relay(house: House) -> None:
    published = await house.begin("A")
    house.pass_time(300)
    toggle(house, published.id)

    assert await house.reconciler.look() == set()


async def test_who_has_work_before_it_is_not_poked(still_house: House) -> None:
    """No worker takes the first poke up: its task is pending, and a second poke would say nothing new."""
    still_house.scene.publish(still_house.scene.item(("A", HANDLING)))
    still_house.clock.move_to(BEGINS)
    begun = await still_house.relay.drain()
    still_house.pass_time(600)

    assert len(begun) == 2
    assert await still_house.reconciler.look() == set()


async def test_a_moment_that_was_missed_is_done_and_its_incident_closes_by_itself(house: House) -> None:
    published = await house.begin("A")
    (task,) = house.scene.tasks(published.items[0]).values()
    house.scene.acknowledge(task.id, BEGINS)
    house.clock.move_to(local(DUE, 23))  # the workflow's own timer runs on the machine's time, weeks behind
    house.reconciler._late_before = {row.workflow_id for row in house.owners()}  # the second look

    await house.reconciler.look()
    second = house.incidents()
    await house.settled()
    await house.reconciler.look()

    assert second == ["moment_missed"]
    assert house.incidents() == []


async def test_a_first_look_at_a_late_owner_pokes_it_and_troubles_nobody(house: House) -> None:
    published = await house.begin("A")
    (task,) = house.scene.tasks(published.items[0]).values()
    house.scene.acknowledge(task.id, BEGINS)
    house.clock.move_to(local(DUE, 23))

    poked = await house.reconciler.look()
    await house.settled()

    assert poked == {workflow_id(Aggregate.ITEM, published.items[0])}
    assert house.incidents() == []


async def test_the_workflow_of_a_closed_row_is_poked_and_ends(house: House) -> None:
    published = await house.begin("A")
    office, leader = house.scene.office, house.scene.leader
    request = WithReason(directive_id=published.id, reason="已不需要")
    directives.withdraw(office, leader, house.clock(), request)
    for row in claim(office, house.clock(), wall_clock()):  # every poke of it is lost, and marked as done
        finish(office, house.clock(), [row])
    house.pass_time(60)

    poked = await house.reconciler.look()
    await house.at_peace(poked)

    assert workflow_id(Aggregate.ITEM, published.items[0]) in poked
    for name in poked:
        assert (
            await house.client.get_workflow_handle(name).describe()
        ).status is WorkflowExecutionStatus.COMPLETED
    assert await house.reconciler.look() == set()


async def test_a_workflow_that_somebody_ended_is_started_again_and_an_incident_says_so_until_it_runs(
    house: House,
) -> None:
    published = await house.begin("A")
    name = workflow_id(Aggregate.ITEM, published.items[0])
    await house.client.get_workflow_handle(name).terminate("by hand")
    await gone_from_the_list(house, name)

    poked = await house.reconciler.look()
    told = house.incidents()
    await house.settled()
    await house.reconciler.look()

    assert poked == {name}
    assert told == ["workflow_broken"]
    assert await house.running() >= {name}
    assert house.incidents() == []


async def gone_from_the_list(house: House, name: str) -> None:
    """The server's list may be a moment old."""

    async def holds() -> bool:
        return name not in await running_workflows(house.client)

    await eventually(holds, f"{name} is off the list")


async def test_a_directive_in_its_hold_has_no_owner_yet_and_a_suspended_one_keeps_its_own(
    house: House,
) -> None:
    published = await house.begin("A")
    toggle(house, published.id)
    await house.relay.drain()
    await house.at_peace({workflow_id(Aggregate.ITEM, published.items[0])})
    house.scene.publish(house.scene.item(("B", HANDLING)), now=house.clock())
    house.pass_time(300)

    assert await house.reconciler.look() == set()
    assert len(house.owners()) == 0


async def test_a_server_away_is_an_incident_until_it_is_back(house: House, nowhere: Client) -> None:
    office = house.scene.office
    blind = Reconciler(office, nowhere, house.clock, Role(office, "reconciler", "test:0"))

    assert await blind.look() == set()
    assert house.incidents() == ["temporal_unreachable"]
    await house.reconciler.look()
    assert house.incidents() == []


async def test_a_parked_poke_whose_version_was_seen_after_all_is_settled(house: House) -> None:
    published = await house.begin("A")
    toggle(house, published.id)
    with writing(house.scene.engine) as session:
        connection = session.connection()
        late = table(Outbox).c.done_at.is_(None)
        connection.execute(update(table(Outbox)).where(late).values(parked_at=house.clock()))
        ids = connection.execute(select(table(Outbox).c.id).where(late)).scalars().all()
        for row_id in ids:
            open_incident(session, house.clock(), "outbox_parked", f"outbox/{row_id}", "made up")
    house.pass_time(60)

    poked = await house.reconciler.look()
    await house.at_peace(poked)
    await house.reconciler.look()

    assert len(ids) == len(poked) == 2
    assert house.incidents() == []


async def test_a_lease_nobody_takes_over_is_told(house: House) -> None:
    await house.begin("A")
    with writing(house.scene.engine) as session:
        old = {"done_at": None, "lease_until": wall_clock() - timedelta(minutes=5)}
        session.connection().execute(update(table(Outbox)).where(table(Outbox).c.id == 1).values(**old))

    await house.reconciler.look()
    told = house.incidents()
    await house.relay.drain()
    await house.reconciler.look()

    assert told == ["lease_expired"]
    assert house.incidents() == []


async def test_a_worker_silent_for_an_hour_is_forgotten(house: House) -> None:
    beat(house.scene.office, house.clock(), "old:1", {})
    house.pass_time(3000)
    beat(house.scene.office, house.clock(), "new:2", {})
    house.pass_time(700)

    await house.reconciler.look()

    assert [row.worker for row in house.scene.rows(Heartbeat)] == ["new:2"]


async def test_of_two_workers_one_reconciles(house: House) -> None:
    office = house.scene.office
    first, second = (Role(office, "reconciler", holder) for holder in ("elsewhere:1", "elsewhere:2"))

    async with first.given_back():
        assert await first.is_mine()
        assert not await second.is_mine()
    assert await second.is_mine()

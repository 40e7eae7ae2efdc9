"""The relay: every row at least once, no row's fault when the server is away, and letters go on meanwhile."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update
from temporalio.client import Client

from dispatch.clock import DrivenClock, wall_clock
from dispatch.ports import HOST, listening
from dispatch.relay import IDLE_POLL, Relay
from models.columns import table
from models.engine import Bulletin, Outbox, OutboxKind
from scheduler.catch_up import SCHEDULER
from services import directives
from services.calendar_runs import RunJob, run_job
from services.directives import OnDirective, WithReason
from services.outbox import LEASE, MOST_ATTEMPTS, claim, finish, give_back, postpone
from store.sessions import writing
from tests.dispatch.conftest import House
from tests.office import BEGINS, HANDLING, PUBLISHED, Scene, both
from tests.temporal import eventually

OUTBOX = table(Outbox)


def leave_bulletins(scene: Scene, count: int) -> None:
    """So many rows for the relay that need no Temporal."""
    for number in range(count):
        request = RunJob(job="morning_digest", period=f"day {number}", begins=PUBLISHED)
        run_job(scene.office, SCHEDULER, PUBLISHED, request)


@both
async def test_four_relays_do_every_row_once(scene: Scene, nowhere: Client) -> None:
    leave_bulletins(scene, 60)
    clock = DrivenClock(PUBLISHED)
    relays = [Relay(scene.office, nowhere, clock) for _ in range(4)]

    done = await asyncio.gather(*(relay.drain() for relay in relays))

    handed = [row.id for rows in done for row in rows]
    assert len(handed) == len(set(handed)) == 60
    assert scene.count(Bulletin) == 60
    assert all(row.done_at for row in scene.rows(Outbox))


@both
def test_of_four_that_claim_at_once_none_gets_anothers_row(scene: Scene) -> None:
    leave_bulletins(scene, 30)
    together = threading.Barrier(4)

    def take(_: int) -> list[int]:
        together.wait()
        return [row.id for row in claim(scene.office, PUBLISHED, wall_clock())]

    with ThreadPoolExecutor(4) as pool:
        taken = [row_id for rows in pool.map(take, range(4)) for row_id in rows]

    assert sorted(taken) == sorted(row.id for row in scene.rows(Outbox))


async def test_while_temporal_is_away_pokes_wait_uncounted_and_the_rest_goes_on(
    scene: Scene, nowhere: Client
) -> None:
    scene.publish(scene.item(("A", HANDLING)))
    leave_bulletins(scene, 3)
    relay = Relay(scene.office, nowhere, DrivenClock(BEGINS))

    first = await relay.drain()
    second = await relay.drain()

    pokes = scene.rows(Outbox, OUTBOX.c.kind == OutboxKind.POKE)
    assert not relay.reachable
    assert {row.kind for row in first} == {OutboxKind.WRITE_BULLETIN}
    assert second == []
    assert scene.count(Bulletin) == 3
    assert [(row.attempts, row.lease_until, row.done_at, row.parked_at) for row in pokes] == [
        (0, None, None, None)
    ] * 2


async def test_it_asks_for_an_absent_server_at_growing_intervals_up_to_five_seconds(
    scene: Scene, nowhere: Client
) -> None:
    relay = Relay(scene.office, nowhere, DrivenClock(BEGINS))
    relay.reachable = False
    pauses = []
    for _ in range(8):
        relay._look_again_at = 0.0
        await relay.drain()
        pauses.append(relay._pause)

    assert pauses == [0.5, 1, 2, 4, 5, 5, 5, 5]


async def test_pokes_of_one_owner_become_one_signal_with_the_newest_version(still_house: House) -> None:
    house = still_house
    published = house.scene.publish(house.scene.item(("A", HANDLING)))
    house.clock.move_to(BEGINS)
    office, leader = house.scene.office, house.scene.leader
    directives.suspend(office, leader, BEGINS, WithReason(directive_id=published.id, reason="机构调整"))
    directives.resume(office, leader, BEGINS, OnDirective(directive_id=published.id))

    done = await house.relay.drain()
    handle = house.client.get_workflow_handle(f"item/{published.items[0]}")
    history = await handle.fetch_history()
    signals = [e for e in history.events if e.HasField("workflow_execution_signaled_event_attributes")]

    of_item = [row for row in done if row.aggregate == "item"]
    assert len(of_item) == 3
    assert len(signals) == 1
    payload = signals[0].workflow_execution_signaled_event_attributes.input.payloads[0].data
    assert payload == f'{{"clock_version":{max(row.clock_version for row in of_item)}}}'.encode()


@both
def test_a_relay_that_died_is_replaced_when_its_lease_has_run_out_and_cannot_undo_the_others_work(
    scene: Scene,
) -> None:
    leave_bulletins(scene, 1)
    wall = wall_clock()
    (dead,) = claim(scene.office, PUBLISHED, wall)
    assert claim(scene.office, PUBLISHED, wall + LEASE / 2) == []

    (heir,) = claim(scene.office, PUBLISHED, wall + LEASE * 2)
    finish(scene.office, PUBLISHED, [dead])
    postpone(scene.office, PUBLISHED, dead, "too late")
    give_back(scene.office, [dead])
    held = scene.row(Outbox, heir.id)
    finish(scene.office, PUBLISHED, [heir])

    assert heir.fence == dead.fence + 1
    assert (held.done_at, held.attempts, held.error) == (None, 0, "")
    assert held.lease_until is not None
    assert scene.row(Outbox, heir.id).done_at == PUBLISHED


async def test_a_row_that_cannot_be_done_is_tried_with_growing_pauses_then_parked_and_told(
    scene: Scene, nowhere: Client
) -> None:
    leave_bulletins(scene, 2)
    with writing(scene.engine) as session:
        poison = {"kind": OutboxKind.ISSUE_LETTER, "aggregate": "letter", "aggregate_id": "999"}
        session.connection().execute(update(OUTBOX).where(OUTBOX.c.id == 1).values(**poison))
    clock = DrivenClock(PUBLISHED)
    relay = Relay(scene.office, nowhere, clock)
    waits = []
    while (row := scene.row(Outbox, 1)).parked_at is None:
        await relay.drain()
        row = scene.row(Outbox, 1)
        waits.append((row.next_at - clock()).total_seconds())
        clock.move_to(row.next_at)

    assert waits == [2.0**n for n in range(MOST_ATTEMPTS)]
    assert "999" in row.error
    assert scene.row(Outbox, 2).done_at == PUBLISHED, "it holds nobody up"


@pytest.fixture
async def silent() -> AsyncIterator[Client]:
    """A client of a server that takes the connection and never says a word."""
    with listening(HOST, 0) as mute:
        yield await Client.connect(f"{HOST}:{mute.getsockname()[1]}", lazy=True)


async def test_a_relay_that_is_stopped_gives_back_what_it_had_taken(scene: Scene, silent: Client) -> None:
    scene.publish(scene.item(("A", HANDLING)))
    relay = Relay(scene.office, silent, DrivenClock(BEGINS))
    running = asyncio.create_task(relay.drain())

    async def taken() -> bool:
        return any(row.lease_until for row in scene.rows(Outbox))

    await eventually(taken, "the relay takes the rows")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert [row.lease_until for row in scene.rows(Outbox)] == [None, None]


async def test_a_server_that_says_nothing_is_given_up_and_the_row_is_not_blamed(
    scene: Scene, silent: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.relay.TRY_TIMEOUT", 0.3)
    scene.publish(scene.item(("A", HANDLING)))
    relay = Relay(scene.office, silent, DrivenClock(BEGINS))

    await relay.drain()

    assert not relay.reachable
    assert [(row.attempts, row.lease_until) for row in scene.rows(Outbox)] == [(0, None)] * 2


async def test_a_nudge_wakes_it_before_its_next_poll(scene: Scene, nowhere: Client) -> None:
    relay = Relay(scene.office, nowhere, DrivenClock(PUBLISHED))
    running = asyncio.create_task(relay.run())
    await asyncio.sleep(0.3)
    began = asyncio.get_running_loop().time()
    await asyncio.to_thread(leave_bulletins, scene, 1)
    await asyncio.to_thread(relay.nudge)

    async def written() -> bool:
        return bool(scene.count(Bulletin))

    await eventually(written, "the bulletin is written")
    took = asyncio.get_running_loop().time() - began
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert took < IDLE_POLL / 2

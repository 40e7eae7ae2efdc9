"""The Temporal server is disposable: killed, it goes on where it was; with its file gone, the rows bring it back."""

import asyncio
import time

import pytest

from dispatch.rebuild import rebuild
from models.columns import table
from models.engine import Outbox
from models.paper import Notice
from services.lapses import open_owners
from tests.dispatch.conftest import House
from tests.domain.samples import local
from tests.office import BEGINS, DUE
from tests.temporal import eventually


def notices(house: House) -> list[tuple[int, str, int]]:
    """Every telling: whom, what, which level."""
    return sorted((row.unit_task_id, row.kind, row.rung) for row in house.scene.rows(Notice))


async def test_a_server_killed_and_started_again_goes_on_and_what_was_published_meanwhile_begins(
    house: House,
) -> None:
    first = await house.begin("A", "B", items=2)
    told = notices(house)
    house.kill()
    second = house.scene.publish(house.scene.item(("C", "handling")), now=BEGINS)
    house.pass_time(600)
    relaying = asyncio.create_task(house.relay.run())

    async def noticed() -> bool:
        return not house.relay.reachable

    await eventually(noticed, "the relay notices that the server is gone")
    waiting = [row for row in house.scene.rows(Outbox) if row.done_at is None]
    await house.server.start()

    async def handed_out() -> bool:
        return bool(house.scene.tasks(second.items[0]))

    await eventually(handed_out, "the directive published meanwhile begins")
    relaying.cancel()
    await house.settled()

    assert [row.attempts for row in waiting] == [0, 0], "a server that is down is no fault of the rows"
    assert [one for one in notices(house) if one in told] == told
    assert len(notices(house)) == len(told) + 1
    assert await house.running() == {row.workflow_id for row in house.owners()}
    assert len(first.items) == 2


async def test_with_its_file_gone_the_rows_bring_every_owner_back_and_nobody_is_told_twice(
    house: House,
) -> None:
    await house.begin("A", "B", items=3)
    told = notices(house)
    await house.lose()
    await house.server.start()
    assert await house.running() == set()

    counts = await rebuild(house.scene.office, house.client, house.clock())
    again = await rebuild(house.scene.office, house.client, house.clock())
    await house.settled()

    assert counts == {"directive": 1, "item": 3, "rectification": 0, "running": 0}
    assert again == {"directive": 0, "item": 0, "rectification": 0, "running": 4}
    assert notices(house) == told


async def test_what_fell_due_while_the_server_was_lost_is_done_once_after_the_rebuild(house: House) -> None:
    published = await house.begin("A", items=1)
    (task,) = house.scene.tasks(published.items[0]).values()
    house.scene.acknowledge(task.id, BEGINS)
    told = len(notices(house))
    await house.lose()
    house.clock.move_to(local(DUE, 23))
    await house.server.start()

    await rebuild(house.scene.office, house.client, house.clock())
    await house.settled()
    late = notices(house)
    await house.reconciler.look()
    await house.settled()

    assert len(late) > told, "the reminder before the deadline"
    assert notices(house) == late


async def test_the_reconciler_alone_finds_the_lost_owners_at_its_next_look(house: House) -> None:
    await house.begin("A", "B", items=2)
    await house.lose()
    await house.server.start()

    started = await house.reconciler.look()

    assert started == {row.workflow_id for row in house.owners()}
    assert await house.running() == started


@pytest.mark.prove
@pytest.mark.timeout(400)
async def test_a_thousand_open_items_are_back_within_three_minutes(house: House) -> None:
    await house.begin("A", items=1000)
    told = notices(house)
    await house.lose()
    await house.server.start()
    began = time.monotonic()

    counts = await rebuild(house.scene.office, house.client, house.clock())

    assert counts["item"] == 1000
    assert time.monotonic() - began <= 180
    assert len(await house.running()) == len(open_owners(house.scene.office, house.clock()))
    assert notices(house) == told
    assert not house.scene.rows(Outbox, table(Outbox).c.parked_at.is_not(None))

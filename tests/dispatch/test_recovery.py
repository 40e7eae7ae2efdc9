"""The Temporal server is disposable: killed, it goes on where it was; with its file gone, the rows bring it back."""

import asyncio
import time

import pytest

from dispatch.rebuild import rebuild
from models.columns import table
from models.engine import Outbox
from models.paper import Notice
from services.lapses import open_owners
from tests.dispatch.conftest import Breakable
from tests.domain.samples import local
from tests.office import BEGINS, DUE, HANDLING
from tests.temporal import eventually


def notices(breakable: Breakable) -> list[tuple[int, str, int]]:
    """Every telling: whom, what, which level."""
    return sorted((row.unit_task_id, row.kind, row.rung) for row in breakable.scene.rows(Notice))


async def test_a_server_killed_and_started_again_goes_on_and_what_was_published_meanwhile_begins(
    breakable: Breakable,
) -> None:
    first = await breakable.begin("A", "B", items=2)
    told = notices(breakable)
    breakable.kill()
    second = breakable.scene.publish(breakable.scene.item(("C", HANDLING)), now=BEGINS)
    breakable.pass_time(600)
    relaying = asyncio.create_task(breakable.relay.run())

    async def noticed() -> bool:
        return not breakable.relay.reachable

    await eventually(noticed, "the relay notices that the server is gone")
    waiting = [row for row in breakable.scene.rows(Outbox) if row.done_at is None]
    await breakable.server.start()

    async def handed_out() -> bool:
        return bool(breakable.scene.tasks(second.items[0]))

    await eventually(handed_out, "the directive published meanwhile begins")
    relaying.cancel()
    await breakable.settled()

    assert [row.attempts for row in waiting] == [0, 0], "a server that is down is no fault of the rows"
    assert [one for one in notices(breakable) if one in told] == told
    assert len(notices(breakable)) == len(told) + 1
    assert await breakable.running() == {row.workflow_id for row in breakable.owners()}
    assert len(first.items) == 2


async def test_with_its_file_gone_the_rows_bring_every_owner_back_and_nobody_is_told_twice(
    breakable: Breakable,
) -> None:
    await breakable.begin("A", "B", items=3)
    told = notices(breakable)
    await breakable.lose()
    await breakable.server.start()
    assert await breakable.running() == set()

    counts = await rebuild(breakable.scene.office, breakable.client, breakable.clock())
    again = await rebuild(breakable.scene.office, breakable.client, breakable.clock())
    await breakable.settled()

    assert counts == {"directive": 1, "item": 3, "rectification": 0, "running": 0}
    assert again == {"directive": 0, "item": 0, "rectification": 0, "running": 4}
    assert notices(breakable) == told


async def test_what_fell_due_while_the_server_was_lost_is_done_once_after_the_rebuild(
    breakable: Breakable,
) -> None:
    published = await breakable.begin("A", items=1)
    (task,) = breakable.scene.tasks(published.items[0]).values()
    breakable.scene.acknowledge(task.id, BEGINS)
    told = len(notices(breakable))
    await breakable.lose()
    breakable.clock.move_to(local(DUE, 23))
    await breakable.server.start()

    await rebuild(breakable.scene.office, breakable.client, breakable.clock())
    await breakable.settled()
    late = notices(breakable)
    await breakable.reconciler.look()
    await breakable.settled()

    assert len(late) > told, "the reminder before the deadline"
    assert notices(breakable) == late


async def test_the_reconciler_alone_finds_the_lost_owners_at_its_next_look(breakable: Breakable) -> None:
    await breakable.begin("A", "B", items=2)
    await breakable.lose()
    await breakable.server.start()

    started = await breakable.reconciler.look()

    assert started == {row.workflow_id for row in breakable.owners()}
    assert await breakable.running() == started


@pytest.mark.prove
@pytest.mark.timeout(400)
async def test_a_thousand_open_items_are_back_within_three_minutes(breakable: Breakable) -> None:
    await breakable.begin("A", items=1000, patience=180)
    told = notices(breakable)
    await breakable.lose()
    await breakable.server.start()
    began = time.monotonic()

    counts = await rebuild(breakable.scene.office, breakable.client, breakable.clock())

    await breakable.settled(180)
    seconds = time.monotonic() - began
    print(f"rebuilt in {seconds:.1f} s")

    assert counts["item"] == 1000
    assert seconds <= 180
    assert len(await breakable.running()) == len(open_owners(breakable.scene.office, breakable.clock()))
    assert notices(breakable) == told
    assert not breakable.scene.rows(Outbox, table(Outbox).c.parked_at.is_not(None))

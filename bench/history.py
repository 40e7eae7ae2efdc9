"""What a year costs in history: wake-ups and events of items with 10 to 10,000 units, on the real server.

The server skips time workflow by workflow, as in a played year; between the moments people act (`bench.year`).
"""

import asyncio
from dataclasses import replace
from datetime import date
from pathlib import Path

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from bench.figure import Figure, say, timed
from bench.rig import Rig, running, server_in, until
from bench.site import NO_HOLDS, OPENS, Place, make_place
from bench.year import DUE, Year
from contracts.names import Aggregate, workflow_id
from domain.unit_task import Role
from play.owners import Owners
from services.calendars import load_calendar
from services.directives import DraftDirective, DraftItem, OnDirective, PartIn, draft_directive, publish
from services.outbox import next_due
from services.owners import unsettled, waiting
from store.sessions import reading

SKIPPING = (
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED,
)
"""What skipping time adds to a history: left out, as no office skips time."""
SIZES = (10, 100, 1_000, 10_000)


def run(folder: Path) -> list[Figure]:
    """One office, one directive, an item of each size."""
    return asyncio.run(_run(folder))


async def _run(folder: Path) -> list[Figure]:
    place = make_place(folder / "history.sqlite", max(SIZES))
    items = tuple(
        DraftItem(number=f"（{n}）", text=f"{size} 个单位", due_on=DUE, parts=_parts(place, size))
        for n, size in enumerate(SIZES, 1)
    )
    wanted = DraftDirective(title="年度任务", issuer_id=place.root, items=items, policy=dict(NO_HOLDS))
    directive = draft_directive(place.office, place.leader, OPENS, wanted)["directive_id"]
    with timed() as watch:
        async with server_in(folder, played=True) as server, running(place, server) as rig:
            here = replace(place, office=rig.office)
            publish(rig.office, place.leader, OPENS, OnDirective(directive_id=directive))
            year = await _play(here, rig)
            costs = [
                await _cost(rig.client, workflow_id(Aggregate.ITEM, n)) for n in range(1, len(SIZES) + 1)
            ]
    say(f"history: {year.done} acts ({year.refused} refused) in {watch.seconds:.0f} s")
    figures = []
    for size, (wakes, events, longest) in zip(SIZES, costs, strict=True):
        note = f"{events} events, longest run {longest}; {min(size, 300)} units act"
        figures.append(
            Figure(f"wake-ups of an item with {size:,} units in its year", wakes, "", ("<=", 40), note)
        )
    figures.append(
        Figure("events a wake-up, the most", max(e / w for w, e, _ in costs), "events", ("<=", 12))
    )
    figures.append(
        Figure("events of the longest run", max(run for _, _, run in costs), "events", ("<=", 2000))
    )
    return figures


def _parts(place: Place, size: int) -> tuple[PartIn, ...]:
    return tuple(PartIn(unit_id=unit, role=Role.HANDLING) for unit in place.units[:size])


async def _play(place: Place, rig: Rig) -> Year:
    """From publication to the last act and moment, each owner moved by its own clock, the relay at work."""
    owners, office = Owners(rig.client, place.office), place.office
    with reading(office.engine) as session:
        year = Year(place, load_calendar(session))
    await _rest(rig, owners, {workflow_id(Aggregate.ITEM, n) for n in range(1, len(SIZES) + 1)})
    year.begin()
    month = rig.clock().month
    while True:
        rows = waiting(office)
        moments = [row.next_moment for row in rows] + [year.next_at, next_due(office)]
        coming = [moment for moment in moments if moment is not None]
        if not coming or min(coming).date() > date(2027, 1, 31):
            return year
        now = max(min(coming), rig.clock())
        rig.clock.move_to(now)
        due = [row for row in rows if row.next_moment is not None and row.next_moment <= now]
        if due:
            await owners.wake(due, now)
        await asyncio.to_thread(year.do_due, now)
        await _rest(rig, owners, {row.workflow_id for row in waiting(office)})
        if now.month != month:
            month = now.month
            say(f"history: {now.date()}, {year.done} acts, {owners.wakes} timers")


async def _rest(rig: Rig, owners: Owners, names: set[str]) -> None:
    """Until the outbox is empty, every poke seen, nothing due, and no workflow has anything pending."""
    now = rig.clock()

    def rests() -> bool:
        waits = next_due(rig.office)
        return (waits is None or waits > now) and not unsettled(rig.office, now)

    await until(rests)
    await asyncio.gather(*(owners.quiet(name) for name in names))


async def _cost(client: Client, name: str) -> tuple[int, int, int]:
    """Wake-ups (activities that advanced the item), events, and the events of the longest run, over all runs."""
    wakes = events = longest = 0
    async for run in client.list_workflows(f"WorkflowId = '{name}'"):
        history = await client.get_workflow_handle(name, run_id=run.run_id).fetch_history()
        kinds = [event.event_type for event in history.events if event.event_type not in SKIPPING]
        wakes += kinds.count(EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
        events += len(kinds)
        longest = max(longest, len(kinds))
    return wakes, events, longest

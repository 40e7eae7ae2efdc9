"""Moving the clocks of single owners: each workflow has its own, and it moves only when asked.

The office clock stands at the moment; then the owner's timer is skipped to, with half an hour to spare, so
that no target falls on a due moment. Afterwards the owner must be settled: nothing pending at the server,
its row's next moment in the future. What moved further than asked ends the play.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryReverseRequest,
)
from temporalio.client import Client
from temporalio.testing import TimeSkipper

from services.office import Office
from services.owners import OwnerRow, unsettled

SPARE = timedelta(minutes=30)
SETTLE_TIMEOUT = 60.0
TOLERANCE = timedelta(seconds=5)
POLL = 0.012
BEFORE_FIRST_TASK = 4
"""A run with no more events than these has not begun: nothing is pending, yet it is not at rest."""


class PlayError(Exception):
    """The engine did something the play did not ask for, or not what it asked for."""


class Owners:
    """All owners of the play."""

    def __init__(self, client: Client, office: Office) -> None:
        self._client, self._office = client, office
        self._skipper = TimeSkipper(client)
        self.wakes = 0

    async def settle(self, now: datetime, poked: set[str]) -> None:
        """Wait until the poked have seen their poke, nothing of theirs is due, and their workflows have nothing pending.

        Others may be unsettled: an item that closes asks for its directive to be poked, which the relay does next.
        """
        end = time.monotonic() + SETTLE_TIMEOUT
        while left := [row for row in unsettled(self._office, now) if row.workflow_id in poked]:
            if time.monotonic() > end:
                raise PlayError(f"not settled after {SETTLE_TIMEOUT:.0f} s: {await self._why(left[0], now)}")
            await asyncio.sleep(POLL)
        await asyncio.gather(*(self.quiet(name) for name in poked))

    async def _why(self, row: OwnerRow, now: datetime) -> str:
        """What is known of an owner that does not come to rest."""
        raw = (await self._client.get_workflow_handle(row.workflow_id).describe()).raw_description
        failures = [f"{a.activity_type.name}: {a.last_failure.message}" for a in raw.pending_activities]
        task = raw.pending_workflow_task
        return (
            f"{row.workflow_id} at {now}: seen {row.seen_clock_version} of {row.clock_version}, next {row.next_moment}, "
            f"status {raw.workflow_execution_info.status}, activities {failures}, workflow task attempt {task.attempt}"
        )

    async def quiet(self, name: str) -> DescribeWorkflowExecutionResponse:
        """Wait until the server has nothing pending for that workflow; answers its description."""
        end = time.monotonic() + SETTLE_TIMEOUT
        while True:
            raw = (await self._client.get_workflow_handle(name).describe()).raw_description
            begun = raw.workflow_execution_info.history_length > BEFORE_FIRST_TASK
            if begun and not raw.pending_activities and not raw.HasField("pending_workflow_task"):
                return raw
            if time.monotonic() > end:
                raise PlayError(f"{name} did not come to rest")
            await asyncio.sleep(POLL)

    async def wake(self, due: list[OwnerRow], now: datetime) -> None:
        """Skip the time of these owners to their timers; each then does what is due at the office's `now`."""
        await asyncio.gather(*(self._wake(row) for row in due))
        await self.settle(now, {row.workflow_id for row in due})

    async def _wake(self, row: OwnerRow) -> None:
        handle = self._client.get_workflow_handle(row.workflow_id)
        fires_at = await self._timer(row.workflow_id)
        before = await self._skipper.get_current_time(handle)
        asked = max(fires_at - before, timedelta()) + SPARE
        started = time.monotonic()
        if not await self._skipper.fast_forward(handle, asked):
            return  # the owner closed on the way
        self.wakes += 1
        raw = await self.quiet(row.workflow_id)
        info = raw.workflow_extended_info.time_skipping_info
        moved = _instant(info.current_time) - before
        real = timedelta(seconds=time.monotonic() - started)
        if moved > asked + real + TOLERANCE:
            raise PlayError(f"the clock of {row.workflow_id} moved {moved}, asked were {asked}")

    async def _timer(self, name: str) -> datetime:
        """When the owner's timer fires, by the owner's own clock."""
        request = GetWorkflowExecutionHistoryReverseRequest(
            namespace=self._client.namespace,
            execution=WorkflowExecution(workflow_id=name),
            maximum_page_size=20,
        )
        response = await self._client.workflow_service.get_workflow_execution_history_reverse(request)
        for event in response.history.events:
            if event.event_type == EventType.EVENT_TYPE_TIMER_STARTED:
                timeout = event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
                return _instant(event.event_time) + timeout
        kinds = [
            EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in response.history.events
        ]
        raise PlayError(f"{name} waits for no timer; its history ends with {kinds[:8]}")


def _instant(stamp: Timestamp) -> datetime:
    return stamp.ToDatetime().replace(tzinfo=UTC)

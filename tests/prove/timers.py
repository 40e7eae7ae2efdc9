"""Letting the timers of single owners fire, without waiting for the weeks they were set to."""

import asyncio
import contextlib
from collections.abc import Iterable

from temporalio.client import Client
from temporalio.service import RPCError

from dispatch.workflows import describe_all
from play.owners import SPARE, Owners
from services.office import Office


class Timers:
    """The timers of one run's owners. A worker may die while one fires: whoever comes next takes it up."""

    def __init__(self, client: Client, office: Office) -> None:
        self._client, self._owners = client, Owners(client, office)
        self._firing: dict[str, asyncio.Task[None]] = {}

    async def fire(self, names: Iterable[str]) -> None:
        """Skip the time of these workflows to their timers, those left out that are at work already."""
        wanted = set(names) - self._firing.keys()
        for name, found in (await describe_all(self._client, wanted)).items():
            if found.running and not found.busy:
                self._firing[name] = asyncio.create_task(self._fire(name))

    async def _fire(self, name: str) -> None:
        owners = self._owners
        handle = self._client.get_workflow_handle(name)
        ahead = await owners._timer(name) - await owners._skipper.get_current_time(handle)
        await owners._skipper.fast_forward(handle, max(ahead, ahead * 0) + SPARE)

    def still_firing(self) -> bool:
        """Whether one is on its way. One that a dying server broke off counts as not fired; other faults are raised."""
        for name, task in list(self._firing.items()):
            if task.done():
                del self._firing[name]
                with contextlib.suppress(RPCError):
                    task.result()
        return bool(self._firing)

    async def stop(self) -> None:
        """Let go of those that never came."""
        for task in self._firing.values():
            task.cancel()
        await asyncio.gather(*self._firing.values(), return_exceptions=True)

"""Keeps the parts of a process running: a part that fails begins again, and the others do not notice."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
WELL_AFTER = 10.0
"""Seconds without a fault after which a part counts as well again."""
_log = logging.getLogger(__name__)

Part = Callable[[], Awaitable[None]]


class Parts:
    """The parts of one process. `faults` holds the last fault of each part that is not well."""

    def __init__(self) -> None:
        self.faults: dict[str, str] = {}

    async def run(self, **parts: Part) -> None:
        """Run every part until cancelled; cancelling waits until each has let go."""
        async with asyncio.TaskGroup() as group:
            for name, part in parts.items():
                group.create_task(self._keep(name, part), name=name)

    async def _keep(self, name: str, part: Part) -> None:
        pause = FIRST_PAUSE
        while True:
            running = asyncio.ensure_future(part())
            try:
                await asyncio.wait((running,), timeout=WELL_AFTER)
                if not running.done():
                    self.faults.pop(name, None)
                    pause = FIRST_PAUSE
                await running
            except asyncio.CancelledError:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                raise
            except Exception as fault:  # noqa: BLE001 -- whatever it was, the part must begin again, and the fault is kept
                _log.warning("%s stopped and begins again: %r", name, fault)
                self.faults[name] = f"{type(fault).__name__}: {fault}"[:300]
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

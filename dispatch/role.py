"""A role that one worker of the site plays at a time, held by a lease that is renewed."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from datetime import timedelta

from dispatch.clock import wall_clock
from services.leases import holder_of, let_go, take
from services.office import Office

TERM = timedelta(seconds=60)


def worker_name() -> str:
    """This process among all workers of the site: `host:pid`."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


class Role:
    """One role of this process."""

    def __init__(self, office: Office, name: str, holder: str) -> None:
        self._office, self._name, self._holder = office, name, holder
        self._sure_until = 0.0

    async def is_mine(self) -> bool:
        """Take the role or keep it for another minute; False where another worker plays it."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._sure_until:
            return True
        mine = await asyncio.to_thread(self._take)
        self._sure_until = loop.time() + TERM.total_seconds() / 2 if mine else 0.0
        return mine

    @contextlib.asynccontextmanager
    async def given_back(self) -> AsyncIterator[None]:
        """Give the role up at the end, so that the next worker need not wait."""
        try:
            yield
        finally:
            await asyncio.to_thread(let_go, self._office, wall_clock(), self._name, self._holder)

    def _take(self) -> bool:
        if take(self._office, wall_clock(), self._name, self._holder, TERM) is not None:
            return True
        other = holder_of(self._office, self._name)
        if other is None or not is_gone(other):
            return False
        let_go(self._office, wall_clock(), self._name, other)
        return take(self._office, wall_clock(), self._name, self._holder, TERM) is not None


def is_gone(holder: str) -> bool:
    """Whether `host:pid` is a process of this machine that has ended; of other machines only the lease tells."""
    host, _, pid = holder.rpartition(":")
    if host != worker_name().rpartition(":")[0] or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False

"""Running a process until it is asked to stop: SIGINT (Ctrl-C) and SIGTERM end it cleanly, with exit code 0."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Coroutine

from domain.errors import DubanError

SIGNALS = (signal.SIGINT, signal.SIGTERM)


async def until_stopped(work: Coroutine[None, None, None]) -> None:
    """Await `work`; a signal cancels it, which it answers by closing what it opened. A second one changes nothing."""
    loop = asyncio.get_running_loop()
    task = loop.create_task(work)
    asked = False

    def stop() -> None:
        nonlocal asked
        if not asked:
            asked = True
            task.cancel()

    for number in SIGNALS:
        loop.add_signal_handler(number, stop)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)


def exit_code(work: Callable[[], Coroutine[None, None, None]]) -> int:
    """Run a process until it is stopped; 0 then, and 2 with the reason on standard error where it was refused."""
    try:
        asyncio.run(until_stopped(work()))
    except DubanError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0

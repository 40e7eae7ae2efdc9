"""Running a process until it is asked to stop: SIGINT (Ctrl-C) and SIGTERM end it cleanly, with exit code 0."""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine

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

"""A mail server on 127.0.0.1 in a thread of its own, on a port the system chooses, unless it is told one."""

import asyncio
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Self
from weakref import WeakSet

from aiosmtpd.smtp import SMTP

START_SECONDS = 10.0
HOST = "127.0.0.1"


class LocalServer:
    """Serves one `make_session(loop)` to each connection, between `start` and `stop`; both may be repeated."""

    def __init__(
        self,
        make_session: Callable[[asyncio.AbstractEventLoop], SMTP],
        tls_from_the_start: ssl.SSLContext | None = None,
    ) -> None:
        self._make_session = make_session
        self._tls = tls_from_the_start
        self._sessions: WeakSet[SMTP] = WeakSet()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self.port = 0

    def start(self, port: int = 0) -> None:
        """Listen on `port`, or on any; `port` is known afterwards. OSError when it cannot be had."""
        started: Future[int] = Future()
        self._thread = threading.Thread(
            target=self._run, args=(started, port), name="local-smtp", daemon=True
        )
        self._thread.start()
        self.port = started.result(timeout=START_SECONDS)

    def stop(self) -> None:
        """Cut every connection and stop listening; returns when the port is free."""
        if self._thread is None or self._loop is None or self._stopping is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._thread = self._loop = self._stopping = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self, started: "Future[int]", port: int) -> None:
        try:
            asyncio.run(self._serve(started, port))
        except Exception as error:  # the thread that waits in start() has to hear of it
            if started.done():
                raise
            started.set_exception(error)

    async def _serve(self, started: "Future[int]", port: int) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(self._new_session, HOST, port, ssl=self._tls)
        started.set_result(server.sockets[0].getsockname()[1])
        await self._stopping.wait()
        server.close()
        for session in list(self._sessions):
            if isinstance(session.transport, asyncio.WriteTransport):
                session.transport.abort()
        await server.wait_closed()
        await asyncio.sleep(0)  # the aborted transports close in the next turn of the loop

    def _new_session(self) -> SMTP:
        session = self._make_session(asyncio.get_running_loop())
        self._sessions.add(session)
        return session

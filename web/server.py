"""Serves the application on a socket that is already bound, until cancelled."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

GRACE = 2
"""Seconds for requests under way when the process stops."""


class _Server(uvicorn.Server):
    """Leaves the signals of the process to whoever runs it: there are other parts to be stopped."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: FastAPI, bound: socket.socket) -> None:
    """Answer requests until cancelled, then let those under way finish."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=GRACE
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[bound.dup()]))
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        server.should_exit = True
        await running
        raise

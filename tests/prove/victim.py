"""A worker process as the proofs see it: started, watched, killed by its own failpoint, started again."""

import asyncio
import multiprocessing
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from multiprocessing.context import ForkServerContext, ForkServerProcess

from tests.prove.worker_process import Part, main

STOP_TIMEOUT = 20.0


def fork_server() -> ForkServerContext:
    """New worker processes come from a server that has imported everything and started nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.prove.worker_process", "pytest"])
    return context


@dataclass(frozen=True)
class Death:
    """A worker that died by SIGKILL at the failpoint it was armed with."""

    failpoint: str

    @property
    def point(self) -> str:
        """The failpoint without its count."""
        return self.failpoint.partition(":")[0]


class Victim:
    """One worker at a time; after a death the next one starts, armed with the next failpoint that waits."""

    def __init__(self, part: Part, on_death: Callable[[], None]) -> None:
        """`on_death` is called before the next one starts."""
        self._part, self._on_death = part, on_death
        self._process: ForkServerProcess | None = None
        self._waiting: list[str] = []
        self.armed = ""
        self.deaths: list[Death] = []

    @property
    def pid(self) -> int | None:
        """Of the process that runs now."""
        return self._process.pid if self._process else None

    async def arm(self, failpoints: list[str]) -> None:
        """Have the worker die at these, one after the other; a running one is stopped first."""
        self._waiting = list(failpoints)
        await self.stop()
        self._start()

    def change(self, environment: Mapping[str, str]) -> None:
        """Other settings for the workers to come."""
        self._part = replace(self._part, environment={**self._part.environment, **environment})

    def _start(self) -> None:
        self.armed = self._waiting.pop(0) if self._waiting else ""
        part = replace(self._part, failpoint=self.armed)
        self._process = fork_server().Process(target=main, args=(part,), daemon=True)
        self._process.start()

    def look(self) -> None:
        """Start the next one where this one has died at its failpoint. Any other death is an error."""
        if self._process is None or self._process.is_alive():
            return
        code, said = self._process.exitcode, self._said()
        point = self.armed.partition(":")[0]
        if code != -signal.SIGKILL or not point or not said.endswith(f"failpoint {point}"):
            raise AssertionError(f"the worker ended with {code}, armed with {self.armed!r}: {said[-3000:]}")
        self.deaths.append(Death(self.armed))
        self._on_death()
        self._start()

    def _said(self) -> str:
        return self._part.log.read_text(encoding="utf-8").rstrip() if self._part.log.exists() else ""

    async def stop(self) -> None:
        """Ask it to end, as a person would; it must obey. One that dies at its failpoint meanwhile has died."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        await asyncio.to_thread(process.join, STOP_TIMEOUT)
        if process.exitcode is None:
            process.kill()
            raise AssertionError(f"the worker did not stop: {self._said()[-3000:]}")
        self.armed = ""

    def end(self) -> None:
        """At the end of a proof, whatever happened in it."""
        if self._process is not None and self._process.is_alive():
            self._process.kill()
            self._process.join()

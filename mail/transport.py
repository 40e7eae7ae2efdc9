"""Carries many messages over a few kept connections; one bad recipient never holds up the others."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from aiosmtplib import SMTPException

from mail.connection import Connection
from mail.faults import Stage
from mail.message import Outgoing
from mail.outcome import Outcome, failed
from mail.settings import SmtpSettings

OnOutcome = Callable[[int, Outcome], None]
"""Told the outcome of the message with that index as soon as it is known."""


def _untold(index: int, outcome: Outcome) -> None:
    """Nobody wants to know before the end."""


@dataclass
class _Batch:
    """One call's work: what waits, what became of the rest, and why no (further) line could be opened."""

    waiting: deque[tuple[int, Outgoing]]
    tell: OnOutcome
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    problem: Exception | None = None

    def settle(self, index: int, outcome: Outcome) -> None:
        """This became of that message."""
        self.outcomes[index] = outcome
        self.tell(index, outcome)


class Carrier:
    """Hands mail to one server. Belongs to one event loop; may be used by many tasks at once."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._places = asyncio.Semaphore(settings.connections)
        self._idle: list[Connection] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        idle, self._idle = self._idle, []
        await asyncio.gather(*(connection.close() for connection in idle))

    async def send_many(self, messages: Sequence[Outgoing], tell: OnOutcome = _untold) -> list[Outcome]:
        """Try every message once, each in its own envelope; the outcomes are in the order of the messages.

        `tell` hears of each as soon as it is known.

        A line that breaks is opened anew. When no line can be opened, all that is left gets that failure at
        the stage CONNECT, without a wait for each message.
        """
        batch = _Batch(deque(enumerate(messages)), tell)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._settings.connections, len(messages))):
                group.create_task(self._work(batch))
        for index, message in batch.waiting:
            problem = batch.problem or ConnectionError("no connection")
            batch.settle(index, failed(message, problem, Stage.CONNECT))
        return [batch.outcomes[index] for index in range(len(messages))]

    async def _work(self, batch: _Batch) -> None:
        """Empty the batch over one line, together with the other workers; leave when no line can be had."""
        async with self._places:
            line: Connection | None = None
            try:
                while batch.waiting:
                    line = await self._line(line)
                    await _send_next(line, batch)
            except (OSError, SMTPException) as problem:
                batch.problem = problem
            finally:
                if line is not None and line.is_open:
                    self._idle.append(line)

    async def _line(self, current: Connection | None) -> Connection:
        if current is not None and current.is_open:
            return current
        while self._idle:
            kept = self._idle.pop()
            if kept.is_open:
                return kept
        return await Connection.open(self._settings)


async def _send_next(line: Connection, batch: _Batch) -> None:
    if not batch.waiting:  # the others were faster while this line was being opened
        return
    index, message = batch.waiting.popleft()
    outcome = await line.send(message)
    if line.went_stale(outcome):
        batch.waiting.appendleft((index, message))
    else:
        batch.settle(index, outcome)

"""How fast the carrier is beside a bare loop over the library: same messages, same server, same connections."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from aiosmtplib import SMTP

from mail.message import Outgoing, build
from mail.settings import SmtpSettings
from mail.transport import Carrier
from tests.mail.samples import outgoing, settings

pytestmark = [pytest.mark.prove, pytest.mark.timeout(300)]

MESSAGES = 2000
ROUNDS = 3
CONNECTIONS = 4
GOAL = 0.8
SERVER = """
import sys
from pathlib import Path
from mail.sink import MailSink

with MailSink(Path(sys.argv[1])) as sink:
    print(sink.port, flush=True)
    sys.stdin.read()
    print(sink.count, flush=True)
"""


@pytest.fixture
def sink_process(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A sink in a process of its own, so that only the sender's work is compared."""
    command = [sys.executable, "-c", SERVER, str(tmp_path / "caught.mbox")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process


async def bare_loop(server: SmtpSettings, letters: list[Outgoing]) -> None:
    async def share(part: list[Outgoing]) -> None:
        async with SMTP(hostname=server.host, port=server.port, start_tls=False) as client:
            for letter in part:
                await client.send_message(build(letter))

    await asyncio.gather(*(share(letters[first::CONNECTIONS]) for first in range(CONNECTIONS)))


async def carried(server: SmtpSettings, letters: list[Outgoing]) -> None:
    async with Carrier(server) as carrier:
        outcomes = await carrier.send_many(letters)
    assert all(outcome.fault is None for outcome in outcomes)


async def rate(
    send: Callable[[SmtpSettings, list[Outgoing]], Awaitable[None]], server: SmtpSettings
) -> float:
    letters = [outgoing(number, text="请于3月10日前报送办理情况。\n" * 40) for number in range(MESSAGES)]
    started = time.perf_counter()
    await send(server, letters)
    return MESSAGES / (time.perf_counter() - started)


async def test_the_carrier_keeps_four_fifths_of_the_bare_rate(sink_process: subprocess.Popen[str]) -> None:
    assert sink_process.stdout is not None
    port = int(sink_process.stdout.readline())
    server = settings(f"smtp://127.0.0.1:{port}?from=office@example.gov.cn", connections=CONNECTIONS)
    bare, ours = [], []
    for _ in range(ROUNDS):  # in turn, so that a busy machine slows both
        bare.append(await rate(bare_loop, server))
        ours.append(await rate(carried, server))

    print(f"bare {bare}\nours {ours}\nratio of the best {max(ours) / max(bare):.2f}")
    count = sink_process.communicate()[0]
    assert int(count) == 2 * ROUNDS * MESSAGES
    assert max(ours) >= GOAL * max(bare)

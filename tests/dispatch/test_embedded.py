"""The embedded server is found again, kept alive, and never mistaken for another."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.connect import is_reachable
from dispatch.embedded import EmbeddedServer
from dispatch.left_behind import end_left_behind, remember
from dispatch.ports import HOST, free_port, listening
from domain.errors import InvalidInputError
from tests.temporal import eventually


async def test_two_that_start_at_once_each_get_a_port_of_their_own(tmp_path: Path) -> None:
    first, second = (EmbeddedServer(tmp_path / name / "t.db") for name in ("a", "b"))
    second.port = first.port
    try:
        await asyncio.gather(first.start(), second.start())
        assert first.port != second.port
        assert first.pid != second.pid
    finally:
        await asyncio.to_thread(first.stop)
        await asyncio.to_thread(second.stop)


async def test_one_whose_port_is_given_and_taken_says_so(tmp_path: Path) -> None:
    with listening(HOST, free_port()) as taken:
        server = EmbeddedServer(tmp_path / "t.db", port=taken.getsockname()[1])
        with pytest.raises(InvalidInputError, match="stopped at once"):
            await server.start()
        await asyncio.to_thread(server.stop)


async def test_kept_it_comes_back_on_its_port_with_its_data(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path / "t.db", port=free_port()) as server:
        client = await server.connect()
        before, address = server.pid, server.address
        assert before is not None
        keeping = asyncio.create_task(server.keep())
        os.kill(before, signal.SIGKILL)

        async def back() -> bool:
            return server.pid not in {None, before} and await is_reachable(client)

        await eventually(back, "the server is back")
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping
        assert server.address == address


async def test_one_left_behind_is_ended_before_the_next_takes_its_file(tmp_path: Path) -> None:
    orphan = EmbeddedServer(tmp_path / "t.db", port=free_port())
    await orphan.start()
    pid = orphan.pid
    async with EmbeddedServer(tmp_path / "t.db", port=free_port()) as server:
        assert server.pid != pid
        assert orphan._process is not None
        assert orphan._process.wait(5) is not None


def test_a_process_that_only_bears_the_number_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        remember(tmp_path / "t.db", stranger.pid)
        end_left_behind(tmp_path / "t.db")
        alive = stranger.poll() is None
        stranger.kill()

    assert alive
    assert not (tmp_path / "t.pid").exists()


def test_a_taken_port_leads_to_the_next_and_a_strange_address_is_refused() -> None:
    with listening(HOST, 0) as first:
        port = first.getsockname()[1]
        with listening(HOST, port) as second:
            assert second.getsockname()[1] > port
    with pytest.raises(InvalidInputError, match="no address of this machine"):
        listening("192.0.2.1", 8080)

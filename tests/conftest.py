"""What holds for every test: no way out of this machine, no settings of whoever runs them, one hypothesis profile."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.postgres", "tests.office", "tests.temporal"]

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"

settings.register_profile("ci", derandomize=True, deadline=None, database=None)
settings.register_profile(
    "prove", max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def stays_here(sock: socket.socket, address: Any) -> bool:
    """Whether a connection to `address` cannot leave this machine."""
    if sock.family not in {socket.AF_INET, socket.AF_INET6}:
        return True
    host = address[0]
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session", autouse=True)
def _no_way_out() -> Iterator[None]:
    """Connections of Python's sockets to anything but this machine fail at once, naming the address."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(sock: socket.socket, address: Any) -> None:
        if not stays_here(sock, address):
            raise PermissionError(f"A test must not leave this machine: {address}")
        connect(sock, address)

    def guarded_ex(sock: socket.socket, address: Any) -> int:
        if not stays_here(sock, address):
            raise PermissionError(f"A test must not leave this machine: {address}")
        return connect_ex(sock, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        patch.setattr(socket.socket, "connect_ex", guarded_ex)
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_the_person() -> Iterator[None]:
    """A test that wants a setting sets it itself."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.upper().startswith("DUBAN_"):
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of real documents beside the repository; who asks for it is skipped aloud without it."""
    if not SHARED.is_dir():
        pytest.skip("../shared is missing: real documents not tested")
    return SHARED

import os
import socket

import pytest


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.org", 443)])
def test_a_test_cannot_leave_this_machine(address: tuple[str, int]) -> None:
    with socket.socket() as sock, pytest.raises(PermissionError, match="must not leave"):
        sock.connect(address)
    with socket.socket() as sock, pytest.raises(PermissionError, match="must not leave"):
        sock.connect_ex(address)


def test_a_test_reaches_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as sock:
        sock.connect(server.getsockname())

        assert sock.getpeername() == server.getsockname()


def test_settings_of_the_person_do_not_reach_a_test() -> None:
    assert not [name for name in os.environ if name.startswith("DUBAN_")]

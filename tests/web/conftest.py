"""What every test of the pages may ask for."""

import pytest
from argon2 import PasswordHasher

from services import passwords
from tests.web.browser import web

__all__ = ["quick_passwords", "web"]


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hashing at its least cost: every test signs somebody in."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))

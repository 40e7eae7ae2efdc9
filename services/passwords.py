"""Passwords: which are good enough, and how they are kept.

Hashing takes a tenth of a second and 64 MiB by design, so it is done outside every transaction, and at most
TOGETHER at a time in one process.
"""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import RefusedError

SHORTEST, LONGEST = 10, 256
TOGETHER = 2
_HASHER = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)
_GATE = BoundedSemaphore(TOGETHER)
_NOBODYS = _HASHER.hash("nobody has this password")


def check_password(password: str, login: str) -> None:
    """Raise RefusedError for a password that is easily guessed (NIST SP 800-63B: length, no composition rules)."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise RefusedError("A password has %(least)s to %(most)s characters.", least=SHORTEST, most=LONGEST)
    plain = password.lower()
    if login.lower() in plain or len(set(plain)) < 5 or plain in _sequences():
        raise RefusedError("This password is easily guessed: take another, longer one.")


def _sequences() -> frozenset[str]:
    rows = (
        "01234567890123456789",
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiopasdfghjklzxcvbnm",
        "password123456789",
    )
    return frozenset(
        row[start : start + size]
        for row in rows
        for size in range(SHORTEST, len(row) + 1)
        for start in range(len(row) - size + 1)
    )


def hash_password(password: str) -> str:
    """The argon2id hash to keep."""
    with _GATE:
        return _HASHER.hash(password)


def is_password(password: str, kept: str | None) -> bool:
    """Whether it is the one kept. None (no such account, or none set) takes just as long and is never right."""
    with _GATE:
        try:
            _HASHER.verify(kept or _NOBODYS, password)
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None

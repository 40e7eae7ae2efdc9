"""Secrets that are shown once and kept only as a hash: what a cookie, a link or an API client carries."""

import hashlib
import secrets


def new_token() -> str:
    """A secret of 192 bits, safe in an address."""
    return secrets.token_urlsafe(24)


def hash_of(token: str) -> str:
    """What is kept of it."""
    return hashlib.sha256(token.encode()).hexdigest()

"""Signing in through the identity provider of a site."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.columns import instant


class OidcAttempt(SQLModel, table=True):
    """A browser that was sent to the provider and is not back yet. Its cookie holds a token; here is only the hash."""

    __tablename__ = "oidc_attempt"

    token_sha256: str = Field(primary_key=True, max_length=64)
    state: str = Field(max_length=64)
    nonce: str = Field(max_length=64)
    verifier: str = Field(max_length=128)
    next: str = Field(max_length=2000)
    """The page of ours that was asked for."""
    ends_at: datetime = instant(index=True)

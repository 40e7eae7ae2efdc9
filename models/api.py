"""What other programs use: access tokens of an account."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.columns import instant, json_column, key, maybe_instant, ref


class ApiToken(SQLModel, table=True):
    """A token with which a program acts as an account, within its scopes. Only its hash is kept."""

    __tablename__ = "api_token"

    id: int | None = key()
    account_id: int = ref("account.id", index=True)
    name: str = Field(max_length=80)
    token_sha256: str = Field(unique=True, max_length=64)
    scopes: list[str] = json_column()
    made_at: datetime = instant()
    ends_at: datetime = instant()
    used_at: datetime | None = maybe_instant()
    ended_at: datetime | None = maybe_instant()

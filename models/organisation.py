"""Units, the names they go by, what became of them, and the accounts of their posts."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import key, maybe_instant, ref


class AccountRole(StrEnum):
    """What an account may do (WORDS: the people)."""

    LEADER = "leader"
    SUPERVISION_OFFICE = "supervision_office"
    UNIT_HEAD = "unit_head"
    UNIT_OFFICER = "unit_officer"
    APPRAISER = "appraiser"
    AUDITOR = "auditor"
    """Reads everything, changes nothing."""
    ADMINISTRATOR = "administrator"
    """Manages accounts, units and settings, decides nothing."""


class Unit(SQLModel, table=True):
    """An organ, office or enterprise. `level` counts from 1 at the root; `path` is /1/4/17/ of ids."""

    __tablename__ = "unit"

    id: int | None = key()
    code: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=120, index=True)
    kind: str = Field(max_length=40)
    grouping: str = Field(default="", max_length=120)
    parent_id: int | None = ref("unit.id", index=True, nullable=True)
    level: int
    path: str = Field(max_length=400, index=True)
    position: int
    email: str = Field(default="", max_length=254)
    liaison_post: bool | None = None
    """Whether a liaison post is filled; None where nobody said. Never who fills it."""
    abolished_at: datetime | None = maybe_instant()


class UnitAlias(SQLModel, table=True):
    """Another name of a unit: its short form, a former name, a person's correction."""

    __tablename__ = "unit_alias"
    __table_args__ = (UniqueConstraint("unit_id", "alias"),)

    id: int | None = key()
    unit_id: int = ref("unit.id", index=True)
    alias: str = Field(max_length=120, index=True)
    reason: str = Field(max_length=40)


class UnitSuccession(SQLModel, table=True):
    """What became of a unit: renamed, merged, abolished."""

    __tablename__ = "unit_succession"
    __table_args__ = (UniqueConstraint("from_id", "to_id"),)

    id: int | None = key()
    from_id: int = ref("unit.id", index=True)
    to_id: int = ref("unit.id")
    kind: str = Field(max_length=20)
    effective_at: datetime | None = maybe_instant()


class Account(SQLModel, table=True):
    """A sign-in of a post. It holds what law 6 allows and nothing else."""

    __tablename__ = "account"

    id: int | None = key()
    login: str = Field(unique=True, max_length=80)
    name: str = Field(max_length=80)
    unit_id: int | None = ref("unit.id", index=True, nullable=True)
    """None for the administrator whom the first start makes: there are no units yet."""
    role: str = Field(max_length=30)
    email: str = Field(default="", max_length=254)
    telephone: str = Field(default="", max_length=40)
    language: str = Field(default="", max_length=10)
    wants_mail: bool = True
    active: bool = True

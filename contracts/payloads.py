"""What workflows and activities hand each other: ids, counts and seconds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Owner:
    """Which row a workflow keeps time for."""

    id: int


@dataclass(frozen=True)
class Poke:
    """Look again: the row is at this clock version. Nothing else is said; the row decides."""

    clock_version: int


@dataclass(frozen=True)
class Advanced:
    """What a wake-up did and how long to wait: None means until poked. `note` is for the reader of the history."""

    closed: bool = False
    wait_seconds: float | None = None
    period_ended: bool = False
    note: str = ""


@dataclass(frozen=True)
class Trace:
    """The activity by which Temporal ran an act; empty strings where a person acted."""

    workflow_id: str = ""
    run_id: str = ""
    activity_id: str = ""

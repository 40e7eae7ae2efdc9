"""The people of a played year: their accounts, and what is common to all they do.

Every act is done through the same services as anybody's, by an account that has the right to it.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.errors import DubanError
from domain.evidence import EvidenceLimits
from domain.instants import day_of
from domain.ladder import CivilFrame
from models.organisation import AccountRole
from play.agenda import Agenda
from play.chance import Chance
from services import evidence
from services.office import Actor, Office
from services.watch import ReadRow, actors
from store.evidence import EvidenceStore


@dataclass(frozen=True)
class Stage:
    """Where the people act."""

    office: Office
    frame: CivilFrame
    evidence: EvidenceStore
    agenda: Agenda
    chance: Chance


@dataclass
class Cast:
    """Who acts. A refusal is noted in `refused`, as a person would be told of it."""

    stage: Stage
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._by_unit: dict[int, Actor] = {}
        self._by_role: dict[str, Actor] = {}
        for actor in actors(self.stage.office):
            self._by_role.setdefault(actor.role, actor)
            if actor.role == AccountRole.UNIT_OFFICER and actor.unit_id is not None:
                self._by_unit[actor.unit_id] = actor

    def officer(self, unit_id: int) -> Actor:
        """The officer's account of a unit."""
        return self._by_unit[unit_id]

    @property
    def leader(self) -> Actor:
        """The leader of the issuing office."""
        return self._by_role[AccountRole.LEADER]

    @property
    def supervision(self) -> Actor:
        """The supervision office."""
        return self._by_role[AccountRole.SUPERVISION_OFFICE]

    def do(self, act: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
        """Do an act; after a refusal nothing follows from it."""
        try:
            return act()
        except DubanError as error:
            self.refused.append(str(error))
            return None

    def give_evidence(self, row: ReadRow, task_id: int, now: datetime, label: str) -> None:
        """A small text file, different for each unit, item and round, stored and attached."""
        officer = self.officer(row.unit_id)
        today = day_of(now, self.stage.frame.tz)
        text = f"{row.name}\n第{row.position}项任务办理情况记录（{label}）\n{today.isoformat()}\n现场检查记录与验收意见齐全。\n"
        name = f"办理情况记录-{label}.txt"
        stored = self.stage.evidence.put(io.BytesIO(text.encode()), name, EvidenceLimits())
        request = evidence.AddEvidence(
            unit_task_id=task_id,
            sha256=stored.sha256,
            size=stored.size,
            media_type=stored.media_type,
            name=name,
            effective_on=today,
        )
        self.do(lambda: evidence.add_evidence(self.stage.office, officer, now, request))

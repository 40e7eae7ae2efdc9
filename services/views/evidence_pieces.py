"""Pieces of evidence as pages show them: those of a task, those its unit gave elsewhere, one to be downloaded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from domain.errors import NotFoundError
from models.columns import table
from models.unit_task import Evidence, EvidenceFile, UnitTask
from services.access import evidence_for
from services.office import Office
from services.sign_in import SignedIn
from store.sessions import reading

_EVIDENCE, _FILE, _TASK = table(Evidence), table(EvidenceFile), table(UnitTask)
REUSABLE_SHOWN = 20


@dataclass(frozen=True)
class EvidencePiece:
    """A piece of evidence. `pending`: it goes with the next submission; `size` in octets."""

    id: int
    unit_task_id: int
    name: str
    version: int
    media_type: str
    size: int
    sha256: str
    effective_on: date
    uploaded_at: datetime
    pending: bool


def pieces_of(connection: Connection, unit_task_id: int) -> tuple[EvidencePiece, ...]:
    """The pieces of a task in the order they came."""
    return _read(connection, _chosen().where(_EVIDENCE.c.unit_task_id == unit_task_id))


def reusable_pieces(connection: Connection, unit_id: int, unit_task_id: int) -> tuple[EvidencePiece, ...]:
    """What the unit gave last for other tasks and not for this one yet, each content once, newest first."""
    here = select(_EVIDENCE.c.sha256).where(_EVIDENCE.c.unit_task_id == unit_task_id)
    last = (
        select(func.max(_EVIDENCE.c.id))
        .join(_TASK, _TASK.c.id == _EVIDENCE.c.unit_task_id)
        .where(_TASK.c.unit_id == unit_id, _EVIDENCE.c.sha256.not_in(here))
        .group_by(_EVIDENCE.c.sha256)
        .order_by(func.max(_EVIDENCE.c.id).desc())
        .limit(REUSABLE_SHOWN)
    )
    return _read(connection, _chosen().where(_EVIDENCE.c.id.in_(last)))[::-1]


def pieces_by_id(office: Office, unit_id: int, ids: Iterable[int]) -> tuple[EvidencePiece, ...]:
    """Pieces the unit gave for tasks of its own. Raises NotFoundError for any other."""
    wanted = set(ids)
    mine = (_EVIDENCE.c.id.in_(wanted), _TASK.c.unit_id == unit_id)
    with reading(office.engine) as session:
        found = _read(session.connection(), _chosen().where(*mine))
    for missing in wanted - {piece.id for piece in found}:
        raise NotFoundError("There is no evidence %(id)s.", id=missing)
    return found


def evidence_piece(office: Office, me: SignedIn, evidence_id: int) -> EvidencePiece:
    """One piece. Raises NotFoundError for one the reader may not see."""
    with reading(office.engine) as session:
        connection = session.connection()
        row = evidence_for(connection, me, evidence_id)
        return _read(connection, _chosen().where(_EVIDENCE.c.id == row.id))[0]


def _chosen() -> Select[Any]:
    return (
        select(_EVIDENCE, _FILE.c.media_type, _FILE.c.size)
        .join(_FILE, _FILE.c.sha256 == _EVIDENCE.c.sha256)
        .join(_TASK, _TASK.c.id == _EVIDENCE.c.unit_task_id)
        .order_by(_EVIDENCE.c.id)
    )


def _read(connection: Connection, chosen: Select[Any]) -> tuple[EvidencePiece, ...]:
    return tuple(
        EvidencePiece(
            id=row.id,
            unit_task_id=row.unit_task_id,
            name=row.name,
            version=row.version,
            media_type=row.media_type,
            size=row.size,
            sha256=row.sha256,
            effective_on=row.effective_on,
            uploaded_at=row.uploaded_at,
            pending=row.submission_id is None,
        )
        for row in connection.execute(chosen)
    )

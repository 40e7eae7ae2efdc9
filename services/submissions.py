"""Handing in with the proof at once: the pieces and the submission are one act, or none of it happens."""

from datetime import date

from pydantic import Field

from domain.unit_task import Act
from services.evidence import MOST_PIECES, AddEvidence, attach
from services.rectifications import SubmitRectification, hand_in_rectification, lock_rectification
from services.rows import Case
from services.transaction import Answer, Request, Transaction, act
from services.unit_tasks import Submit, Text, hand_in


class Piece(Request):
    """A stored file, as in AddEvidence; the unit task is the submission's."""

    sha256: str
    size: int
    media_type: str
    name: str
    effective_on: date


class AddPieces(Request):
    """Some stored files as proof of one task, all of them or none."""

    unit_task_id: int
    evidence: tuple[Piece, ...] = Field(min_length=1, max_length=MOST_PIECES)


class SubmitWithEvidence(Request):
    """报送 with its proof. The bytes lie in the evidence store already."""

    unit_task_id: int
    text: Text
    evidence: tuple[Piece, ...] = Field(max_length=MOST_PIECES)


class MendWithEvidence(Request):
    """The same for a rectification; its proof lies with the unit task."""

    rectification_id: int
    report: Text
    evidence: tuple[Piece, ...] = Field(max_length=MOST_PIECES)


@act
def add_pieces(tx: Transaction, request: AddPieces) -> Answer:
    """Attach the pieces. Raises what `attach` raises."""
    _attach(tx, request.unit_task_id, request.evidence)
    return {"evidence": len(request.evidence)}


@act
def submit_with_evidence(tx: Transaction, request: SubmitWithEvidence) -> Answer:
    """Attach the pieces and hand the task in. Raises what both acts raise."""
    Case(tx, request.unit_task_id, Act.SUBMIT)  # locks item before task, and refuses what cannot be handed in
    _attach(tx, request.unit_task_id, request.evidence)
    return hand_in(tx, Submit(unit_task_id=request.unit_task_id, text=request.text))


@act
def mend_with_evidence(tx: Transaction, request: MendWithEvidence) -> Answer:
    """Attach the pieces to the rectification's unit task and ask for verification. Raises what both acts raise."""
    row = lock_rectification(tx, request.rectification_id)
    _attach(tx, row.unit_task_id, request.evidence)
    mended = SubmitRectification(rectification_id=request.rectification_id, report=request.report)
    return hand_in_rectification(tx, mended)


def _attach(tx: Transaction, unit_task_id: int, pieces: tuple[Piece, ...]) -> None:
    for piece in pieces:
        attach(tx, AddEvidence(unit_task_id=unit_task_id, **piece.model_dump()))

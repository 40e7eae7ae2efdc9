"""Proof of a task: the bytes are stored first, then this act says whose proof they are."""

from datetime import date

from pydantic import Field
from sqlalchemy import func, insert, select

from domain.errors import InvalidInputError, NotFoundError, RefusedError, WrongStateError
from domain.unit_task import CLOSED, State
from models.columns import table
from models.rectification import MENDING, Rectification
from models.unit_task import Evidence, EvidenceFile, UnitTask
from services.rows import require_unit
from services.transaction import Answer, Request, Transaction, act

_EVIDENCE, _FILE, _TASK, _RECTIFICATION = (
    table(Evidence),
    table(EvidenceFile),
    table(UnitTask),
    table(Rectification),
)
MOST_PIECES = 20
"""Pieces one submission may carry."""


class AddEvidence(Request):
    """A stored file as proof of a task. `effective_on` is the day it speaks of, not the day it came."""

    unit_task_id: int
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    size: int = Field(gt=0)
    media_type: str = Field(max_length=120)
    name: str = Field(min_length=1, max_length=200)
    effective_on: date


def _is_mending(tx: Transaction, task_id: int) -> bool:
    """Whether a rectification of the task is open: its proof is added to the task, closed or not."""
    mine = (_RECTIFICATION.c.unit_task_id == task_id, _RECTIFICATION.c.state.in_(MENDING))
    return tx.one(select(_RECTIFICATION.c.id).where(*mine).limit(1)) is not None


@act
def add_evidence(tx: Transaction, request: AddEvidence) -> Answer:
    """Attach one piece; see `attach`."""
    return attach(tx, request)


def attach(tx: Transaction, request: AddEvidence) -> Answer:
    """Attach a piece; a second one of the same name is a new version. Nothing is ever deleted."""
    task = tx.one(select(_TASK).where(_TASK.c.id == request.unit_task_id).with_for_update())
    if task is None:
        raise NotFoundError("There is no unit task %(id)s.", id=request.unit_task_id)
    account = require_unit(tx, task.unit_id)
    if task.state in CLOSED and not _is_mending(tx, task.id):
        raise WrongStateError(
            "A unit task that is %(state)s takes no more evidence.", state=State(task.state)
        )
    if request.effective_on > tx.today:
        raise InvalidInputError(
            "Evidence cannot speak of a day to come, %(day)s.", day=request.effective_on.isoformat()
        )
    mine = _EVIDENCE.c.unit_task_id == task.id
    waiting = tx.run(
        select(func.count()).select_from(_EVIDENCE).where(mine, _EVIDENCE.c.submission_id.is_(None))
    ).scalar_one()
    if waiting >= MOST_PIECES:
        raise RefusedError("One submission carries at most %(most)s files.", most=MOST_PIECES)
    if tx.one(select(_FILE.c.sha256).where(_FILE.c.sha256 == request.sha256)) is None:
        row = {
            "sha256": request.sha256,
            "size": request.size,
            "media_type": request.media_type,
            "stored_at": tx.now,
        }
        tx.run(insert(_FILE), row)
    version = (
        tx.run(
            select(func.count()).select_from(_EVIDENCE).where(mine, _EVIDENCE.c.name == request.name)
        ).scalar_one()
        + 1
    )
    piece = {"unit_task_id": task.id, "sha256": request.sha256, "name": request.name, "version": version}
    piece |= {"effective_on": request.effective_on, "uploaded_at": tx.now, "account_id": account}
    new = tx.run(insert(_EVIDENCE).returning(_EVIDENCE.c.id), piece).scalar_one()
    tx.record(
        "add_evidence", f"unit_task/{task.id}", sha256=request.sha256, name=request.name, version=version
    )
    return {"evidence_id": new, "version": version}

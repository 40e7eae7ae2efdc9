"""代录: what a unit without a sign-in of its own sent on paper, entered for it by the supervision office.

The scan of the paper is attached with it. The rows name the account that entered it, the trail both: the account
that acted and the unit for which. Whoever entered a submission does not review it.
"""

from dataclasses import replace
from enum import StrEnum

from pydantic import Field
from sqlalchemy import Connection, select

from domain.errors import InvalidInputError, NotAllowedError, NotFoundError
from domain.unit_task import Act
from models.columns import table
from models.organisation import Account, AccountRole, Unit
from models.sign_in import Credential
from models.unit_task import UnitTask
from services.evidence import AddEvidence, attach
from services.office import OnBehalf
from services.rows import Case, require_role
from services.submissions import Piece
from services.transaction import Answer, Request, Transaction, act
from services.unit_tasks import (
    Acknowledge,
    ReportProgress,
    Submit,
    confirm,
    hand_in,
    report,
)

_ACCOUNT, _UNIT, _CREDENTIAL, _TASK = table(Account), table(Unit), table(Credential), table(UnitTask)
UNIT_ROLES = (AccountRole.UNIT_OFFICER, AccountRole.UNIT_HEAD)


class PaperAct(StrEnum):
    """What the paper says."""

    ACKNOWLEDGE = "acknowledge"
    REPORT_PROGRESS = "report_progress"
    SUBMIT = "submit"


class EnterPaper(Request):
    """A paper of a unit about its task. `text` and, for a progress report, `progress` are what stands on it."""

    unit_task_id: int
    what: PaperAct
    scan: Piece
    text: str = Field(default="", max_length=5000)
    progress: int = Field(default=0, ge=0, le=100)


@act
def enter_paper(tx: Transaction, request: EnterPaper) -> Answer:
    """Attach the scan and do what the paper says, as one act.

    Raises NotAllowedError where the unit signs in itself, InvalidInputError without the paper's words, and what
    the acts themselves raise.
    """
    require_role(tx, AccountRole.SUPERVISION_OFFICE)
    task = tx.one(select(_TASK.c.unit_id).where(_TASK.c.id == request.unit_task_id))
    if task is None:
        raise NotFoundError("There is no unit task %(id)s.", id=request.unit_task_id)
    unit = tx.run(select(_UNIT.c.id, _UNIT.c.name).where(_UNIT.c.id == task.unit_id)).one()
    if signs_in(tx.connection, unit.id):
        raise NotAllowedError("%(unit)s signs in itself: nobody enters papers for it.", unit=unit.name)
    tx.actor = replace(tx.actor, on_behalf=OnBehalf(unit.id, unit.name))
    Case(tx, request.unit_task_id, Act(request.what))  # locks item before task, and refuses what does not fit
    attach(tx, AddEvidence(unit_task_id=request.unit_task_id, **request.scan.model_dump()))
    return _done(tx, request)


def signs_in(connection: Connection, unit_id: int) -> bool:
    """Whether an account of that unit's own posts is open and has a password."""
    mine = (_ACCOUNT.c.unit_id == unit_id, _ACCOUNT.c.role.in_(UNIT_ROLES), _ACCOUNT.c.active)
    with_password = select(_ACCOUNT.c.id).join(_CREDENTIAL, _CREDENTIAL.c.account_id == _ACCOUNT.c.id)
    return connection.execute(with_password.where(*mine).limit(1)).first() is not None


def _done(tx: Transaction, request: EnterPaper) -> Answer:
    task = request.unit_task_id
    if request.what is PaperAct.ACKNOWLEDGE:
        return confirm(tx, Acknowledge(unit_task_id=task))
    if not request.text.strip():
        raise InvalidInputError("Fill in: %(field)s.", field="text")
    if request.what is PaperAct.REPORT_PROGRESS:
        return report(tx, ReportProgress(unit_task_id=task, progress=request.progress, text=request.text))
    return hand_in(tx, Submit(unit_task_id=task, text=request.text))

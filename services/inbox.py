"""What a unit was told is marked as read when somebody of it opens it."""

from pydantic import Field
from sqlalchemy import select, update

from domain.errors import NotFoundError
from models.columns import table
from models.organisation import AccountRole
from models.paper import Notice, NoticeKind
from services.rows import require_role
from services.transaction import Answer, Request, Transaction, act

_NOTICE = table(Notice)
READERS = (
    AccountRole.LEADER,
    AccountRole.SUPERVISION_OFFICE,
    AccountRole.UNIT_HEAD,
    AccountRole.UNIT_OFFICER,
)
"""Whose reading counts as the unit's: an auditor looks and changes nothing."""


class ReadNotice(Request):
    """One notice that was opened."""

    notice_id: int


class ReadAllNotices(Request):
    """Everything told up to a notice: what came while the page was being read stays unread."""

    up_to: int = Field(ge=0)


@act
def read_notice(tx: Transaction, request: ReadNotice) -> Answer:
    """Mark one as read, once. Raises NotFoundError for a notice of another unit."""
    require_role(tx, *READERS)
    mine = (_NOTICE.c.id == request.notice_id, _NOTICE.c.unit_id == tx.actor.unit_id)
    if tx.one(select(_NOTICE.c.id).where(*mine)) is None:
        raise NotFoundError("There is no notice %(id)s.", id=request.notice_id)
    read = tx.run(update(_NOTICE).where(*mine, _NOTICE.c.read_at.is_(None)).values(read_at=tx.now)).rowcount
    if read:
        tx.record("read_notice", f"notice/{request.notice_id}")
    return {"read": read}


@act
def read_all_notices(tx: Transaction, request: ReadAllNotices) -> Answer:
    """Mark what the unit was told as read, up to a notice."""
    require_role(tx, *READERS)
    unread = (
        _NOTICE.c.unit_id == tx.actor.unit_id,
        _NOTICE.c.read_at.is_(None),
        _NOTICE.c.kind != NoticeKind.SUPERSEDED,
        _NOTICE.c.id <= request.up_to,
    )
    read = tx.run(update(_NOTICE).where(*unread).values(read_at=tx.now)).rowcount
    if read:
        tx.record("read_all_notices", f"unit/{tx.actor.unit_id}", up_to=request.up_to, read=read)
    return {"read": read}

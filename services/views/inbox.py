"""The in-app inbox of a unit: what it was told, newest first."""

from sqlalchemy import func, select

from models.columns import table
from models.paper import Notice, NoticeKind
from services.office import Office
from store.sessions import reading

_NOTICE = table(Notice)


def unread_of(office: Office, unit_id: int | None) -> int:
    """How many notices of the unit nobody has opened yet; 0 for somebody without a unit."""
    unread = (
        _NOTICE.c.unit_id == unit_id,
        _NOTICE.c.read_at.is_(None),
        _NOTICE.c.kind != NoticeKind.SUPERSEDED,
    )
    with reading(office.engine) as session:
        return int(session.connection().execute(select(func.count()).where(*unread)).scalar_one())

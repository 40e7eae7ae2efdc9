"""Which rows the ladder wrote, and the activity each names."""

from collections.abc import Iterator

from sqlalchemy import select

from contracts.payloads import Trace
from models.columns import table
from models.paper import Letter, Notice
from services.office import Office
from store.sessions import reading

NOTICE, LETTER = table(Notice), table(Letter)


def traces_of_rows(office: Office) -> Iterator[tuple[str, Trace]]:
    """Every notice of the ladder or of a fan-out, and every letter, with the activity that wrote it."""
    by_time = (NOTICE.c.clock != "") | (NOTICE.c.rung == "assignment")
    with reading(office.engine) as session:
        connection = session.connection()
        for row in connection.execute(select(NOTICE).where(by_time)).all():
            yield f"notice {row.id}", Trace(row.workflow_id, row.run_id, row.activity_id)
        for row in connection.execute(select(LETTER)).all():
            yield f"letter {row.id}", Trace(row.workflow_id, row.run_id, row.activity_id)

"""Bugs planted in a worker under test, to prove that the proofs notice them."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import Engine, MetaData, UniqueConstraint, text

from activities import owners
from dispatch import mailer
from models.paper import MailState
from services.items import AdvanceItem, advance_item
from services.mails import MailJob, MailResult, claim_mails, record_results
from services.office import Actor, Office
from services.transaction import Answer
from store.sessions import writing

PATCH = pytest.MonkeyPatch()
"""Never undone: the process dies with it."""

TELL_AGAIN = """
    INSERT OR IGNORE INTO notice (
        kind, item_id, unit_task_id, rectification_id, unit_id, clock, rung, deadline_version, at,
        workflow_id, run_id, activity_id)
    SELECT 'remind', item_id, id, 0, unit_id, '', 'planted ' || :now, deadline_version, assigned_at, '', '', ''
    FROM unit_task WHERE item_id = :item_id
"""


def tell_outside_the_transaction() -> None:
    """An activity that tells in a transaction of its own: only the unique key of `notice` stops its retry."""

    def advance(office: Office, actor: Actor, now: datetime, request: AdvanceItem) -> Answer:
        answer = advance_item(office, actor, now, request)
        with writing(office.engine) as session:
            session.connection().execute(
                text(TELL_AGAIN), {"item_id": request.item_id, "now": now.isoformat()}
            )
        return answer

    PATCH.setattr(owners, "advance_item", advance)


def mark_sent_before_sending() -> None:
    """A mailer that writes `sent` before it sends."""

    def claim(office: Office, now: datetime, wall: datetime, limit: int) -> list[MailJob]:
        jobs = claim_mails(office, now, wall, limit)
        record_results(
            office, now, [MailResult(job.id, job.attempts, MailState.SENT, None, "") for job in jobs]
        )
        return jobs

    PATCH.setattr(mailer, "claim_mails", claim)


PLANTED: dict[str, Callable[[], None]] = {
    "tell_outside_the_transaction": tell_outside_the_transaction,
    "mark_sent_before_sending": mark_sent_before_sending,
}


def drop_unique_keys(engine: Engine, name: str) -> None:
    """Make an empty table anew without its unique keys."""
    found = MetaData()
    found.reflect(engine)
    t = found.tables[name]
    t.constraints = {one for one in t.constraints if not isinstance(one, UniqueConstraint)}
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys=OFF")
        found.drop_all(connection, [t])
        found.create_all(connection, [t])
        connection.commit()

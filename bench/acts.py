"""Acknowledgements a second: through the service, and as bare INSERTs and UPDATEs of the very same rows.

Both write one transaction an act to a SQLite file with the same PRAGMAs (WAL, synchronous=FULL) on the same
disk. The bare loop is given the rows that the service wrote, ready made, hashes and all, and writes them into
a copy of the database taken before.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bench.figure import Figure, median, say, timed
from bench.site import OPENS, TASK, Place, draft, fan_out, make_place
from services.directives import OnDirective, publish
from services.unit_tasks import Acknowledge, acknowledge
from store.sessions import reading

ACTS = 1000
ROUNDS = 5
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=5000",
    "temp_store=MEMORY",
)
STATEMENTS = (
    "UPDATE unit_task SET state = ?, acknowledged_at = ?, version = ? WHERE id = ?",
    "INSERT INTO acknowledgement (id, unit_task_id, account_id, text_sha256, at) VALUES (?, ?, ?, ?, ?)",
    "INSERT INTO audit (seq, at, actor, action, subject, detail, key_id, prev_hash, hash, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "UPDATE audit_head SET seq = ?, hash = ? WHERE id = 1",
)
WRITTEN = """
SELECT t.state, t.acknowledged_at, t.version, t.id, a.id, a.unit_task_id, a.account_id, a.text_sha256, a.at,
    u.seq, u.at, u.actor, u.action, u.subject, u.detail, u.key_id, u.prev_hash, u.hash, u.seal
FROM acknowledgement a JOIN unit_task t ON t.id = a.unit_task_id
JOIN audit u ON u.subject = 'unit_task/' || t.id AND u.action = 'acknowledge' ORDER BY u.seq
"""


def run(folder: Path) -> list[Figure]:
    """Rounds in turn, so that a busy machine slows both; medians."""
    ours, bare, ratios = [], [], []
    for number in range(ROUNDS):
        here = folder / f"acts-{number}"
        here.mkdir()
        mine, theirs = _one_round(here)
        ours.append(mine)
        bare.append(theirs)
        ratios.append(mine / theirs)
        say(f"acts: service {mine:,.0f}/s, bare driver {theirs:,.0f}/s")
        shutil.rmtree(here)
    note = f"median of {ROUNDS} rounds of {ACTS} acts; best {max(ours):,.0f}/s"
    return [
        Figure("acknowledgements through the service", median(ours), "acts/s", (">=", 700), note),
        Figure("the same rows by the bare driver", median(bare), "acts/s"),
        Figure("service / bare driver", median(ratios), "", (">=", 0.2), "median of the rounds' ratios"),
    ]


def _one_round(folder: Path) -> tuple[float, float]:
    place = make_place(folder / "ours.sqlite", ACTS)
    directive = draft(place, 1, ACTS)
    publish(place.office, place.leader, OPENS, OnDirective(directive_id=directive))
    fan_out(place.office, 1)
    with reading(place.office.engine) as session:
        tasks = session.connection().execute(select(TASK.c.id, TASK.c.unit_id).order_by(TASK.c.id)).all()
    place.office.engine.dispose()
    shutil.copy(folder / "ours.sqlite", folder / "bare.sqlite")
    with timed() as service:
        _acknowledge(place, tasks)
    return len(tasks) / service.seconds, len(tasks) / _bare(folder)


def _acknowledge(place: Place, tasks: Any) -> None:
    for task in tasks:
        acknowledge(place.office, place.officers[task.unit_id], OPENS, Acknowledge(unit_task_id=task.id))


def _bare(folder: Path) -> float:
    """Seconds for the same rows in the same number of transactions."""
    with closing(sqlite3.connect(folder / "ours.sqlite")) as source:
        rows = source.execute(WRITTEN).fetchall()
    assert len(rows) == ACTS
    connection = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    task, receipt, audit, head = STATEMENTS
    with timed() as watch:
        for row in rows:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(task, row[:4])
            connection.execute(receipt, row[4:9])
            connection.execute(audit, row[9:])
            connection.execute(head, (row[9], row[17]))
            connection.execute("COMMIT")
    connection.close()
    return watch.seconds

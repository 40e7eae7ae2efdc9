"""A reminder round over 40,000 open unit tasks beside bare INSERTs of the very same notices and mails.

The round is one wake-up: find who is due, write a notice and a mail each, move every task's level. The bare
driver is given the rows ready made and writes them in one transaction into a copy of the database taken before,
with the same PRAGMAs.
"""

import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from bench.acts import PRAGMAS
from bench.figure import Figure, median, say, timed
from bench.site import OPENS, TZ, draft, fan_out, make_place, office_in
from services.directives import OnDirective, publish

TASKS = 40_000
ROUNDS = 3
OVERDUE = datetime(2026, 1, 9, 9, tzinfo=TZ)
"""The ladder's first moment: the working day after the three given to acknowledge."""
TABLES = ("notice", "mail")


def run(folder: Path) -> list[Figure]:
    """The same round several times, from the same copy of the database."""
    before = folder / "before.sqlite"
    place = make_place(before, TASKS)
    publish(place.office, place.leader, OPENS, OnDirective(directive_id=draft(place, 1, TASKS)))
    fan_out(place.office, 1)
    place.office.engine.dispose()
    ours, bare = [], []
    for _ in range(ROUNDS):
        one = folder / "round.sqlite"
        mine = _ours(before, one)
        theirs = _bare(before, one, folder / "bare.sqlite")
        say(f"reminders: {TASKS:,} in {mine:.2f} s, bare INSERTs of the same rows {theirs:.2f} s")
        ours.append(mine)
        bare.append(theirs)
    ratio = median(m / t for m, t in zip(ours, bare, strict=True))
    return [
        Figure("reminder round over 40,000 open unit tasks", median(ours), "s", None, f"median of {ROUNDS}"),
        Figure("bare INSERTs of its notices and mails", median(bare), "s"),
        Figure("reminder round / bare INSERTs", ratio, "times", ("<=", 3), "median of the rounds' ratios"),
    ]


def _ours(before: Path, file: Path) -> float:
    _copy(before, file)
    office = office_in(file)
    with timed() as watch:
        fan_out(office, 1, OVERDUE)
    office.engine.dispose()
    return watch.seconds


def _bare(before: Path, done: Path, file: Path) -> float:
    """Seconds to write what the round wrote."""
    _copy(before, file)
    with closing(sqlite3.connect(done)) as source, closing(sqlite3.connect(before)) as old:
        new = {}
        for name in TABLES:
            last = old.execute(f"SELECT max(id) FROM {name}").fetchone()[0]
            new[name] = source.execute(f"SELECT * FROM {name} WHERE id > ? ORDER BY id", (last,)).fetchall()
            assert len(new[name]) == TASKS, f"{len(new[name])} rows of {name}"
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    with timed() as watch:
        connection.execute("BEGIN IMMEDIATE")
        for name, rows in new.items():
            connection.executemany(f"INSERT INTO {name} VALUES ({','.join('?' * len(rows[0]))})", rows)
        connection.execute("COMMIT")
    connection.close()
    return watch.seconds


def _copy(source: Path, target: Path) -> None:
    for ending in ("-wal", "-shm"):
        Path(f"{target}{ending}").unlink(missing_ok=True)
    shutil.copy(source, target)

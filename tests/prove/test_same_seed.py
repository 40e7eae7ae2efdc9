"""The same seed gives the same rows: a quarter of a year played three times, with one and with eight threads."""

from datetime import date, datetime
from pathlib import Path

import pytest

from play.play import Run, play
from play.stage import SAMPLES, Script
from tests.domain.samples import local
from tests.prove.ledger import Ledger
from tests.prove.rows import Rows, differences, rows_of

THREADS = (1, 8, 8)
QUARTER = local(date(2026, 4, 1), 0)
COMPANY = Script(document=SAMPLES / "policy.txt", organisation=SAMPLES / "company.json", seed=7)
TOWN = Script(seed=7)


def made(folder: Path) -> Path:
    """The folder, new."""
    folder.mkdir()
    return folder


async def played(script: Script, folder: Path, threads: int, until: datetime = QUARTER) -> Rows:
    """The rows of one play that is stopped in the middle of things."""
    done = await play(Run(script, made(folder), threads=threads, until=until))
    try:
        return rows_of(done.office.engine)
    finally:
        done.office.engine.dispose()


async def check(script: Script, folder: Path) -> dict[str, int]:
    """Play three times and compare; answers how many rows of each table were compared."""
    first, *others = [
        await played(script, folder / f"run-{number}", threads) for number, threads in enumerate(THREADS)
    ]
    for other in others:
        assert differences(first, other) == []
    return {name: rows.total() for name, rows in first.items() if rows}


async def test_a_quarter_of_a_company_s_year_gives_the_same_rows_whatever_the_threads(tmp_path: Path) -> None:
    rows = await check(COMPANY, tmp_path)

    assert rows["unit_task"] > 20
    assert rows["notice"] > rows["unit_task"]


async def test_another_seed_gives_other_rows(tmp_path: Path) -> None:
    soon = local(date(2026, 1, 20), 0)
    one = await played(COMPANY, tmp_path / "one", 8, soon)
    other = await played(Script(COMPANY.document, COMPANY.organisation, seed=8), tmp_path / "other", 8, soon)

    assert differences(one, other) != []


@pytest.mark.prove
async def test_a_quarter_of_the_town_s_year_gives_the_same_rows_whatever_the_threads(
    tmp_path: Path, ledger: Ledger
) -> None:
    for seed in ledger.left("same seed", (TOWN.seed,)):
        ledger.write("same seed", seed, {"threads": THREADS, "rows": await check(TOWN, tmp_path)})

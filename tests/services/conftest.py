"""The story, lived through once on each database and then copied for each test."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from store.sessions import open_engine
from tests.office import Scene, set_scene
from tests.postgres import create_database
from tests.services.story import Story, tell_story

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

"""`duban up` as a person meets it: one command, everything runs, Ctrl-C ends it, the next start goes on."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # it has no types of its own
import pytest
from sqlalchemy import select

from config.settings import Settings
from dispatch.clock import wall_clock
from dispatch.office import open_office
from dispatch.ports import HOST, free_port, listening
from domain.organisation import OrganisationPlan, UnitPlan
from domain.unit_task import Role
from models.columns import table
from models.organisation import Account, AccountRole
from models.unit_task import UnitTask
from services import directives
from services.directives import DraftDirective, DraftItem, OnDirective, PartIn
from services.office import Actor, Office
from services.setup import ImportOrganisation, import_organisation
from store.sessions import reading
from tests.conftest import ROOT

PATIENCE = 60.0
SCRIPT = """
from cli.up import run_up
from config.load import load_settings
from domain.errors import DubanError
try:
    run_up(load_settings(print), lambda sentence, **fields: print(sentence % fields, flush=True))
except DubanError as error:
    raise SystemExit(f"{error.exit_code} {error}")
"""

pytestmark = pytest.mark.timeout(180)


@dataclass
class Up:
    """One running `duban up`."""

    process: "subprocess.Popen[str]"
    said: Path

    @property
    def lines(self) -> list[str]:
        return self.said.read_text(encoding="utf-8").splitlines()

    def line(self, start: str) -> str:
        """What follows `start` in the line that begins so; waits until it is said."""
        end = time.monotonic() + PATIENCE
        while True:
            found = [one.removeprefix(start) for one in self.lines if one.startswith(start)]
            if found:
                return found[-1].strip()
            assert self.process.poll() is None, self.said.read_text(encoding="utf-8")
            assert time.monotonic() < end, self.said.read_text(encoding="utf-8")
            time.sleep(0.05)

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        """What the web server answers; 0 where nobody does."""
        try:
            with urllib.request.urlopen(self.line("Web:") + path, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)
        except OSError:
            return 0, {}

    def ready(self, **parts: object) -> dict[str, Any]:
        """Wait until the site is ready and its parts are so."""
        end = time.monotonic() + PATIENCE
        while True:
            code, said = self.get("/readyz")
            if code == 200 and parts.items() <= said.items():
                return said
            assert time.monotonic() < end, (said, self.lines)
            time.sleep(0.1)

    @property
    def temporal(self) -> psutil.Process:
        """The Temporal server among its children."""
        (child,) = [c for c in psutil.Process(self.process.pid).children() if "start-dev" in c.cmdline()]
        return child

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Ask it to stop; the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        return time.monotonic() - began


@dataclass(frozen=True)
class Place:
    """Where a site lies."""

    folder: Path
    port: int

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def environment(self) -> dict[str, str]:
        own = {"DUBAN_DATA_DIR": str(self.data), "DUBAN_WEB_PORT": str(self.port), "DUBAN_LANGUAGE": "en"}
        return {name: value for name, value in os.environ.items() if not name.startswith("DUBAN_")} | own

    @property
    def office(self) -> Office:
        """The same office, seen from this process."""
        return open_office(Settings(data_dir=self.data))

    @contextmanager
    def up(self) -> Iterator[Up]:
        """Run it; whatever the test does to it, nothing of it is left."""
        said = self.folder / f"said-{time.monotonic_ns()}.txt"
        with said.open("w", encoding="utf-8") as out:
            process = subprocess.Popen(
                [sys.executable, "-c", SCRIPT],
                cwd=ROOT,
                env=self.environment,
                stdout=out,
                stderr=out,
                text=True,
            )
        try:
            yield Up(process, said)
        finally:
            children = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
            process.kill()
            process.wait()
            for child in children:
                if child.is_running():
                    child.kill()


@dataclass
class Town:
    """An organisation of one unit, and its leader."""

    office: Office
    leader: Actor

    @classmethod
    def found(cls, office: Office) -> "Town":
        plan = OrganisationPlan("芸溪市", (UnitPlan("1", "YX", "芸溪市", "prefecture_city", "", 1, 1),))
        import_organisation(office, Actor("engine:test"), wall_clock(), ImportOrganisation(plan=plan))
        leaders = select(table(Account)).where(table(Account).c.role == AccountRole.LEADER)
        with reading(office.engine) as session:
            row = session.connection().execute(leaders).one()
        return cls(office, Actor(f"account:{row.login}", row.id, row.unit_id, row.role))

    def publish(self) -> None:
        """A directive that begins at once."""
        unit, due = self.leader.unit_id, wall_clock().date() + timedelta(days=60)
        assert unit is not None
        part = PartIn(unit_id=unit, role=Role.HANDLING)
        item = DraftItem(number="1", text="建成三所公办幼儿园", due_on=due, parts=(part,))
        policy = {"publish_hold_minutes": 0}
        draft = DraftDirective(title="重点工作", issuer_id=unit, items=(item,), policy=policy, horizon=due)
        answer = directives.draft_directive(self.office, self.leader, wall_clock(), draft)
        directives.publish(
            self.office, self.leader, wall_clock(), OnDirective(directive_id=answer["directive_id"])
        )

    def tasks(self, wanted: int) -> int:
        """Wait until so many unit tasks are handed out; answers how many there are."""
        end = time.monotonic() + PATIENCE
        while True:
            with reading(self.office.engine) as session:
                found = len(session.connection().execute(select(table(UnitTask).c.id)).all())
            if found >= wanted:
                return found
            assert time.monotonic() < end, f"{found} of {wanted} tasks"
            time.sleep(0.1)


@dataclass(frozen=True)
class Running:
    """A site that is up, found by its first start while its port was taken."""

    place: Place
    up: Up
    town: Town


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One `duban up` for the tests that leave it running."""
    place = Place(tmp_path_factory.mktemp("up"), free_port())
    with listening(HOST, place.port), place.up() as up:
        up.ready(temporal=True)
        yield Running(place, up, Town.found(place.office))


def runs(process: psutil.Process) -> bool:
    """Whether it still does something; an ended one that nobody has taken note of yet is only a name."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def listens_on(process: psutil.Process) -> set[str]:
    return {c.laddr.ip for c in process.net_connections() if c.status == psutil.CONN_LISTEN}


def test_one_command_sets_a_site_up_and_runs_all_of_it(running: Running) -> None:
    up = running.up

    assert up.ready(temporal=True)["degraded"] == []
    assert up.get("/healthz") == (200, {"status": "alive"})
    assert any("duban org import" in line for line in up.lines)


def test_nothing_of_it_is_open_to_other_machines(running: Running) -> None:
    up = running.up

    assert listens_on(psutil.Process(up.process.pid)) == {HOST}
    assert listens_on(up.temporal) == {HOST}


def test_a_taken_port_moves_on_to_the_next_free_one_and_says_so(running: Running) -> None:
    port = int(running.up.line("Web:").rpartition(":")[2])

    assert port > running.place.port
    said = running.up.line(f"Port {running.place.port} is taken: the web server listens on")
    assert said == f"{port}."


def test_a_second_one_on_the_same_data_is_refused_and_the_first_goes_on(running: Running) -> None:
    with running.place.up() as second:
        second.process.wait(PATIENCE)
        refusal = second.lines

    assert refusal == [f"2 duban up is already running on the data folder {running.place.data}."]
    assert running.up.get("/readyz")[0] == 200


def test_a_temporal_server_that_dies_is_started_again_and_work_goes_on(running: Running) -> None:
    before = running.town.tasks(0)
    dead = running.up.temporal
    dead.kill()
    running.town.publish()

    assert running.town.tasks(before + 1) == before + 1
    assert running.up.temporal.pid != dead.pid
    assert running.up.ready(temporal=True)["degraded"] == []


def test_killed_and_started_again_it_goes_on_and_stopped_it_leaves_nothing_behind(tmp_path: Path) -> None:
    place = Place(tmp_path, free_port())
    with place.up() as first:
        first.ready()
        town = Town.found(place.office)
        town.publish()
        town.tasks(1)
        orphan = first.temporal
        first.process.kill()
        first.process.wait()
        survived = runs(orphan)
        town.publish()
        with place.up() as second:
            second.ready()
            count, gone = town.tasks(2), not runs(orphan)
            server = second.temporal
            seconds = second.stop(signal.SIGINT)
            code, lines = second.process.returncode, second.lines

    assert (survived, gone) == (True, True), "one file has one server"
    assert count == 2
    assert not any("org import" in line for line in lines), "the site is there already"
    assert (code, lines[-1]) == (0, "Everything has stopped.")
    assert not runs(server)
    assert seconds < 10

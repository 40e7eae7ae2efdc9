"""The command line run in this process on a data folder of its own: a real site, real rows, no Temporal."""

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from cli.app import run
from config.load import load_settings
from contracts.payloads import Trace
from dispatch.clock import wall_clock
from dispatch.office import open_office
from services import items
from services.office import Office, engine_actor
from store.sessions import reading
from tests.conftest import ROOT

TOWN = ROOT / "samples" / "town.csv"
LANGUAGE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


@dataclass(frozen=True)
class Ran:
    """What one command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Shell:
    """Runs command lines on the data folder `data`."""

    data: Path
    capsys: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def __call__(self, *arguments: object, chinese: bool = False) -> Ran:
        self.patch.setenv("LANG", "zh_CN.UTF-8" if chinese else "C.UTF-8")
        self.capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        said = self.capsys.readouterr()
        return Ran(code, said.out, said.err)

    def ok(self, *arguments: object, chinese: bool = False) -> Ran:
        """The same, and it must succeed."""
        ran = self(*arguments, chinese=chinese)
        assert ran.code == 0, ran.err
        return ran

    def office(self) -> Office:
        return open_office(load_settings(lambda unknown: pytest.fail(str(unknown))))

    def counts(self) -> dict[str, int]:
        """How many rows each table has; nothing of a site that is not there."""
        if not (self.data / "duban.sqlite").exists():
            return {}
        office = self.office()
        with closing(_Disposing(office)), reading(office.engine) as session:
            names = session.connection().execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
            return {
                name: session.connection().execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
                for name in names.scalars().all()
            }

    def hand_out(self, *, later: timedelta = timedelta()) -> None:
        """Let every open item do what is due by now, as its workflow would."""
        office, now = self.office(), wall_clock() + later
        actor = engine_actor(Trace("item/1", "run", "activity"))
        with closing(_Disposing(office)):
            with reading(office.engine) as session:
                ids = (
                    session.connection()
                    .execute(text("SELECT id FROM item WHERE state = 'open'"))
                    .scalars()
                    .all()
                )
            for item_id in ids:
                while items.advance_item(office, actor, now, items.AdvanceItem(item_id=item_id))["more"]:
                    pass


@dataclass(frozen=True)
class _Disposing:
    office: Office

    def close(self) -> None:
        self.office.engine.dispose()


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A shell where `duban init` has not run."""
    for name in LANGUAGE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DUBAN_DATA_DIR", str(tmp_path / "data"))
    return Shell(tmp_path / "data", capsys, monkeypatch)


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the sample town, made once, and its keys beside it."""
    folder = tmp_path_factory.mktemp("site") / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBAN_DATA_DIR", str(folder))
        assert run(["init", "--organisation", str(TOWN)]) == 0
    return folder


@pytest.fixture
def shell(bare: Shell, initialised: Path) -> Shell:
    """A shell over a copy of the site with the sample town."""
    shutil.copytree(initialised, bare.data)
    keys = initialised.with_name("data-keys")
    shutil.copytree(keys, bare.data.with_name("data-keys"))
    return bare


@pytest.fixture
def paper(tmp_path: Path) -> Callable[..., Path]:
    """Writes a paper with the numbered lines given; `{year}` in them is the year to come."""

    def write(*lines: str) -> Path:
        year = str(wall_clock().year + 1)
        numbered = [f"{n}.{line}".replace("{year}", year) for n, line in enumerate(lines, 1)]
        head = ["芸溪市人民政府办公室关于印发重点工作的通知", "二、重点任务"]
        file = tmp_path / "paper.txt"
        file.write_text("\n".join((*head, *numbered)), encoding="utf-8")
        return file

    return write


@pytest.fixture
def published(shell: Shell, paper: Callable[..., Path], tmp_path: Path) -> Shell:
    """A directive with one item for two units, each for itself, published without a hold and handed out."""
    policy = tmp_path / "policy.json"
    policy.write_text('{"publish_hold_minutes": 0, "letter_hold_minutes": 0}', encoding="utf-8")
    file = paper("修补破损路面。{year}年6月30日前完成。（市城市管理局、市交通运输局负责）")
    shell.ok("directive", "draft", file, "--policy", policy)
    shell.ok("directive", "assign", 1, 1, "--each-for-itself")
    shell.ok("directive", "publish", 1)
    shell.hand_out()
    return shell


def next_year(month: int, day: int) -> str:
    """A date of the year to come."""
    return datetime(wall_clock().year + 1, month, day).date().isoformat()  # noqa: DTZ001 -- a civil date

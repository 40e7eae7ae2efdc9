"""The place where an office is proven: a folder with database, key and clock; made once, copied for each run."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Engine, select

from domain.organisation import OrganisationPlan, UnitPlan
from domain.unit_task import Role
from intake.calendar import read_calendar
from models.columns import table
from models.organisation import Account, Unit
from services.directives import DraftDirective, DraftItem, PartIn, draft_directive
from services.office import Actor, Office
from services.setup import (
    ImportCalendar,
    ImportOrganisation,
    InitSite,
    import_calendar,
    import_organisation,
    init_site,
    prepare,
)
from store.keys import load_key_ring, make_key_file
from store.schema import migrate
from store.sessions import open_engine, reading
from tests.conftest import ROOT
from tests.domain.samples import SHANGHAI, local
from tests.office import Scene

UNITS, ITEMS = 60, 3
OPENS = local(date(2026, 3, 2), 10)
DUE = date(2026, 3, 31)
DIRECTOR = Actor("engine:proof")
DATABASE, KEY = "data/duban.sqlite", "keys/audit.key"


@dataclass(frozen=True)
class Place:
    """One office, with everything a worker of it needs."""

    folder: Path
    scene: Scene

    @property
    def office(self) -> Office:
        return self.scene.office

    @property
    def clock(self) -> Path:
        return self.folder / "clock"

    def set_clock(self, now: datetime) -> None:
        """Move the office clock, for every process at once."""
        new = self.clock.with_suffix(".new")
        new.write_text(now.isoformat(), encoding="ascii")
        new.replace(self.clock)

    def environment(self, temporal: str, smtp: str) -> dict[str, str]:
        """The settings of a worker."""
        return {
            "DUBAN_DATA_DIR": str(self.folder / "data"),
            "DUBAN_DATABASE_URL": self.office.engine.url.render_as_string(hide_password=False),
            "DUBAN_AUDIT_KEY_FILE": str(self.folder / KEY),
            "DUBAN_TEMPORAL_ADDRESS": temporal,
            "DUBAN_SMTP_URL": smtp,
            "DUBAN_MAIL_FROM": "office@yunxi.example",
            "DUBAN_MAIL_RATE": "1000",
            "DUBAN_LANGUAGE": "zh_CN",
        }


def make_template(folder: Path) -> Path:
    """An office of sixty units with a directive of three items for all of them, drafted and not published."""
    make_key_file(folder / KEY)
    (folder / "data").mkdir()
    furnish(open_engine(f"sqlite:///{folder / DATABASE}"), folder)
    return folder


def furnish(engine: Engine, folder: Path) -> None:
    """Schema, site, calendar, units and the draft."""
    migrate(engine)
    office = _office(engine, folder)
    prepare(office)
    init_site(office, DIRECTOR, OPENS, InitSite(name="芸溪市", mark="芸"))
    days = read_calendar(ROOT / "samples" / "calendars" / "cn-2026.json").days
    import_calendar(office, DIRECTOR, OPENS, ImportCalendar(days=days, certain_years=(2026,)))
    import_organisation(office, DIRECTOR, OPENS, ImportOrganisation(plan=_plan()))
    scene = _scene(office)
    items = (
        _item(scene, 1, Role.HANDLING, Role.HANDLING, "single"),
        *(_item(scene, n, Role.LEAD, Role.COOPERATING, "explicit_lead") for n in range(2, ITEMS + 1)),
    )
    request = DraftDirective(title="2026年重点工作", issuer_id=scene.units["YX"], items=items)
    draft_directive(office, scene.leader, OPENS, request)
    engine.dispose()


def _item(scene: Scene, number: int, first: Role, others: Role, mode: str) -> DraftItem:
    """An item for all units, the first of them in a role of its own."""
    roles = [first, *[others] * (UNITS - 1)]
    parts = tuple(PartIn(unit_id=scene.units[_code(unit)], role=role) for unit, role in enumerate(roles, 1))
    return DraftItem(number=str(number), text=f"第{number}项任务", role_mode=mode, due_on=DUE, parts=parts)


def copy_of(template: Path, folder: Path, change: Callable[[Engine], None] | None = None) -> Place:
    """The template's office in a folder of its own, on SQLite; `change` is done to its database first."""
    shutil.copytree(template, folder)
    return open_place(open_engine(f"sqlite:///{folder / DATABASE}"), folder, change)


def open_place(engine: Engine, folder: Path, change: Callable[[Engine], None] | None = None) -> Place:
    """An office that is furnished, its clock at the opening."""
    if change:
        change(engine)
    place = Place(folder, _scene(_office(engine, folder)))
    place.set_clock(OPENS)
    return place


def _office(engine: Engine, folder: Path) -> Office:
    (folder / KEY).chmod(0o600)
    return Office(engine, load_key_ring(folder / KEY), SHANGHAI, mail_host="yunxi.example", language="zh_CN")


def _scene(office: Office) -> Scene:
    with reading(office.engine) as session:
        connection = session.connection()
        units = {row.code: row.id for row in connection.execute(select(table(Unit)))}
        people = {
            row.login: Actor(f"account:{row.login}", row.id, row.unit_id, row.role)
            for row in connection.execute(select(table(Account)).order_by(table(Account).c.id))
        }
    return Scene(office, units, people)


def _code(number: int) -> str:
    return f"U{number:02d}"


def _plan() -> OrganisationPlan:
    root = UnitPlan("1", "YX", "芸溪市", "prefecture_city", "", 1, 1, email="city@yunxi.example")
    units = tuple(
        UnitPlan(
            str(n + 1), _code(n), f"第{n}局", "gov", "YX", 2, n, email=f"{_code(n).lower()}@yunxi.example"
        )
        for n in range(1, UNITS + 1)
    )
    return OrganisationPlan("芸溪市", (root, *units))

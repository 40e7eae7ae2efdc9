"""A small office for the tests: five units, the real calendar, and builders for what happens in it.

`scene` is the small office on SQLite (and on PostgreSQL where a test is marked `both`), `town` has every unit of
the sample town. Each is a database of its own with real commits.
"""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from contracts.payloads import Trace
from domain.audit import KeyRing
from domain.ladder import CivilFrame
from domain.organisation import OrganisationPlan, UnitPlan
from domain.periods import Frequency
from domain.unit_task import Role
from intake.calendar import read_calendar
from intake.organisation import read_organisation
from models.columns import table
from models.directive import Directive, Item
from models.engine import Outbox, OutboxKind
from models.organisation import Account, AccountRole, Unit
from models.paper import Letter, LetterState
from models.rectification import Rectification
from models.unit_task import UnitTask
from services import (
    course,
    directives,
    evidence,
    items,
    letters,
    rectifications,
    reviews,
    spot_checks,
    unit_tasks,
)
from services.calendars import load_calendar
from services.directives import DraftDirective, DraftItem, OnDirective, PartIn
from services.office import Actor, Office, engine_actor
from services.outbox import claim, finish
from services.setup import (
    ImportCalendar,
    ImportOrganisation,
    InitSite,
    import_calendar,
    import_organisation,
    init_site,
    prepare,
)
from store.sessions import open_engine, reading
from tests.conftest import ROOT
from tests.domain.samples import SHANGHAI, local
from tests.looking import Looking, refused, snapshot

__all__ = ["Scene", "refused", "snapshot"]

MONDAY = date(2026, 3, 2)
PUBLISHED = local(MONDAY, 10)
BEGINS = PUBLISHED + timedelta(minutes=10)
"""When the hold after publication has passed."""
DUE = date(2026, 3, 31)
DIRECTOR = Actor("engine:test")
ENGINE = engine_actor(Trace("item/1", "run", "activity"))
HANDLING, LEAD, COOPERATING = Role.HANDLING, Role.LEAD, Role.COOPERATING

SMALL = OrganisationPlan(
    "芸溪市",
    (
        UnitPlan("1", "YX", "芸溪市", "prefecture_city", "", 1, 1, email="city@yunxi.example"),
        UnitPlan("2", "A", "市教育局", "gov", "YX", 2, 1, email="a@yunxi.example"),
        UnitPlan("3", "B", "市财政局", "gov", "YX", 2, 2, email="b@yunxi.example"),
        UnitPlan("4", "C", "云东区", "district", "YX", 2, 3, email="c@yunxi.example"),
        UnitPlan("5", "D", "东街道", "subdistrict", "C", 3, 1, email="d@yunxi.example"),
    ),
)


@dataclass(frozen=True)
class Published:
    """A directive that was published, and its items in order."""

    id: int
    items: tuple[int, ...]


@dataclass(frozen=True)
class Scene(Looking):
    """An office with its people."""

    office: Office
    units: dict[str, int]
    people: dict[str, Actor]

    @property
    def engine(self) -> Engine:
        return self.office.engine

    @property
    def leader(self) -> Actor:
        return next(a for a in self.people.values() if a.role == AccountRole.LEADER)

    @property
    def supervision(self) -> Actor:
        return next(a for a in self.people.values() if a.role == AccountRole.SUPERVISION_OFFICE)

    def officer(self, code: str) -> Actor:
        return self.people[f"unit_officer@{code}"]

    def head(self, code: str) -> Actor:
        return self.people[f"unit_head@{code}"]

    @cached_property
    def frame(self) -> CivilFrame:
        with reading(self.engine) as session:
            return CivilFrame(load_calendar(session), self.office.tz)

    # the directive

    def item(self, *parts: tuple[str, Role], due: date | None = DUE, **more: Any) -> DraftItem:
        """A draft item for units by their codes; without `due` it is a recurring one."""
        taking = tuple(PartIn(unit_id=self.units[code], role=role) for code, role in parts)
        fields = {"number": "1", "text": "建成三所公办幼儿园", "due_on": due, "parts": taking}
        return DraftItem(**(fields | more))

    def monthly(self, *parts: tuple[str, Role], **more: Any) -> DraftItem:
        return self.item(*parts, due=None, **({"frequency": Frequency.MONTHLY} | more))

    def draft(self, *drafted: DraftItem, **more: Any) -> int:
        """A draft of those items; answers its id."""
        fields: dict[str, Any] = {"title": "2026年重点工作", "issuer_id": self.units["YX"], "items": drafted}
        request = DraftDirective(**(fields | more))
        return int(directives.draft_directive(self.office, self.leader, PUBLISHED, request)["directive_id"])

    def publish(self, *drafted: DraftItem, now: datetime = PUBLISHED, **more: Any) -> Published:
        """Draft and publish."""
        directive = self.draft(*drafted, **more)
        directives.publish(self.office, self.leader, now, OnDirective(directive_id=directive))
        t = table(Item)
        return Published(directive, tuple(r.id for r in self.rows(Item, t.c.directive_id == directive)))

    def begin(self, *drafted: DraftItem, **more: Any) -> Published:
        """Publish, and have every item hand out its tasks when the hold has passed."""
        published = self.publish(*drafted, **more)
        for item_id in published.items:
            self.advance(item_id, BEGINS)
        return published

    def one(self, code: str = "A", role: Role = HANDLING, **more: Any) -> int:
        """The id of a task that was handed to one unit alone."""
        published = self.begin(self.item((code, role), **more))
        return int(self.task(published.items[0], code).id)

    # the engine

    def advance(self, item_id: int, now: datetime) -> dict[str, Any]:
        """One wake-up of an item, all its pages."""
        while (answer := self.step(item_id, now))["more"]:
            pass
        return answer

    def step(self, item_id: int, now: datetime) -> dict[str, Any]:
        """One transaction of a wake-up."""
        actor = engine_actor(Trace(f"item/{item_id}", "run", "activity"))
        return items.advance_item(self.office, actor, now, items.AdvanceItem(item_id=item_id))

    def suspend(self, directive_id: int, now: datetime) -> dict[str, Any]:
        request = directives.WithReason(directive_id=directive_id, reason="机构改革。")
        return directives.suspend(self.office, self.leader, now, request)

    def resume(self, directive_id: int, now: datetime) -> dict[str, Any]:
        return directives.resume(self.office, self.leader, now, OnDirective(directive_id=directive_id))

    def withdraw(self, directive_id: int, now: datetime) -> dict[str, Any]:
        request = directives.WithReason(directive_id=directive_id, reason="另有安排。")
        return directives.withdraw(self.office, self.leader, now, request)

    def advance_rectification(self, rectification_id: int, now: datetime) -> dict[str, Any]:
        actor = engine_actor(Trace(f"rectification/{rectification_id}", "run", "activity"))
        request = rectifications.AdvanceRectification(rectification_id=rectification_id)
        return rectifications.advance_rectification(self.office, actor, now, request)

    def advance_directive(self, directive_id: int, now: datetime) -> dict[str, Any]:
        actor = engine_actor(Trace(f"directive/{directive_id}", "run", "activity"))
        request = course.AdvanceDirective(directive_id=directive_id)
        return course.advance_directive(self.office, actor, now, request)

    def live(self, now: datetime) -> None:
        """Do what is due at `now` as relay and workflows do: pokes, letters, owners whose moment has come."""
        while self._relay(now) or self._wake(now):
            pass

    def _relay(self, now: datetime) -> int:
        rows = claim(self.office, now, now)
        for row in rows:
            if row.kind == OutboxKind.ISSUE_LETTER:
                self.issue(int(row.aggregate_id), now)
            elif row.kind == OutboxKind.POKE:
                self._advance(row.aggregate, int(row.aggregate_id), now)
        finish(self.office, now, rows)
        return len(rows)

    def _wake(self, now: datetime) -> int:
        due = [
            (name, row.id)
            for name, model in (("item", Item), ("rectification", Rectification), ("directive", Directive))
            for row in self.rows(model, table(model).c.next_moment <= now)
        ]
        for name, row_id in due:
            self._advance(name, row_id, now)
        return len(due)

    def _advance(self, name: str, row_id: int, now: datetime) -> None:
        steps = {"rectification": self.advance_rectification, "directive": self.advance_directive}
        steps.get(name, self.advance)(row_id, now)

    def next_moment(self) -> datetime | None:
        """The first instant at which an owner or the relay has something to do."""
        outbox = table(Outbox)
        waiting = [select(func.min(outbox.c.next_at)).where(outbox.c.done_at.is_(None))]
        waiting += [select(func.min(table(m).c.next_moment)) for m in (Item, Rectification, Directive)]
        with reading(self.engine) as session:
            firsts = [session.connection().execute(statement).scalar() for statement in waiting]
        return min((first for first in firsts if first is not None), default=None)

    def live_until(self, end: datetime) -> None:
        """Live from moment to moment, up to and including `end`."""
        while (now := self.next_moment()) is not None and now <= end:
            self.live(now)

    # what people do

    def acknowledge(self, task_id: int, now: datetime) -> dict[str, Any]:
        request = unit_tasks.Acknowledge(unit_task_id=task_id)
        return unit_tasks.acknowledge(self.office, self.of_task(task_id), now, request)

    def of_task(self, task_id: int) -> Actor:
        """The officer of the unit that has the task."""
        unit_id = self.row(UnitTask, task_id).unit_id
        return self.officer(next(code for code, known in self.units.items() if known == unit_id))

    def prove(self, task_id: int, now: datetime, text: str = "") -> dict[str, Any]:
        """Attach a piece of evidence; its bytes are the task's own unless `text` says them."""
        digest = hashlib.sha256((text or f"{task_id} {now}").encode()).hexdigest()
        request = evidence.AddEvidence(
            unit_task_id=task_id,
            sha256=digest,
            size=9,
            media_type="text/plain",
            name="记录.txt",
            effective_on=MONDAY,
        )
        return evidence.add_evidence(self.office, self.of_task(task_id), now, request)

    def submit(self, task_id: int, now: datetime) -> dict[str, Any]:
        """Acknowledge where that is still to do, prove, and hand in."""
        if self.row(UnitTask, task_id).state == "assigned":
            self.acknowledge(task_id, now)
        self.prove(task_id, now)
        request = unit_tasks.Submit(unit_task_id=task_id, text="已完成。")
        return unit_tasks.submit(self.office, self.of_task(task_id), now, request)

    def review(self, task_id: int, now: datetime, *, accept: bool = True) -> dict[str, Any]:
        request = reviews.ReviewSubmission(
            unit_task_id=task_id, accept=accept, reason="" if accept else "材料不全。"
        )
        return reviews.review(self.office, self.supervision, now, request)

    def spot_check(self, task_id: int, now: datetime, *, keep: bool = True) -> dict[str, Any]:
        """回头看 by the supervision office."""
        request = spot_checks.CheckSpot(unit_task_id=task_id, keep=keep, reason="已实地查看。")
        return spot_checks.spot_check(self.office, self.supervision, now, request)

    def close(self, task_id: int, now: datetime) -> None:
        """Hand in and accept."""
        self.submit(task_id, now)
        self.review(task_id, now)

    def ask_extension(self, task_id: int, now: datetime, proposed: date) -> int:
        request = unit_tasks.AskExtension(unit_task_id=task_id, reason="招标延长。", proposed=proposed)
        answer = unit_tasks.ask_extension(self.office, self.of_task(task_id), now, request)
        return int(answer["extension_id"])

    def decide_extension(self, extension_id: int, now: datetime, granted: date | None) -> dict[str, Any]:
        request = reviews.DecideExtension(extension_id=extension_id, granted=granted, answer="知悉。")
        return reviews.decide_extension(self.office, self.leader, now, request)

    def decline(self, task_id: int, now: datetime) -> int:
        request = unit_tasks.Decline(unit_task_id=task_id, reason="不属我单位职责。")
        return int(unit_tasks.decline(self.office, self.of_task(task_id), now, request)["dispute_id"])

    def decide_dispute(
        self, dispute_id: int, now: datetime, *, upheld: bool, to: str | None = None
    ) -> dict[str, Any]:
        to_unit = self.units[to] if to else None
        request = reviews.DecideDispute(
            dispute_id=dispute_id, upheld=upheld, answer="已核。", reassign_to=to_unit
        )
        return reviews.decide_dispute(self.office, self.supervision, now, request)

    def sign(self, letter_id: int, now: datetime) -> dict[str, Any]:
        return letters.sign_letter(self.office, self.leader, now, letters.SignLetter(letter_id=letter_id))

    def sign_all(self, now: datetime) -> None:
        """The leader signs every draft on the desk."""
        for letter in self.rows(Letter, table(Letter).c.state == LetterState.DRAFT):
            self.sign(letter.id, now)

    def issue(self, letter_id: int, now: datetime) -> dict[str, Any]:
        return letters.issue_letter(self.office, DIRECTOR, now, letters.IssueLetter(letter_id=letter_id))


def make_office(engine: Engine) -> Office:
    """The office over an engine, its key made up."""
    return Office(engine, KeyRing("test", {"test": b"k" * 32}), SHANGHAI, mail_host="yunxi.example")


def set_scene(engine: Engine, plan: OrganisationPlan = SMALL) -> Scene:
    """Site, calendars of 2025 and 2026, units and accounts."""
    office = make_office(engine)
    prepare(office)
    init_site(office, DIRECTOR, PUBLISHED, InitSite(name=plan.name, mark="芸"))
    days: dict[date, bool] = {}
    for year in (2025, 2026):
        days |= read_calendar(ROOT / "samples" / "calendars" / f"cn-{year}.json").days
    import_calendar(office, DIRECTOR, PUBLISHED, ImportCalendar(days=days, certain_years=(2025, 2026)))
    import_organisation(office, DIRECTOR, PUBLISHED, ImportOrganisation(plan=plan))
    with reading(engine) as session:
        connection = session.connection()
        units = {row.code: row.id for row in connection.execute(select(table(Unit)))}
        people = {
            row.login: Actor(f"account:{row.login}", row.id, row.unit_id, row.role)
            for row in connection.execute(select(table(Account)).order_by(table(Account).c.id))
        }
    return Scene(office, units, people)


def as_role(actor: Actor, role: AccountRole) -> Actor:
    """The same account after its role was changed."""
    return replace(actor, role=role)


both = pytest.mark.parametrize("scene", ["sqlite", "postgresql"], indirect=True)
"""For the tests that PostgreSQL could fail on its own: what is raced, and what it reads otherwise."""


@pytest.fixture(scope="session")
def small_office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Scene]:
    """A SQLite file with the small office, to be copied, and who is in it."""
    file = tmp_path_factory.mktemp("office") / "office.db"
    shutil.copyfile(sqlite_template, file)
    engine = open_engine(f"sqlite:///{file}")
    scene = set_scene(engine)
    engine.dispose()
    return file, scene


@pytest.fixture
def scene(
    request: pytest.FixtureRequest, small_office: tuple[Path, Scene], tmp_path: Path
) -> Iterator[Scene]:
    """The small office on SQLite, or where a test is marked `both` on each of the two databases."""
    if getattr(request, "param", "sqlite") == "postgresql":
        yield set_scene(request.getfixturevalue("postgres_engine"))
        return
    file, known = small_office
    engine = open_engine(f"sqlite:///{shutil.copyfile(file, tmp_path / 'duban.db')}")
    yield replace(known, office=replace(known.office, engine=engine))
    engine.dispose()


@pytest.fixture
def sqlite_scene(scene: Scene) -> Scene:
    """The small office on SQLite, for a module whose own `scene` is another."""
    return scene


@pytest.fixture
def postgres_scene(postgres_engine: Engine) -> Scene:
    """The small office on PostgreSQL."""
    return set_scene(postgres_engine)


@pytest.fixture
def town(sqlite_engine: Engine) -> Scene:
    """The sample town on SQLite."""
    return set_scene(sqlite_engine, read_organisation(ROOT / "samples" / "town.json", None))

"""A made-up office of any size on a fresh database, with directives to publish in it. Making it is never timed."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update

from domain.audit import KeyRing
from domain.unit_task import Role
from intake.calendar import provisional_year, read_calendar
from models.columns import table
from models.engine import Site
from models.organisation import Account, AccountRole, Unit
from models.unit_task import UnitTask
from services.directives import DraftDirective, DraftItem, PartIn, draft_directive
from services.items import AdvanceItem, advance_item
from services.office import Actor, Office
from services.setup import ImportCalendar, InitSite, import_calendar, init_site, prepare
from store.schema import migrate
from store.sessions import open_engine, reading, writing

UNIT, ACCOUNT, SITE, TASK = table(Unit), table(Account), table(Site), table(UnitTask)
TZ = ZoneInfo("Asia/Shanghai")
OPENS = datetime(2026, 1, 5, 10, tzinfo=TZ)
"""A Monday, a working day."""
NO_HOLDS = {"publish_hold_minutes": 0}
SAMPLES = Path(__file__).parent.parent / "samples"
MAKER = Actor("engine:bench")


@dataclass(frozen=True)
class Place:
    """An office, its leader and supervision office, and the ids of its units below the root."""

    office: Office
    leader: Actor
    supervision: Actor
    root: int
    units: tuple[int, ...]
    officers: dict[int, Actor]


def office_in(file: Path) -> Office:
    """An office over the database in `file`."""
    keys = KeyRing("bench", {"bench": b"k" * 32})
    return Office(open_engine(f"sqlite:///{file}"), keys, TZ, mail_host="bench.example")


def make_place(file: Path, units: int) -> Place:
    """A database in `file` with that many units, each with an officer who gets mail."""
    office = office_in(file)
    migrate(office.engine)
    prepare(office)
    init_site(office, MAKER, OPENS, InitSite(name="长宁市", mark="长"))
    days = {**read_calendar(SAMPLES / "calendars" / "cn-2026.json").days, **provisional_year(2027)}
    import_calendar(office, MAKER, OPENS, ImportCalendar(days=days, certain_years=(2026,)))
    with writing(office.engine) as session:
        connection = session.connection()
        connection.execute(insert(UNIT), [_unit(n) for n in range(units + 1)])
        connection.execute(insert(ACCOUNT), [_account(n) for n in range(units + 1)])
        connection.execute(
            insert(ACCOUNT), [_head(r) for r in (AccountRole.LEADER, AccountRole.SUPERVISION_OFFICE)]
        )
        connection.execute(update(SITE).values(root_unit_id=1))
    office.engine.dispose()  # the last connection folds the log into the file, which may then be copied
    return place_in(file)


def place_in(file: Path) -> Place:
    """The place that was made in `file`."""
    office = office_in(file)
    with reading(office.engine) as session:
        accounts = session.connection().execute(select(ACCOUNT).order_by(ACCOUNT.c.id)).all()
    actors = [Actor(f"account:{a.login}", a.id, a.unit_id, a.role) for a in accounts]
    officers = {a.unit_id: a for a in actors if a.role == AccountRole.UNIT_OFFICER and a.unit_id}
    leader, supervision = actors[-2:]
    return Place(office, leader, supervision, 1, tuple(range(2, len(officers) + 1)), officers)


def _unit(number: int) -> dict[str, object]:
    row: dict[str, object] = {
        "id": number + 1,
        "code": f"U{number}",
        "name": f"第{number}单位",
        "kind": "department",
    }
    row |= {
        "grouping": "",
        "parent_id": 1 if number else None,
        "level": 2 if number else 1,
        "liaison_post": None,
    }
    return row | {
        "path": f"/1/{number + 1}/" if number else "/1/",
        "position": number,
        "email": f"u{number}@bench.example",
    }


def _account(number: int) -> dict[str, object]:
    row: dict[str, object] = {
        "login": f"unit_officer@U{number}",
        "name": "unit_officer",
        "unit_id": number + 1,
    }
    row |= {
        "role": AccountRole.UNIT_OFFICER,
        "email": f"u{number}@bench.example",
        "telephone": "",
        "language": "",
    }
    return row | {"wants_mail": True, "active": True}


def _head(role: AccountRole) -> dict[str, object]:
    return _account(0) | {"login": f"{role}@U0", "name": role.value, "role": role, "email": ""}


def draft(
    place: Place,
    items: int,
    units: int,
    *,
    due: date = date(2026, 6, 30),
    policy: dict[str, object] | None = None,
) -> int:
    """A draft directive: that many items, each for the same first `units` units, each reporting for itself."""
    parts = tuple(PartIn(unit_id=unit, role=Role.HANDLING) for unit in place.units[:units])
    listed = tuple(
        DraftItem(
            number=f"（{n}）", text=f"第{n}项：完成年度重点任务并报送办理情况。", due_on=due, parts=parts
        )
        for n in range(1, items + 1)
    )
    wanted = DraftDirective(
        title="关于做好年度重点工作的通知",
        issuer_id=place.root,
        items=listed,
        policy=NO_HOLDS | (policy or {}),
    )
    return int(draft_directive(place.office, place.leader, OPENS, wanted)["directive_id"])


def fan_out(office: Office, item: int, now: datetime = OPENS) -> None:
    """One whole wake-up of an item without Temporal, all its pages."""
    answer: dict[str, Any] = {"more": True}
    while answer["more"]:
        request = AdvanceItem(item_id=item, after=answer.get("after", 0))
        answer = advance_item(office, MAKER, now, request)

"""The first acts of a site: its one row, the head of the audit chain, units with their accounts, calendars."""

from datetime import date
from typing import Any

from pydantic import Field, field_validator
from sqlalchemy import insert, select, update

from contracts.names import Aggregate
from domain.audit import START
from domain.errors import ConflictError, WrongStateError
from domain.headers import has_hidden_character
from domain.organisation import OrganisationPlan
from domain.workdays import Calendar
from intake.calendar import CalendarPlan
from models.columns import table
from models.directive import Directive, DirectiveState, Item, ItemState
from models.engine import AuditHead, CalendarDay, CalendarYear, Site
from models.organisation import Account, AccountRole, Unit, UnitAlias
from models.rectification import MENDING, Rectification
from services.clock import bump
from services.office import Office
from services.rows import require_manager
from services.transaction import Answer, Request, Transaction, act
from store.sessions import reading, writing

_SITE, _HEAD, _UNIT, _ALIAS, _ACCOUNT = (
    table(Site),
    table(AuditHead),
    table(Unit),
    table(UnitAlias),
    table(Account),
)
_ITEM, _DIRECTIVE, _RECTIFICATION = table(Item), table(Directive), table(Rectification)
_DAY, _YEAR = table(CalendarDay), table(CalendarYear)
ROOT_ROLES = (
    AccountRole.LEADER,
    AccountRole.SUPERVISION_OFFICE,
    AccountRole.APPRAISER,
    AccountRole.AUDITOR,
    AccountRole.ADMINISTRATOR,
)


class InitSite(Request):
    """Name, the mark of its document numbers (one or two characters), and whether it is a played year."""

    name: str = Field(min_length=1, max_length=120)
    mark: str = Field(min_length=1, max_length=2)
    is_play: bool = False

    @field_validator("name", "mark")
    @classmethod
    def _plain(cls, value: str) -> str:
        """It stands at the head of every paper."""
        if not value.strip() or has_hidden_character(value):
            raise ValueError("it is empty, or holds a character that cannot be seen")
        return value

    @field_validator("mark")
    @classmethod
    def _of_letters(cls, value: str) -> str:
        """It stands in every document number."""
        if not value.isalnum():
            raise ValueError("letters or figures alone")
        return value


class ImportOrganisation(Request):
    """A whole organisation, already checked (`intake.organisation`)."""

    plan: OrganisationPlan


class ImportCalendar(Request):
    """The days of one or more years; a year with a published notice is certain."""

    days: dict[date, bool]
    certain_years: tuple[int, ...] = ()


def prepare(office: Office) -> None:
    """Make the head of the audit chain where there is none; the first act can then be recorded."""
    with reading(office.engine) as session:
        there = session.connection().execute(select(_HEAD.c.id)).first()
    if there is None:
        with writing(office.engine) as session:
            session.connection().execute(insert(_HEAD), {"id": 1, "seq": 0, "hash": START})


@act
def init_site(tx: Transaction, request: InitSite) -> Answer:
    """Write the site's one row. Raises WrongStateError where there is one."""
    if tx.one(select(_SITE.c.id)) is not None:
        raise WrongStateError("This database already has a site.")
    row = {
        "id": 1,
        "name": request.name,
        "mark": request.mark,
        "time_zone": str(tx.office.tz),
        "created_at": tx.now,
    }
    tx.run(insert(_SITE), row | {"is_play": request.is_play})
    tx.record("init_site", "site/1", name=request.name)
    return {"site": request.name}


@act
def import_organisation(tx: Transaction, request: ImportOrganisation) -> Answer:
    """Write every unit, its aliases, and the accounts of its posts: all or nothing.

    Each unit gets an officer's and a head's account; the root gets those of ROOT_ROLES
    as well. Raises ConflictError where the site has its organisation already.
    """
    require_manager(tx)
    ids: dict[str, int] = {}
    paths: dict[str, str] = {"": "/"}
    if tx.run(select(_SITE.c.root_unit_id)).scalar() is not None:
        raise ConflictError("This site already has its organisation.")
    for unit in request.plan.units:
        row = {
            "code": unit.code,
            "name": unit.name,
            "kind": unit.kind,
            "grouping": unit.group,
            "level": unit.level,
        }
        row |= {
            "parent_id": ids.get(unit.parent_code),
            "position": unit.position,
            "email": unit.email,
            "path": "",
            "liaison_post": unit.post,
        }
        new = int(tx.run(insert(_UNIT).returning(_UNIT.c.id), row).scalar_one())
        ids[unit.code], paths[unit.code] = new, f"{paths[unit.parent_code]}{new}/"
        tx.run(update(_UNIT).where(_UNIT.c.id == new).values(path=paths[unit.code]))
        if unit.aliases:
            tx.run(insert(_ALIAS), [{"unit_id": new, "alias": a, "reason": "import"} for a in unit.aliases])
        roles = (AccountRole.UNIT_OFFICER, AccountRole.UNIT_HEAD, *(ROOT_ROLES if unit.level == 1 else ()))
        tx.run(insert(_ACCOUNT), [post_account(unit.code, unit.email, new, role) for role in roles])
    root = ids[request.plan.units[0].code]
    tx.run(update(_SITE).values(root_unit_id=root))
    tx.record("import_organisation", f"unit/{root}", units=len(ids))
    return {"units": len(ids), "root": root}


def post_account(code: str, email: str, unit_id: int, role: AccountRole) -> dict[str, Any]:
    """The row of a post's account. Only the officer's gets the unit's mail: one telling, one letter box."""
    address = email if role is AccountRole.UNIT_OFFICER else ""
    row = {
        "login": f"{role.value}@{code}",
        "name": role.value,
        "unit_id": unit_id,
        "role": role,
        "email": address,
    }
    return row | {"telephone": "", "language": "", "wants_mail": True, "active": True}


def days_of(plan: CalendarPlan) -> ImportCalendar:
    """A calendar file as a request; its year is certain when its notice covers it to the end."""
    whole = (plan.certain_until.month, plan.certain_until.day) == (12, 31)
    return ImportCalendar(days=dict(plan.days), certain_years=(plan.year,) if whole else ())


@act
def import_calendar(tx: Transaction, request: ImportCalendar) -> Answer:
    """Write or replace the days of the years given. Every open owner looks again: its next moment may come earlier."""
    require_manager(tx)
    calendar = Calendar(request.days)
    for day, off in calendar.days.items():
        if not tx.run(update(_DAY).where(_DAY.c.day == day).values(off=off)).rowcount:
            tx.run(insert(_DAY), {"day": day, "off": off, "name": ""})
    for year in {day.year for day in calendar.days} | set(request.certain_years):
        certain = year in request.certain_years
        if not tx.run(update(_YEAR).where(_YEAR.c.year == year).values(certain=certain)).rowcount:
            tx.run(insert(_YEAR), {"year": year, "certain": certain})
    _poke_everybody(tx)
    tx.record("import_calendar", "calendar", days=len(calendar.days), certain=list(request.certain_years))
    return {"days": len(calendar.days)}


def _poke_everybody(tx: Transaction) -> None:
    """Have every workflow that waits for a moment reckon it anew."""
    under_way = select(_DIRECTIVE.c.id).where(_DIRECTIVE.c.state == DirectiveState.PUBLISHED)
    owners = {
        Aggregate.DIRECTIVE: under_way,
        Aggregate.ITEM: select(_ITEM.c.id).where(
            _ITEM.c.state == ItemState.OPEN, _ITEM.c.directive_id.in_(under_way)
        ),
        Aggregate.RECTIFICATION: select(_RECTIFICATION.c.id).where(_RECTIFICATION.c.state.in_(MENDING)),
    }
    for aggregate, ids in owners.items():
        for owner_id in tx.run(ids).scalars().all():
            bump(tx, aggregate, owner_id)

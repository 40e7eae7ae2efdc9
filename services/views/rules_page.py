"""The rules of the office as pages show them, read only: years of the calendar, policies and their ladders."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from domain.ladder import Ladder
from domain.policy import Policy, policy_from_json, policy_to_json
from models.columns import table
from models.directive import Directive
from models.engine import CalendarDay, CalendarYear
from services.access import sees_directive
from services.office import Office
from services.sign_in import SignedIn
from store.sessions import reading

_DAY, _YEAR, _DIRECTIVE = table(CalendarDay), table(CalendarYear), table(Directive)
LADDERS = ("standard", "recurring", "rectification")


@dataclass(frozen=True)
class CalendarYearView:
    """One year: its days off and make-up working days; `certain` once its notice was imported."""

    year: int
    certain: bool
    off: tuple[date, ...]
    working: tuple[date, ...]


@dataclass(frozen=True)
class PolicyView:
    """A policy as figures by name, and its ladders by name. `changed`: the figures that are not the default's."""

    directive_id: int | None
    title: str
    state: str
    figures: dict[str, Any]
    ladders: tuple[tuple[str, Ladder], ...]
    changed: frozenset[str]


def calendar_years(office: Office) -> tuple[CalendarYearView, ...]:
    """Every year of which a day is known, the latest first."""
    with reading(office.engine) as session:
        connection = session.connection()
        certain = {row.year: row.certain for row in connection.execute(select(_YEAR))}
        days = connection.execute(select(_DAY).order_by(_DAY.c.day)).all()
    found = [
        _year(year, certain.get(year, False), days) for year in {*certain, *(day.day.year for day in days)}
    ]
    return tuple(sorted(found, key=lambda year: -year.year))


def _year(year: int, certain: bool, days: Iterable[Any]) -> CalendarYearView:
    mine = [day for day in days if day.day.year == year]
    off, working = (tuple(day.day for day in mine if bool(day.off) is wanted) for wanted in (True, False))
    return CalendarYearView(year, bool(certain), off, working)


def policies(office: Office, me: SignedIn) -> tuple[PolicyView, ...]:
    """The default policy, then that of each directive the reader may see, the latest first."""
    chosen = select(_DIRECTIVE.c.id, _DIRECTIVE.c.title, _DIRECTIVE.c.state, _DIRECTIVE.c.policy)
    with reading(office.engine) as session:
        rows = session.connection().execute(
            chosen.where(sees_directive(me)).order_by(_DIRECTIVE.c.id.desc()).limit(100)
        )
        return (
            _policy(None, "", "", Policy()),
            *(_policy(row.id, row.title, row.state, policy_from_json(row.policy)) for row in rows),
        )


def _policy(directive_id: int | None, title: str, state: str, policy: Policy) -> PolicyView:
    data, default = policy_to_json(policy), policy_to_json(Policy())
    figures = {name: value for name, value in data.items() if name not in LADDERS and name != "extension"}
    figures |= data["extension"]
    usual = {name: value for name, value in default.items() if name not in LADDERS} | default["extension"]
    changed = {name for name, value in figures.items() if usual[name] != value}
    changed |= {name for name in LADDERS if data[name] != default[name]}
    ladders = tuple((name, getattr(policy, name)) for name in LADDERS)
    return PolicyView(directive_id, title, state, figures, ladders, frozenset(changed))

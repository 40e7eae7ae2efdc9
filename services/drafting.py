"""From a reading to a draft: names matched to units, dates reckoned, what is unsure left for a person."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from domain.matching import Match, UnitName, match_collective, match_names
from domain.periods import Frequency
from domain.phrases import due_date, recurrence
from domain.reading.model import Reading, ReadItem
from domain.unit_task import Role
from domain.workdays import Calendar
from models.columns import table
from models.organisation import Unit, UnitAlias
from services.directives import DraftDirective, DraftItem, PartIn

_UNIT, _ALIAS = table(Unit), table(UnitAlias)
_STRENGTH = {Role.COOPERATING: 0, Role.HANDLING: 1, Role.LEAD: 2}


@dataclass(frozen=True)
class Frame:
    """Against what a reading is drafted: who publishes, when, up to which day, by which calendar."""

    issuer_id: int
    published: date
    horizon: date
    calendar: Calendar


def unit_names(session: Session) -> tuple[UnitName, ...]:
    """Every unit that is not abolished, with the names it goes by."""
    aliases: dict[int, list[str]] = {}
    for row in session.connection().execute(select(_ALIAS.c.unit_id, _ALIAS.c.alias).order_by(_ALIAS.c.id)):
        aliases.setdefault(row.unit_id, []).append(row.alias)
    units = (
        session.connection()
        .execute(select(_UNIT).where(_UNIT.c.abolished_at.is_(None)).order_by(_UNIT.c.path))
        .all()
    )
    return tuple(
        UnitName(
            id=u.id,
            name=u.name,
            aliases=tuple(aliases.get(u.id, ())),
            kind=u.kind,
            parent_id=u.parent_id,
            level=u.level,
        )
        for u in units
    )


def draft_of(
    reading: Reading, source: str, sha256: str, units: tuple[UnitName, ...], frame: Frame
) -> DraftDirective:
    """The draft a reading comes to. Unmatched names stay in their items for a person to settle."""
    items = tuple(_item(item, units, frame) for item in reading.items)
    return DraftDirective(
        title=(reading.title or "未命名文件")[:300],
        issuer_id=frame.issuer_id,
        items=items,
        horizon=frame.horizon,
        document_number=(reading.number or "")[:80],
        document_issuer=(reading.issuer or "")[:120],
        document_text=source,
        document_sha256=sha256,
        secrecy_mark=reading.secrecy_mark,
    )


def horizon_of(reading: Reading, published: date, calendar: Calendar) -> date:
    """The last day of the year most dates of the paper lie in, at the earliest of the year it is published in.

    A paper published in November for the year to come has its periods in that year; one goal 「到2030年」 among
    many dates of this year is a yearly slice.
    """
    dues = (due_date(item.deadlines, published, calendar) for item in reading.items)
    years = Counter(max(due.year, published.year) for due in dues if due is not None)
    most = max(years.values(), default=0)
    return date(min((y for y, n in years.items() if n == most), default=published.year), 12, 31)


def _item(item: ReadItem, units: tuple[UnitName, ...], frame: Frame) -> DraftItem:
    frequency, day, due = when_of(item, frame)
    parts, unmatched = who_of(item, units)
    anchor = {
        "paragraph": item.anchor.paragraph,
        "start": item.anchor.start,
        "end": item.anchor.end,
        "sha256": item.anchor.sha256,
        "confidence": item.confidence,
        "doubts": [doubt.value for doubt in item.reasons],
    }
    return DraftItem(
        number=item.number[:40],
        heading_path=item.heading_path,
        text=item.text[:20000],
        role_mode=item.role_mode,
        deadline_phrases=item.deadlines,
        frequency=frequency,
        due_day=day,
        due_on=due,
        parts=parts,
        unmatched=unmatched,
        anchor=anchor,
    )


def when_of(item: ReadItem, frame: Frame) -> tuple[Frequency, int | None, date | None]:
    """How often, on which day of the period, or by which date. A date beyond the horizon is a yearly slice."""
    again = next((found for phrase in item.deadlines if (found := recurrence(phrase))), None)
    if again is None:
        due = due_date(item.deadlines, frame.published, frame.calendar)
        if due is not None:
            return (Frequency.ONCE if due <= frame.horizon else Frequency.ONGOING), None, due
        again = recurrence(item.text)
    if again is None:
        return Frequency.ONCE, None, None
    return Frequency(again.frequency), again.day, None


def who_of(
    item: ReadItem, units: tuple[UnitName, ...]
) -> tuple[tuple[PartIn, ...], tuple[dict[str, Any], ...]]:
    """The units that take part, each in its strongest role, and the names nobody goes by."""
    leads = item.role_mode in ("explicit_lead", "first_is_lead")
    parts: dict[int, PartIn] = {}
    unmatched: list[dict[str, Any]] = []

    def take(unit_id: int, role: Role, name: str) -> None:
        if unit_id not in parts or _STRENGTH[parts[unit_id].role] < _STRENGTH[role]:
            parts[unit_id] = PartIn(unit_id=unit_id, role=role, named_as=name[:200])

    def match(names: tuple[str, ...], role: Role) -> None:
        single = tuple(name for name in names if name not in item.collectives)
        found: tuple[Match, ...] = match_names(single, units)
        for one in found:
            if one.unit_id is None:
                unmatched.append({"name": one.name, "reason": one.reason, "role": role})
            else:
                take(one.unit_id, role, one.name)

    match(item.lead_units, Role.LEAD if leads else Role.HANDLING)
    match(item.cooperating_units, Role.COOPERATING)
    for name in item.collectives:
        members = match_collective(name, units)
        if not members:
            unmatched.append({"name": name, "reason": "collective", "role": Role.HANDLING})
        for unit_id in members:
            take(unit_id, Role.HANDLING, name)
    return tuple(parts.values()), tuple(unmatched)

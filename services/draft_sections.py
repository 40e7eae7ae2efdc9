"""Changes to a whole section of a draft, or to the draft as such: its title, its horizon, its policy."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from pydantic import Field
from sqlalchemy import Row, select, update

from domain.errors import InvalidInputError
from domain.instants import end_of
from domain.ladder_order import with_figures
from domain.policy import policy_from_json, policy_to_json
from domain.unit_task import Role
from models.columns import table
from models.directive import Directive, Item
from services.directives import check_seen
from services.draft_fixes import beside_a_lead
from services.draft_items import take_out
from services.draft_parts import TakesPart, changed, open_draft, parts_of, units_called, write_parts
from services.transaction import Answer, Request, Transaction, act

_DIRECTIVE, _ITEM = table(Directive), table(Item)
BETWEEN_HEADINGS = " › "


class OnSection(Request):
    """An act on every item below a heading: the headings from the highest on, as `section_of` joins them."""

    directive_id: int
    version: int
    section: str = Field(min_length=1, max_length=4000)


class LeadSection(OnSection):
    """One unit, by name or code, leads every item of the section."""

    lead: str = Field(min_length=1, max_length=120)


class SetFrame(Request):
    """Title, horizon and policy of a draft: figures by their names, offsets (working days) by ladder and rung."""

    directive_id: int
    version: int
    title: str = Field(min_length=1, max_length=300)
    horizon: date
    figures: dict[str, int] = Field(default_factory=dict)
    standard: dict[str, int] = Field(default_factory=dict)
    recurring: dict[str, int] = Field(default_factory=dict)


def section_of(headings: Sequence[str]) -> str:
    """How a section is named."""
    return BETWEEN_HEADINGS.join(headings)


@act
def drop_section(tx: Transaction, request: OnSection) -> Answer:
    """Take out all items of a section: none of them is a task."""
    items = _section(tx, request)
    for item in reversed(items):
        take_out(tx, request.directive_id, item)
    changed(tx, request.directive_id)
    tx.record("drop_section", f"directive/{request.directive_id}", section=request.section, items=len(items))
    return {"items": len(items)}


@act
def lead_section(tx: Transaction, request: LeadSection) -> Answer:
    """Let one unit lead all items of a section; who led before helps, a class of addressees goes on for itself."""
    items = _section(tx, request)
    units = units_called(tx, request.lead)
    if len(units) != 1:
        raise InvalidInputError("Name one unit.")
    for item in items:
        parts = {unit: beside_a_lead(part) for unit, part in parts_of(tx, item.id).items()}
        before = parts.get(units[0])
        parts[units[0]] = TakesPart(Role.LEAD, before.named_as if before else "")
        write_parts(tx, item.id, parts)
    ids = [item.id for item in items]
    tx.run(update(_ITEM).where(_ITEM.c.id.in_(ids)).values(role_mode="explicit_lead"))
    changed(tx, request.directive_id, *ids)
    tx.record(
        "lead_section",
        f"directive/{request.directive_id}",
        section=request.section,
        lead=units[0],
        items=len(ids),
    )
    return {"items": len(items)}


def _section(tx: Transaction, request: OnSection) -> list[Row[Any]]:
    """The items below the heading. Raises ConflictError where somebody was first."""
    directive = open_draft(tx, request.directive_id)
    check_seen(tx, directive, request.version)
    mine = select(_ITEM).where(_ITEM.c.directive_id == directive.id).order_by(_ITEM.c.position)
    items = tx.run(mine).all()
    found = [item for item in items if request.section in sections(item.heading_path)]
    if not found:
        raise InvalidInputError("No item stands below %(section)s.", section=request.section)
    return found


def sections(headings: Sequence[str]) -> list[str]:
    """The sections an item under these headings belongs to, the widest first."""
    return [section_of(headings[:depth]) for depth in range(1, len(headings) + 1)]


@act
def set_frame(tx: Transaction, request: SetFrame) -> Answer:
    """Change title, horizon and policy. Raises InvalidInputError for figures with which nobody can work."""
    directive = open_draft(tx, request.directive_id)
    check_seen(tx, directive, request.version)
    end_of(request.horizon, tx.frame.tz)  # refuses a day no office counts to
    if request.horizon < tx.today:
        raise InvalidInputError("The date %(day)s is already past.", day=request.horizon.isoformat())
    policy = with_figures(
        policy_from_json(directive.policy), request.figures, request.standard, request.recurring
    )
    values = {"title": request.title, "horizon": request.horizon, "policy": policy_to_json(policy)}
    tx.run(update(_DIRECTIVE).where(_DIRECTIVE.c.id == directive.id).values(**values))
    changed(tx, directive.id)
    tx.record(
        "set_frame",
        f"directive/{directive.id}",
        **request.model_dump(mode="json", exclude={"directive_id", "version"}),
    )
    return {"horizon": request.horizon.isoformat()}

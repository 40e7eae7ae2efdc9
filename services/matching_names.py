"""Which units of an organisation file the names of an item mean, before anything is in a database."""

from collections.abc import Mapping
from typing import Any

from domain.matching import UnitName, match_collective, match_names
from domain.organisation import OrganisationPlan


def plan_names(plan: OrganisationPlan) -> tuple[UnitName, ...]:
    """The units of a plan by their names; an id is the unit's place in the plan, from 1."""
    ids = {unit.code: number for number, unit in enumerate(plan.units, 1)}
    return tuple(
        UnitName(
            id=ids[unit.code],
            name=unit.name,
            aliases=unit.aliases,
            kind=unit.kind,
            parent_id=ids.get(unit.parent_code),
            level=unit.level,
        )
        for unit in plan.units
    )


def match_item(
    item: Mapping[str, Any], units: tuple[UnitName, ...], codes: Mapping[int, str]
) -> list[dict[str, Any]]:
    """One entry for each name of an item (JSON of a reading): the units it means with their codes, and why."""
    known = {unit.id: unit.name for unit in units}

    def entry(name: str, role: str, found: tuple[int, ...], reason: str, confidence: float) -> dict[str, Any]:
        meant = [{"code": codes[one], "name": known[one]} for one in found]
        return {"name": name, "role": role, "units": meant, "reason": reason, "confidence": confidence}

    entries = []
    for role, key in (("lead", "lead_units"), ("cooperating", "cooperating_units")):
        names = tuple(name for name in item[key] if name not in item["collectives"])
        for one in match_names(names, units):
            found = () if one.unit_id is None else (one.unit_id,)
            entries.append(entry(one.name, role, found, one.reason, one.confidence))
    for name in item["collectives"]:
        members = match_collective(name, units)
        entries.append(entry(name, "collective", members, "collective", 1.0 if members else 0.0))
    return entries

"""An organisation to be imported: one tree of units, checked as a whole before a row of it is written.

Groups (「市直单位」) only sort a list of units: they are no units, get no tasks and no code. Their units hang
on the next real unit above and keep the name of the group.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain.errors import DubanError, InvalidInputError
from domain.organisation_fields import GROUP, NOWHERE, UnitDraft, field_problems, same_name, tidy_draft

MOST_UNITS = 50_000
MOST_LEVELS = 20


@dataclass(frozen=True)
class UnitPlan:
    """One unit, checked. `level` is 1 for the root; `position` counts from 1 among the units of one superior."""

    row: str
    code: str
    name: str
    kind: str
    parent_code: str | None
    level: int
    position: int
    aliases: tuple[str, ...]
    email: str
    group: str
    post: bool | None


@dataclass(frozen=True)
class OrganisationPlan:
    """A whole organisation, superiors before their units. `ignored` names what the file holds beyond it."""

    name: str
    units: tuple[UnitPlan, ...]
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Place:
    level: int
    position: int
    path: str


def plan_organisation(
    drafts: Sequence[UnitDraft], problems: Sequence[DubanError] = (), ignored: tuple[str, ...] = ()
) -> OrganisationPlan:
    """The organisation the drafts make up; `problems` are those met while reading them from a file.

    Raises one InvalidInputError with every problem found in `problems`; then nothing may be imported.
    """
    if len(drafts) > MOST_UNITS:
        raise InvalidInputError("More than %(most)s units in one file.", most=MOST_UNITS)
    tidied = [tidy_draft(draft) for draft in drafts]
    found = [*problems, *(problem for draft in tidied for problem in field_problems(draft))]
    found += _circle_problems(tidied)
    _refuse(found if any(draft.parent in _circular(tidied) for draft in tidied) else [])
    units = _without_groups(tidied)
    children = _children(units)
    places = _places(children)
    codes = [unit.code or (places[at].path if at in places else "") for at, unit in enumerate(units)]
    found += [*_root_problems(units, children), *_name_problems(units), *_code_problems(units, codes)]
    found += _level_problems(units, places)
    _refuse(found)
    return OrganisationPlan(
        name=units[children[None][0]].name,
        units=tuple(_unit_plan(units[at], codes, at, place) for at, place in places.items()),
        ignored=ignored,
    )

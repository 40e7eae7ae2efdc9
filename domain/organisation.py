"""An organisation to be imported: one tree of units, checked as a whole before a row of it is written.

Groups (「市直单位」) only sort a list of units: they are no units, get no tasks and no code. Their units hang
on the next real unit above and keep the name of the group.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.errors import DubanError, InvalidInputError
from domain.organisation_fields import NOWHERE, UnitDraft, field_problems, same_name, tidy_draft
from domain.organisation_tree import MOST_LEVELS, Place, circular, places_of, without_groups

MOST_UNITS = 50_000


@dataclass(frozen=True)
class UnitPlan:
    """One unit, checked. `level` is 1 for the root, `position` counts from 1 under one superior.

    `row` is where it stands in the file (a line number or a JSON path); `parent_code` is empty for the root
    alone; `post` says whether a liaison post is filled, None when the file does not say.
    """

    row: str
    code: str
    name: str
    kind: str
    parent_code: str
    level: int
    position: int
    aliases: tuple[str, ...] = ()
    email: str = ""
    group: str = ""
    post: bool | None = None


@dataclass(frozen=True)
class OrganisationPlan:
    """A whole organisation, superiors before their units. `ignored` names what else the file holds."""

    name: str
    units: tuple[UnitPlan, ...]
    ignored: tuple[str, ...] = ()


def plan_organisation(
    drafts: Sequence[UnitDraft], problems: Sequence[DubanError] = (), ignored: tuple[str, ...] = ()
) -> OrganisationPlan:
    """The organisation the drafts make up; `problems` are those met while reading them from a file.

    Raises one InvalidInputError whose `problems` holds everything found; then nothing may be imported.
    """
    if len(drafts) > MOST_UNITS:
        raise InvalidInputError("The file holds more than %(most)s units.", most=MOST_UNITS)
    tidied = [tidy_draft(draft) for draft in drafts]
    found = [*problems, *(problem for draft in tidied for problem in field_problems(draft))]
    circle = circular(tidied)
    if circle:  # no unit has a place in a circle, so what depends on places is not asked
        _refuse([*found, *_circle_problems(tidied, circle)])
    units = without_groups(tidied)
    places = places_of(units)
    codes = [unit.code or (places[at].path if at in places else "") for at, unit in enumerate(units)]
    found += [*_root_problems(units), *_name_problems(units)]
    found += [*_code_problems(units, codes), *_level_problems(units, places)]
    if found:
        _refuse(found)
    plans = tuple(_unit_plan(units[at], codes, at, place) for at, place in places.items())
    return OrganisationPlan(name=plans[0].name, units=plans, ignored=ignored)


def _refuse(problems: list[DubanError]) -> None:
    raise InvalidInputError(
        "%(count)s problems, nothing was imported. In brackets: the line, or the place in the JSON file.",
        problems=tuple(problems),
        count=len(problems),
    )


def _unit_plan(unit: UnitDraft, codes: Sequence[str], at: int, place: Place) -> UnitPlan:
    return UnitPlan(
        row=unit.row,
        code=codes[at],
        name=unit.name,
        kind=unit.kind,
        parent_code="" if unit.parent is None else codes[unit.parent],
        level=place.level,
        position=place.position,
        aliases=unit.aliases,
        email=unit.email,
        group=unit.group,
        post=unit.post,
    )


def _circle_problems(drafts: Sequence[UnitDraft], circle: Sequence[int]) -> Iterator[InvalidInputError]:
    for at in circle:
        yield InvalidInputError(
            "[%(row)s] %(name)s is its own superior, directly or over others.",
            row=drafts[at].row,
            name=drafts[at].name,
        )


def _root_problems(units: Sequence[UnitDraft]) -> Iterator[InvalidInputError]:
    """One unit and one alone has no superior."""
    roots = [unit for unit in units if unit.parent is None]
    if not units:
        yield InvalidInputError("The file holds no unit.")
    elif not roots:
        yield InvalidInputError("No unit stands at the top: each one names a superior.")
    for extra in roots[1:]:
        yield InvalidInputError(
            "[%(row)s] %(name)s has no superior, but %(first)s already stands at the top.",
            row=extra.row,
            name=extra.name,
            first=roots[0].name,
        )


def _name_problems(units: Sequence[UnitDraft]) -> Iterator[InvalidInputError]:
    """Under one superior a name or alias means one unit; elsewhere it may come again (办公室)."""
    first: dict[tuple[int, str], UnitDraft] = {}
    for unit in units:
        if unit.parent is None or unit.parent == NOWHERE:
            continue
        for name in filter(None, (unit.name, *unit.aliases)):
            other = first.setdefault((unit.parent, same_name(name)), unit)
            if other is not unit:
                yield InvalidInputError(
                    "[%(row)s] %(name)s already stands under the same superior, in [%(first)s].",
                    row=unit.row,
                    name=name,
                    first=other.row,
                )


def _code_problems(units: Sequence[UnitDraft], codes: Sequence[str]) -> Iterator[InvalidInputError]:
    first: dict[str, UnitDraft] = {}
    for unit, code in zip(units, codes, strict=True):
        other = first.setdefault(code, unit)
        if code and other is not unit:
            yield InvalidInputError(
                "[%(row)s] The code %(code)s is already that of [%(first)s].",
                row=unit.row,
                code=code,
                first=other.row,
            )


def _level_problems(units: Sequence[UnitDraft], places: dict[int, Place]) -> Iterator[InvalidInputError]:
    """The first unit of every branch that is too deep; those below it would say the same."""
    for at, place in places.items():
        if place.level > MOST_LEVELS:
            yield InvalidInputError(
                "[%(row)s] The tree is more than %(most)s levels deep.", row=units[at].row, most=MOST_LEVELS
            )

"""The shape of an organisation that is to be imported: circles, groups, levels and positions.

Nothing here calls itself, so a tree as deep as its file allows is walked without a stack of calls.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.organisation_fields import GROUP, NOWHERE, UnitDraft

MOST_LEVELS = 12  # twice the deepest real chain of organs, and a path of codes still fits its column


@dataclass(frozen=True)
class Place:
    """Where a unit stands: `level` 1 is the root, `position` counts from 1 under one superior.

    `path` is the code of a unit that has none of its own: the positions from the root down (01.003.002).
    """

    level: int
    position: int
    path: str


def circular(drafts: Sequence[UnitDraft]) -> list[int]:
    """Indices of the drafts that are, over others or at once, their own superior; in order."""
    done: set[int] = set()
    found: set[int] = set()
    for start in range(len(drafts)):
        trail: dict[int, None] = {}  # an ordered set
        at: int | None = start
        while at is not None and at != NOWHERE and at not in done and at not in trail:
            trail[at] = None
            at = drafts[at].parent
        if at in trail:
            walked = list(trail)
            found.update(walked[walked.index(at) :])
        done.update(trail)
    return sorted(found)


def without_groups(drafts: Sequence[UnitDraft]) -> list[UnitDraft]:
    """The units alone, each on the next real unit above it and with the name of the nearest group between.

    There must be no circle in `drafts`.
    """
    renumbered: dict[int | None, int | None] = {None: None, NOWHERE: NOWHERE}
    for at, draft in enumerate(drafts):
        if draft.kind != GROUP:
            renumbered[at] = len(renumbered) - 2
    units = []
    for draft in drafts:
        if draft.kind == GROUP:
            continue
        parent, group = draft.parent, draft.group
        while parent not in renumbered and parent is not None:
            group = group or drafts[parent].name
            parent = drafts[parent].parent
        units.append(replace(draft, parent=renumbered[parent], group=group))
    return units


def children_of(units: Sequence[UnitDraft]) -> Mapping[int | None, list[int]]:
    """Indices of the units under each unit, in the order of the file; under None the roots."""
    children: defaultdict[int | None, list[int]] = defaultdict(list)
    for at, unit in enumerate(units):
        children[unit.parent].append(at)
    return children


def places_of(units: Sequence[UnitDraft]) -> dict[int, Place]:
    """The place of every unit that hangs on a root, superiors first and each branch in one piece.

    One level below MOST_LEVELS the walk ends: the tree is refused for it, and paths grow with every level.
    """
    children = children_of(units)
    places: dict[int, Place] = {}
    waiting = [
        (at, Place(1, number, f"{number:02d}")) for number, at in enumerate(children.get(None, ()), start=1)
    ][::-1]
    while waiting:
        at, place = waiting.pop()
        places[at] = place
        if place.level > MOST_LEVELS:
            continue
        below = [
            (child, Place(place.level + 1, number, f"{place.path}.{number:03d}"))
            for number, child in enumerate(children.get(at, ()), start=1)
        ]
        waiting.extend(reversed(below))
    return places

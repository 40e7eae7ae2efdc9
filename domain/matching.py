"""Names in a document to units of the organisation: never a guess between two, never a lead made up.

A name is tried by the surest way first; of the ways that find something the surest counts, and where it finds
two units the name stays open (`ambiguous`) for a person to settle.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from domain.reading.organs import is_collective
from domain.unit_forms import LEVEL_WORDS, is_within, plain, short, without_seat

Reason = Literal[
    "exact",
    "alias",
    "prefix",
    "abbreviation",
    "shortened",
    "elided_prefix",
    "collective",
    "ambiguous",
    "unknown",
]
CONFIDENCE: dict[Reason, float] = {
    "exact": 1.0,
    "alias": 0.98,
    "prefix": 0.95,
    "abbreviation": 0.9,
    "shortened": 0.7,
}
SHORTEST_NAME = 2
ELIDED = 0.85  # what is left of the confidence when the level before a name had to be supplied
TERRITORIES: dict[str, frozenset[str]] = {
    "区": frozenset({"district"}),
    "县": frozenset({"county"}),
    "旗": frozenset({"county"}),
    "市": frozenset({"prefecture_city", "county_level_city"}),
    "县级市": frozenset({"county_level_city"}),
    "州": frozenset({"prefecture"}),
    "镇": frozenset({"town"}),
    "乡": frozenset({"township"}),
    "街道": frozenset({"subdistrict"}),
    "村": frozenset({"village"}),
    "社区": frozenset({"community"}),
    "园区": frozenset({"park_or_soe"}),
}
PLACES = frozenset().union(*(kinds for word, kinds in TERRITORIES.items() if word != "园区")) | {
    "municipality"
}
DEPARTMENTS = frozenset({"gov", "party_organ", "department"})
ENTERPRISES = frozenset({"park_or_soe", "company"})


@dataclass(frozen=True, slots=True)
class UnitName:
    """A unit as far as its name matters; `level` is 1 at the root, `parent_id` None there."""

    id: int
    name: str
    aliases: tuple[str, ...]
    kind: str
    parent_id: int | None
    level: int


@dataclass(frozen=True, slots=True)
class Match:
    """The unit a name means, or None with the reason why not. `confidence` is 0..1."""

    name: str
    unit_id: int | None
    reason: Reason
    confidence: float


class _Index:
    """The forms of all units, each with the units that bear it."""

    def __init__(self, units: Sequence[UnitName]) -> None:
        root = min(units, key=lambda u: (u.level, u.id), default=None)
        self.root = without_seat(plain(root.name)) if root else ""
        self.level_word = self.root[-1:] if self.root[-1:] in LEVEL_WORDS else ""
        self.exact: dict[str, set[int]] = {}
        self.alias: dict[str, set[int]] = {}
        self.prefix: dict[str, set[int]] = {}
        self.abbreviation: dict[str, set[int]] = {}
        self.forms: list[tuple[str, int]] = []
        for unit in units:
            self._add(unit)

    def _add(self, unit: UnitName) -> None:
        def note(table: dict[str, set[int]], form: str) -> None:
            table.setdefault(form, set()).add(unit.id)

        note(self.exact, plain(unit.name))
        for alias in unit.aliases:
            note(self.alias, plain(alias))
        for name in (unit.name, *unit.aliases):
            local = self.local(plain(name))
            note(self.prefix, local)
            forms = {short(local)} | ({without_seat(local)} if unit.kind in PLACES else set())
            for form in forms:
                note(self.abbreviation, form)
            self.forms += [(form, unit.id) for form in {local, short(local)}]

    def local(self, name: str) -> str:
        """The name with the place's own name as its mere level: 芸溪市教育局 is 市教育局 in 芸溪市."""
        name = name.removeprefix("国家税务总局") or name
        rest = name.removeprefix(self.root) if self.root else name
        return self.level_word + rest if rest and rest != name else name

    def find(self, name: str) -> tuple[Reason, set[int]]:
        """The surest way that finds something, and what it finds."""
        bare = plain(name)
        local = self.local(bare)
        ways: tuple[tuple[Reason, set[int]], ...] = (
            ("exact", self.exact.get(bare, set())),
            ("alias", self.alias.get(bare, set())),
            ("prefix", self.prefix.get(local, set())),
            (
                "abbreviation",
                self.abbreviation.get(short(local), set())
                | self.abbreviation.get(without_seat(local), set()),
            ),
        )
        for reason, found in ways:
            if found:
                return reason, found
        brief = short(local)
        within = {at for form, at in self.forms if is_within(local, form) or is_within(brief, form)}
        return ("shortened", within) if within else ("unknown", set())


def match_names(names: Sequence[str], units: Sequence[UnitName]) -> tuple[Match, ...]:
    """One match for every name of one list, in its order.

    The order matters: in 「省科技厅、工业和信息化厅」 the second name takes the level of the first. A name without
    a level in a list that shows none is taken for the organisation's own, unless the list names central organs.
    """
    index = _Index(units)
    central = any(_is_central(name) for name in names)
    level: str | None = None if central else index.level_word
    found = []
    for name in names:
        shown = _level_shown(plain(name), index)
        level = shown or level
        found.append(_match(name, index, None if shown else level))
    return tuple(found)


def _is_central(name: str) -> bool:
    return (
        re.match(r"国务院|中央|国家|全国|中国", name) is not None
        or re.search(r"总局$|总署$|(?<![组传战农工作装挥理业])部$", name) is not None
    )


_LEVEL = re.compile(rf"(?!市场|区域|县域|乡村|州际)[{LEVEL_WORDS}]")


def _level_shown(name: str, index: _Index) -> str:
    """The level word a name begins with, empty when it shows none."""
    if index.root and name.startswith(index.root):
        return index.level_word
    return name[:1] if len(name) > 2 and _LEVEL.match(name) else ""


def _match(name: str, index: _Index, level: str | None) -> Match:
    if len(plain(name)) < SHORTEST_NAME:
        return Match(name, None, "unknown", 0.0)
    reason, found = index.find(name)
    factor = 1.0
    if not found and is_collective(name):
        return Match(name, None, "collective", 1.0)
    if level and level == index.level_word and reason in {"shortened", "unknown"}:
        elided, by_level = index.find(level + plain(name))
        if by_level:
            reason, found, factor = elided, by_level, ELIDED
    if len(found) > 1:
        return Match(name, None, "ambiguous", 0.0)
    if not found:
        return Match(name, None, "unknown", 0.0)
    shown: Reason = "elided_prefix" if factor < 1 else reason
    return Match(name, next(iter(found)), shown, round(CONFIDENCE[reason] * factor, 2))


_TERRITORY = re.compile(
    r"^(?:各|全[省市区县])(?:有关|相关|地级以上)?(?P<classes>(?:街道|社区|园区|开发区|县级|[省市区县旗州镇乡村、和及（）()])+?)(?:级)?(?:人民|党委)?(?:政府|办事处|党委|党工委)?(?P<more>[、和及]街道办事处)?$"
)
_OF_BODIES = re.compile(
    r"^(?P<level>[省市区县州镇乡])?(?:级|直|属|政府)?(?:各|有关|相关|其他|其它|全部|所有|全体|级|直|属|主管|成员|责任)*(?P<body>部门|单位|企业)(?:（单位）|\(单位\))?$"
)
_EVERYWHERE = re.compile(r"^(?:各地|各地区|地方各级人民政府|各级人民政府|相关地区|有关地区)$")
_ENGLISH = re.compile(r"^(?:all|each|every)(?: of)?(?: the)? (?P<kind>[a-z]+?)s?$", re.IGNORECASE)


def match_collective(name: str, units: Sequence[UnitName]) -> tuple[int, ...]:
    """The units a class of addressees fans out to, in the order given; empty when the class is not known here.

    各区县人民政府 are the places of those kinds, 各有关部门 the departments next below the root, 各有关单位 every
    body there that is no place. A class of another level (省级部门 in a city) is empty.
    """
    root = min(units, key=lambda u: (u.level, u.id), default=None)
    if root is None:
        return ()
    folded = name.replace("(", "（").replace(")", "）").strip()
    below = [u for u in units if u.level == root.level + 1]
    kinds = _kinds_of_places(folded)
    if kinds:
        return _ids(u for u in units if u.kind in kinds and u.id != root.id)
    if _EVERYWHERE.match(folded):
        return _ids(u for u in below if u.kind in PLACES)
    return _bodies(folded, root, below)


def _kinds_of_places(name: str) -> frozenset[str]:
    """The kinds of places a class names (各县（市、区）政府), or what an English 「all sites」 names."""
    english = _ENGLISH.match(name)
    if english:
        return frozenset({english["kind"].lower()})
    territory = _TERRITORY.match(name)
    if territory is None:
        return frozenset()
    words = re.findall(
        "县级市|街道|社区|园区|开发区|[市区县旗州镇乡村]", territory["classes"] + (territory["more"] or "")
    )
    return frozenset().union(*(TERRITORIES.get(word, frozenset()) for word in words))


def _bodies(name: str, root: UnitName, below: Sequence[UnitName]) -> tuple[int, ...]:
    """The bodies next below the root that 各有关部门, 市直单位 or 各企业 names."""
    bodies = _OF_BODIES.match(name)
    if bodies is None or (bodies["level"] and bodies["level"] != without_seat(plain(root.name))[-1:]):
        return ()
    if bodies["body"] == "部门":
        return _ids(u for u in below if u.kind in DEPARTMENTS)
    if bodies["body"] == "企业":
        return _ids(u for u in below if u.kind in ENTERPRISES)
    return _ids(u for u in below if u.kind not in PLACES)


def _ids(units: Iterable[UnitName]) -> tuple[int, ...]:
    return tuple(unit.id for unit in units)

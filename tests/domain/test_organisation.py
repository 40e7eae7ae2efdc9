"""The rules of a tree of units that is to be imported, without any file."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInputError
from domain.organisation import MOST_UNITS, plan_organisation
from domain.organisation_fields import NOWHERE, UnitDraft
from domain.organisation_tree import MOST_LEVELS


def problems_of(drafts: Sequence[UnitDraft]) -> list[str]:
    with pytest.raises(InvalidInputError) as refusal:
        plan_organisation(drafts)
    return [str(problem) for problem in refusal.value.problems]


def root(**fields: str) -> UnitDraft:
    return UnitDraft(row="1", name="芸溪市", parent=None, **fields)  # type: ignore[arg-type]  # texts alone


def below(row: str, name: str, parent: int = 0, **fields: object) -> UnitDraft:
    return UnitDraft(row=row, name=name, parent=parent, **fields)  # type: ignore[arg-type]  # as each test says


def chain(levels: int) -> list[UnitDraft]:
    return [UnitDraft(row=str(n), name=f"U{n}", parent=n - 1 if n else None) for n in range(levels)]


def test_units_come_with_superiors_first_and_each_branch_in_one_piece() -> None:
    plan = plan_organisation([below("3", "丙", 2), root(), below("2", "乙", 1), below("4", "丁", 1)])

    assert plan.name == "芸溪市"
    assert [(unit.name, unit.level, unit.position, unit.code, unit.parent_code) for unit in plan.units] == [
        ("芸溪市", 1, 1, "01", ""),
        ("乙", 2, 1, "01.001", "01"),
        ("丙", 3, 1, "01.001.001", "01.001"),
        ("丁", 2, 2, "01.002", "01"),
    ]


def test_a_given_code_is_kept_and_is_what_its_units_name() -> None:
    plan = plan_organisation([root(code="YX"), below("2", "乙", code="YX-7"), below("3", "丙", 1)])

    assert [(unit.code, unit.parent_code) for unit in plan.units] == [
        ("YX", ""),
        ("YX-7", "YX"),
        ("01.001.001", "YX-7"),
    ]


def test_groups_are_no_units_and_leave_their_name_to_what_they_held() -> None:
    drafts = [
        root(),
        below("2", "市直单位", kind="group"),
        below("3", "重点单位", 1, kind="分组"),
        below("4", "市教育局", 2),
        below("5", "市民政局", 1),
        below("6", "北榆区", 0),
    ]

    plan = plan_organisation(drafts)

    assert [(unit.name, unit.group, unit.parent_code) for unit in plan.units] == [
        ("芸溪市", "", ""),
        ("市教育局", "重点单位", "01"),
        ("市民政局", "市直单位", "01"),
        ("北榆区", "", "01"),
    ]


def test_texts_are_kept_in_nfc_with_plain_blanks_and_every_alias_once() -> None:
    drafts = [root(), below("2", " Cafe\u0301\u3000\u3000Nord ", aliases=("CN", "Ｃ\uff4e", "", "Café Nord"))]

    (_, unit) = plan_organisation(drafts).units

    assert unit.name == "Caf\u00e9 Nord"
    assert unit.aliases == ("Ｃ\uff4e",)


def test_a_kind_is_one_of_our_words_where_it_is_known_and_stays_where_it_is_not() -> None:
    drafts = [
        root(kind="市"),
        below("2", "乙", kind="街道"),
        below("3", "丙", kind="faculty"),
        below("4", "丁"),
    ]

    kinds = [unit.kind for unit in plan_organisation(drafts).units]

    assert kinds == ["prefecture_city", "subdistrict", "faculty", "unit"]


def test_one_name_under_two_superiors_is_two_units() -> None:
    drafts = [
        root(),
        below("2", "甲局"),
        below("3", "乙局"),
        below("4", "办公室", 1),
        below("5", "办公室", 2),
    ]

    assert len(plan_organisation(drafts).units) == 5


@pytest.mark.parametrize(
    ("drafts", "problem"),
    [
        ([], "The file holds no unit."),
        ([root(), below("2", "甲局"), below("3", "甲局")], "[3] 甲局 already stands under the same superior"),
        ([root(), below("2", "ABC"), below("3", "ａｂｃ")], "[3] ａｂｃ already stands under the same superior"),
        ([root(), below("2", "甲局"), below("3", "乙局", aliases=("甲局",))], "[3] 甲局 already stands"),
        ([root(), below("2", "甲", code="X"), below("3", "乙", code="X")], "[3] The code X is already that of [2]."),
        ([root(), below("2", "甲"), below("3", "乙", code="01.001")], "[3] The code 01.001 is already that of [2]."),
        ([root(), below("2", "甲", code="a b")], "[2] The code a b is not"),
        ([root(), UnitDraft("2", "丰县", None)], "[2] 丰县 has no superior, but 芸溪市 already stands at the top."),
        ([root(), below("2", "  ")], "[2] The name is missing."),
        ([root(), below("2", "局" * 121)], "[2] A text of 121 characters, at most 120 are possible: 局局局"),
        ([root(), below("2", "甲", kind="k" * 41)], "[2] A text of 41 characters, at most 40"),
        ([root(), below("2", "甲", aliases=tuple(f"a{n}" for n in range(21)))], "[2] More than 20 aliases."),
        ([root(), below("2", "甲", group="组\u202e")], "[2] A text holds characters that cannot be seen: U+202E."),
    ],
)  # fmt: skip
def test_what_cannot_be_imported_is_told_with_its_place(drafts: list[UnitDraft], problem: str) -> None:
    (told,) = problems_of(drafts)

    assert told.startswith(problem)


@pytest.mark.parametrize(
    "hidden",
    ["\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u00ad", "\u0000", "\u0007", "\n", "\ud800", "\ue000", "\u3164"],
)  # fmt: skip
@pytest.mark.parametrize("field", ["name", "aliases", "group"])
def test_a_character_that_cannot_be_seen_is_named_by_its_number(hidden: str, field: str) -> None:
    text = f"市{hidden}局"
    fields: dict[str, object] = {"name": "甲", field: (text,) if field == "aliases" else text}

    (told,) = problems_of([root(), UnitDraft(row="2", parent=0, **fields)])  # type: ignore[arg-type]

    assert told == f"[2] A text holds characters that cannot be seen: U+{ord(hidden):04X}."


@pytest.mark.parametrize(
    "name", ["\u3447村", "\U00020bb7屋", "\U0002ebf0镇", "\U00031350乡", "O’Neill & Söhne"]
)
def test_rare_ideographs_and_plain_signs_can_be_in_a_name(name: str) -> None:
    assert plan_organisation([root(), below("2", name)]).units[1].name == name


@pytest.mark.parametrize(
    "address",
    [
        "nobody",
        "a@b,c@d.example",
        "a@b.example, c@b.example",
        "a@b.example\r\nBcc: all@b.example",
        "a@b.example\n",
        "=?UTF-8?Q?a=0A?=@b.example",
        "A <a@b.example>",
        "a b@c.example",
        "a@@b.example",
        "a@.example",
        f"{'a' * 65}@b.example",
    ],
)
def test_only_one_plain_address_is_an_address(address: str) -> None:
    (told,) = problems_of([root(), below("2", "甲", email=address)])

    assert told.startswith("[2] ")
    assert told.endswith("is not one plain e-mail address.")
    assert "\n" not in told


def test_a_circle_is_told_for_each_of_its_units_and_for_no_other() -> None:
    drafts = [root(), below("2", "甲", 3), below("3", "乙", 1), below("4", "丙", 2), below("5", "丁", 3)]

    assert problems_of(drafts) == [
        f"[{row}] {name} is its own superior, directly or over others."
        for row, name in (("2", "甲"), ("3", "乙"), ("4", "丙"))
    ]


def test_a_circle_of_groups_ends_in_a_refusal_too() -> None:
    drafts = [
        root(),
        below("2", "甲组", 2, kind="group"),
        below("3", "乙组", 1, kind="group"),
        below("4", "丁", 1),
    ]

    assert [told[:3] for told in problems_of(drafts)] == ["[2]", "[3]"]


def test_without_any_top_the_refusal_says_so() -> None:
    assert problems_of([below("1", "甲", NOWHERE)]) == [
        "No unit stands at the top: each one names a superior."
    ]


def test_a_tree_may_have_twelve_levels_and_not_one_more() -> None:
    assert plan_organisation(chain(MOST_LEVELS)).units[-1].level == MOST_LEVELS
    assert problems_of(chain(MOST_LEVELS + 1)) == [
        f"[{MOST_LEVELS}] The tree is more than {MOST_LEVELS} levels deep."
    ]


def test_a_chain_as_long_as_a_file_may_be_is_refused_with_the_same_sentence() -> None:
    (told,) = problems_of(chain(MOST_UNITS))

    assert told == f"[{MOST_LEVELS}] The tree is more than {MOST_LEVELS} levels deep."


def test_more_units_than_an_organisation_has_are_refused_before_they_are_looked_at() -> None:
    with pytest.raises(InvalidInputError, match="more than 50000 units"):
        plan_organisation(chain(MOST_UNITS + 1))


def test_every_problem_is_told_at_once() -> None:
    drafts = [
        root(email="x"),
        below("2", ""),
        below("3", "甲", code="?"),
        below("4", "甲"),
        UnitDraft("5", "戊", None),
    ]

    assert sorted(told[:3] for told in problems_of(drafts)) == ["[1]", "[2]", "[3]", "[4]", "[5]"]


# A superior is one of the first eleven, so that no tree is deeper than allowed.
trees = st.lists(st.integers(0, 30), min_size=1, max_size=31).map(
    lambda picks: [
        UnitDraft(row=str(at), name=f"U{at}", parent=pick % min(at, MOST_LEVELS - 1) if at else None)
        for at, pick in enumerate(picks)
    ]
)


@given(drafts=trees)
def test_any_tree_of_named_units_is_planned_whole(drafts: list[UnitDraft]) -> None:
    units = plan_organisation(drafts).units
    by_code = {unit.code: unit for unit in units}
    superiors = {unit.name: by_code[unit.parent_code].name for unit in units if unit.parent_code}

    assert len(by_code) == len(drafts)
    assert superiors == {
        draft.name: drafts[draft.parent].name for draft in drafts if draft.parent is not None
    }
    assert all(unit.level == by_code[unit.parent_code].level + 1 for unit in units if unit.parent_code)

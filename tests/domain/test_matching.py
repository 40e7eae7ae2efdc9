"""Names to units: the surest way counts, and between two units nobody chooses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.matching import Match, UnitName, match_collective, match_names

ROOT = UnitName(1, "柳湾市", ("柳湾市人民政府",), "prefecture_city", None, 1)
UNITS = (
    ROOT,
    UnitName(2, "市发展和改革委员会", (), "gov", 1, 2),
    UnitName(3, "市住房和城乡建设局", ("市建设局",), "gov", 1, 2),
    UnitName(4, "市文化和旅游局", (), "gov", 1, 2),
    UnitName(5, "市园林和林业局", (), "gov", 1, 2),
    UnitName(6, "市林业和草原监测局", (), "gov", 1, 2),
    UnitName(7, "市委宣传部", (), "party_organ", 1, 2),
    UnitName(8, "市供电公司", (), "vertical", 1, 2),
    UnitName(9, "市公交集团", (), "park_or_soe", 1, 2),
    UnitName(10, "东汀区人民政府", ("东汀区",), "district", 1, 2),
    UnitName(11, "西汀县人民政府", (), "county", 1, 2),
    UnitName(12, "灯桥街道办事处", (), "subdistrict", 10, 3),
    UnitName(13, "麦垅镇人民政府", (), "town", 10, 3),
    UnitName(14, "石桥乡", (), "township", 11, 3),
    UnitName(15, "城关镇", (), "town", 10, 3),
    UnitName(16, "城关镇", (), "town", 11, 3),
    UnitName(17, "市财政局", (), "gov", 1, 2),
    UnitName(18, "市市场监督管理局", (), "gov", 1, 2),
)


def one(name: str) -> Match:
    return match_names([name], UNITS)[0]


@pytest.mark.parametrize(
    ("name", "unit_id", "reason"),
    [
        ("市财政局", 17, "exact"),
        ("市 财政局（牵头）", 17, "exact"),
        ("市建设局", 3, "alias"),
        ("柳湾市财政局", 17, "prefix"),
        ("市发改委", 2, "abbreviation"),
        ("市发展改革委", 2, "abbreviation"),
        ("市住建局", 3, "abbreviation"),
        ("市市场监管局", 18, "abbreviation"),
        ("东汀区政府", 10, "abbreviation"),
        ("麦垅镇", 13, "abbreviation"),
        ("灯桥街道", 12, "abbreviation"),
        ("市文化局", 4, "shortened"),
        ("市园林局", 5, "shortened"),
        ("财政局", 17, "elided_prefix"),
        ("市场监管局", 18, "elided_prefix"),
    ],
)
def test_a_name_finds_its_unit_by_the_surest_way(name: str, unit_id: int, reason: str) -> None:
    found = one(name)

    assert (found.unit_id, found.reason) == (unit_id, reason)


def test_a_surer_way_has_more_confidence() -> None:
    ways = ["市财政局", "市建设局", "柳湾市财政局", "市发改委", "市文化局"]

    confidence = [one(name).confidence for name in ways]

    assert confidence == sorted(confidence, reverse=True)
    assert len(set(confidence)) == len(ways)


@pytest.mark.parametrize("name", ["城关镇", "市林业局"])
def test_two_candidates_of_equal_weight_are_left_open(name: str) -> None:
    found = one(name)

    assert found.unit_id is None
    assert found.reason == "ambiguous"
    assert found.confidence == 0


@pytest.mark.parametrize("name", ["省财政厅", "县财政局", "财政部", "市气象局", "和", "", "东汀区财政局"])
def test_a_strange_name_finds_nothing(name: str) -> None:
    assert one(name).unit_id is None


def test_a_class_of_addressees_is_said_to_be_one() -> None:
    assert one("各区县人民政府").reason == "collective"


def test_a_name_without_level_takes_the_level_of_the_one_before() -> None:
    local = match_names(["市发改委", "财政局"], UNITS)
    provincial = match_names(["省发改委", "财政局"], UNITS)

    assert local[1].unit_id == 17
    assert provincial[1].unit_id is None


def test_names_of_central_organs_are_not_taken_for_the_local_ones() -> None:
    assert [m.unit_id for m in match_names(["财政部", "发展改革委"], UNITS)] == [None, None]


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("各区", (10,)),
        ("各区政府", (10,)),
        ("各区县人民政府", (10, 11)),
        ("各县（市、区）政府", (10, 11)),
        ("各区、县级市", (10,)),
        ("各镇(街道)", (12, 13, 15, 16)),
        ("各乡镇", (13, 14, 15, 16)),
        ("各镇人民政府、街道办事处", (12, 13, 15, 16)),
        ("各地区", (10, 11)),
        ("市有关部门", (2, 3, 4, 5, 6, 7, 17, 18)),
        ("各有关部门", (2, 3, 4, 5, 6, 7, 17, 18)),
        ("各有关单位", (2, 3, 4, 5, 6, 7, 8, 9, 17, 18)),
        ("全部责任单位", (2, 3, 4, 5, 6, 7, 8, 9, 17, 18)),
        ("市属企业", (9,)),
        ("省级部门", ()),
        ("国务院相关部门", ()),
        ("各项目牵头单位", ()),
        ("试点城市政府", ()),
        ("市财政局", ()),
    ],
)
def test_a_class_fans_out_to_the_units_of_its_kind(name: str, ids: tuple[int, ...]) -> None:
    assert match_collective(name, UNITS) == ids


def test_an_english_class_fans_out_by_kind() -> None:
    units = (
        UnitName(1, "Lantern Company", (), "company", None, 1),
        UnitName(2, "Stores", (), "department", 1, 2),
        UnitName(3, "East Works", (), "site", 1, 2),
    )

    assert match_collective("all departments", units) == (2,)
    assert match_collective("each site", units) == (3,)
    assert match_names(["stores"], units)[0].unit_id == 2


def test_without_units_nothing_is_found() -> None:
    assert match_collective("各区", ()) == ()
    assert match_names(["市财政局"], ())[0].reason == "unknown"


@given(st.lists(st.text(max_size=20), max_size=6))
def test_any_names_are_answered_one_by_one(names: list[str]) -> None:
    found = match_names(names, UNITS)

    assert [m.name for m in found] == names
    assert all((m.unit_id is None) == (m.reason in {"ambiguous", "unknown", "collective"}) for m in found)
    for name in names:
        match_collective(name, UNITS)

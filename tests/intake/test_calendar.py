"""Calendar files, right and wrong, and the days of a year that has no notice."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.errors import InvalidInputError
from domain.workdays import Calendar
from intake.calendar import CalendarPlan, provisional_year, read_calendar

SAMPLES = Path(__file__).parents[2] / "samples" / "calendars"
RIGHT = {"year": 2026, "certain_until": "2026-12-31", "off": ["2026-01-01"], "working": ["2026-01-04"]}


def read(tmp_path: Path, content: Any) -> CalendarPlan:
    path = tmp_path / "calendar.json"
    path.write_text(json.dumps(content), "utf-8")
    return read_calendar(path)


def test_a_calendar_is_its_days_off_and_its_makeup_days(tmp_path: Path) -> None:
    assert read(tmp_path, RIGHT) == CalendarPlan(
        year=2026,
        days={date(2026, 1, 1): True, date(2026, 1, 4): False},
        certain_until=date(2026, 12, 31),
    )


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_calendars_we_bring_hold_the_days_of_the_notices(shared_dir: Path, year: int) -> None:
    notice = json.loads((shared_dir / "calendars" / f"{year}.json").read_text("utf-8"))

    plan = read_calendar(SAMPLES / f"cn-{year}.json")

    assert plan.year == year
    assert plan.days == {date.fromisoformat(day["date"]): day["off"] for day in notice["days"]}


# Days worked in a year: all days less weekends less holidays that fall on no weekend plus make-up days.
@pytest.mark.parametrize(("year", "worked"), [(2025, 248), (2026, 248)])
def test_a_year_has_as_many_working_days_as_its_law_leaves(year: int, worked: int) -> None:
    plan = read_calendar(SAMPLES / f"cn-{year}.json")
    calendar = Calendar(days=plan.days, certain_until=plan.certain_until)

    assert calendar.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == worked
    assert calendar.is_certain(date(year, 12, 31))
    assert not calendar.is_certain(date(year + 1, 1, 1))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"off": ["2026-01-01", "2026-01-01"]}, "2026-01-01 stands twice."),
        ({"off": ["2026-01-04"]}, "2026-01-04 stands twice."),
        ({"working": ["2026-01-05"]}, "2026-01-05 is no weekend: it needs no make-up."),
        ({"off": ["2025-12-31"]}, "2025-12-31 is not in 2026."),
        ({"off": ["2026-02-30"]}, "'2026-02-30' is not a day (YYYY-MM-DD)."),
        ({"off": ["20260101"]}, "'20260101' is not a day (YYYY-MM-DD)."),
        ({"off": [7]}, "7 is not a day (YYYY-MM-DD)."),
        ({"off": "2026-01-01"}, "off is not a list of days."),
        ({"certain_until": None}, "None is not a day (YYYY-MM-DD)."),
        ({"certain_until": "2027-01-01"}, "2027-01-01 is not in 2026."),
    ],
)
def test_a_wrong_day_is_told(tmp_path: Path, change: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        read(tmp_path, RIGHT | change)

    assert [str(told) for told in refusal.value.problems] == [problem]


def test_all_wrong_days_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"^calendar\.json: 3 problems") as refusal:
        read(tmp_path, RIGHT | {"off": ["x", "2025-01-01"], "certain_until": ""})

    assert len(refusal.value.problems) == 3


@pytest.mark.parametrize("year", [1999, 2101, "2026", None, True, 2026.0])
def test_a_year_is_a_whole_number_of_our_time(tmp_path: Path, year: Any) -> None:
    with pytest.raises(InvalidInputError, match="between 2000 and 2100"):
        read(tmp_path, RIGHT | {"year": year})


@pytest.mark.parametrize(
    "content", [[], {}, RIGHT | {"holidays": []}, {"year": 2026, "off": [], "working": []}]
)
def test_a_calendar_has_its_four_keys_and_no_other(tmp_path: Path, content: Any) -> None:
    with pytest.raises(InvalidInputError, match="year, certain_until, off, working and nothing else"):
        read(tmp_path, content)


@pytest.mark.parametrize("data", [b"", b"\0", b"{", b"\xff", b"[" * 100_000])
def test_a_file_that_is_no_json_is_refused_by_its_name(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(data)

    with pytest.raises(InvalidInputError, match=r"^bad\.json is not readable as a calendar"):
        read_calendar(path)


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"^gone\.json is not readable as a calendar: FileNotFound"):
        read_calendar(tmp_path / "gone.json")


def test_2027_has_its_thirteen_statutory_days() -> None:
    assert list(provisional_year(2027)) == [
        date(2027, 1, 1),
        *(date(2027, 2, day) for day in (5, 6, 7, 8)),
        date(2027, 4, 5),
        date(2027, 5, 1),
        date(2027, 5, 2),
        date(2027, 6, 9),
        date(2027, 9, 15),
        *(date(2027, 10, day) for day in (1, 2, 3)),
    ]


def test_a_year_whose_lunar_days_are_not_known_has_the_others_alone() -> None:
    days = provisional_year(2040)

    assert set(days.values()) == {True}
    assert [day.month for day in days] == [1, 4, 5, 5, 10, 10, 10]
    assert [day.month for day in provisional_year(2100)] == [1, 5, 5, 10, 10, 10]


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_statutory_days_are_off_in_the_notice_too(year: int) -> None:
    plan = read_calendar(SAMPLES / f"cn-{year}.json")

    assert {day for day in provisional_year(year) if not plan.days.get(day)} == set()


def test_tomb_sweeping_day_is_where_the_almanac_has_it() -> None:
    known = {2008: 4, 2011: 5, 2015: 5, 2016: 4, 2019: 5, 2020: 4, 2023: 5, 2024: 4, 2025: 4, 2026: 5}

    assert {year: next(d.day for d in provisional_year(year) if d.month == 4) for year in known} == known

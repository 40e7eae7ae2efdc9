"""The samples hold what their documentation says: a city, its document read whole, a company and its policy."""

import csv
from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

import docx
import pytest

from domain.matching import UnitName, match_collective, match_names
from domain.organisation import OrganisationPlan
from domain.phrases import due_date
from domain.reading import Reading, ReadItem, read_document
from domain.reading.as_json import item_recurrence
from domain.workdays import Calendar
from intake.calendar import read_calendar
from intake.document import read_file
from intake.organisation import read_organisation

SAMPLES = Path(__file__).parents[1] / "samples"
PUBLISHED = date(2026, 1, 5)
# Number: date of the deadline, units that get the task once the collectives have fanned out.
ONE_OFF = {
    "1.": (date(2026, 8, 31), 9),
    "2.": (date(2026, 9, 30), 3),
    "3.": (date(2026, 12, 31), 8),
    "4.": (date(2026, 11, 30), 69),
    "5.": (date(2026, 10, 31), 9),
    "6.": (date(2026, 6, 30), 2),
    "7.": (date(2028, 12, 31), 8),
    "8.": (date(2026, 6, 30), 6),
    "9.": (date(2026, 9, 30), 3),
    "10.": (date(2026, 10, 31), 9),
    "11.": (date(2026, 11, 30), 3),
    "12.": (date(2026, 5, 31), 4),
    "13.": (date(2026, 2, 2), 76),
    "14.": (date(2026, 3, 31), 8),
    "15.": (date(2026, 9, 20), 8),
    "16.": (date(2026, 12, 31), 6),
    "17.": (date(2026, 4, 30), 3),
    "18.": (date(2026, 7, 15), 8),
}
RECURRING = {
    "19.": ("monthly", 25, 6),
    "20.": ("quarterly", 20, 8),
    "21.": ("quarterly", None, 10),
    "22.": ("half_yearly", None, 8),
    "23.": ("ongoing", None, 2),
}
POLICY = {
    "2.1": (date(2026, 3, 31), 6),
    "2.2": (date(2026, 6, 30), 5),
    "2.3": ("quarterly", 3),
    "3.1": (date(2026, 2, 2), 2),
    "3.2": (date(2026, 9, 30), 4),
    "3.3": ("monthly", 1),
    "4.1": (date(2026, 10, 31), 3),
    "4.2": ("ongoing", 2),
}


@cache
def town() -> OrganisationPlan:
    return read_organisation(SAMPLES / "town.json")


@cache
def reading(name: str) -> Reading:
    return read_document(read_file(SAMPLES / name).paragraphs)


@cache
def calendar() -> Calendar:
    plan = read_calendar(SAMPLES / "calendars" / "cn-2026.json")
    return Calendar(days=plan.days, certain_until=plan.certain_until)


def addressees(names: Sequence[str], organisation: OrganisationPlan) -> dict[str, list[str]]:
    """Codes of the units each name means, as the office matches names: one unit, or those of a collective."""
    ids = {unit.code: at for at, unit in enumerate(organisation.units)}
    units = [
        UnitName(at, unit.name, unit.aliases, unit.kind, ids.get(unit.parent_code), unit.level)
        for at, unit in enumerate(organisation.units)
    ]
    found = {}
    for match in match_names(names, units):
        one = () if match.unit_id is None else (match.unit_id,)
        meant = match_collective(match.name, units) if match.reason == "collective" else one
        found[match.name] = [organisation.units[at].code for at in meant]
    return found


def fan_out(item: ReadItem, organisation: OrganisationPlan) -> int:
    """How many units get a task of the item."""
    return len({code for codes in addressees(item.units_all, organisation).values() for code in codes})


def due(item: ReadItem) -> date | None:
    return due_date(item.deadlines, PUBLISHED, calendar())


def items(name: str) -> dict[str, ReadItem]:
    return {item.number: item for item in reading(name).items}


def test_the_town_has_three_levels_and_every_kind_of_unit() -> None:
    kinds = Counter(unit.kind for unit in town().units)

    assert len(town().units) == 113
    assert {unit.level for unit in town().units} == {1, 2, 3}
    assert kinds["district"] + kinds["county"] == 6
    assert kinds["town"] + kinds["subdistrict"] == 67
    assert town().ignored == ()


def test_no_name_in_the_town_means_two_units() -> None:
    names = Counter(name for unit in town().units for name in (unit.name, *unit.aliases))

    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("sample", ["town.json", "company.json"])
def test_mail_of_the_samples_can_reach_nobody(sample: str) -> None:
    addresses = [unit.email for unit in read_organisation(SAMPLES / sample).units]

    assert len(set(addresses)) == len(addresses)
    assert all(address.endswith(".example") for address in addresses)  # RFC 2606


def test_a_few_liaison_posts_are_vacant_so_that_the_coverage_check_has_something_to_find() -> None:
    assert Counter(unit.post for unit in town().units) == {True: 109, False: 4}


def test_the_table_of_the_town_opens_in_a_spreadsheet_as_chinese() -> None:
    data = (SAMPLES / "town.csv").read_bytes()

    assert data.startswith(b"\xef\xbb\xbf")
    assert len(list(csv.reader(data.decode("utf-8-sig").splitlines()))) == 114


def test_the_document_has_its_head_and_its_lead_rule() -> None:
    document = reading("document.txt")

    assert "2026年便民服务实事工作方案" in document.title
    assert document.number == "芸政办发〔2026〕2号"
    assert document.issuer is not None
    assert addressees([document.issuer], town()) == {document.issuer: ["YX01"]}
    assert document.lead_rule == "列第一位者为牵头单位"
    assert document.secrecy_mark is None


def test_the_document_is_read_into_its_items_and_nothing_else() -> None:
    assert list(items("document.txt")) == [*ONE_OFF, *RECURRING]
    assert [leaf.number for leaf in reading("document.txt").non_task_leaves] == ["（一）", "（二）", "四、"]


def unmatched(name: str, organisation: OrganisationPlan) -> list[str]:
    """Names in the items of a document that mean no unit."""
    each = [addressees(item.units_all, organisation) for item in reading(name).items]
    return [name for found in each for name, codes in found.items() if not codes]


def test_every_name_in_the_documents_means_a_unit() -> None:
    assert unmatched("document.txt", town()) == []
    assert unmatched("policy.txt", read_organisation(SAMPLES / "company.json")) == []


def test_every_one_off_item_has_its_deadline_and_its_units() -> None:
    read = items("document.txt")

    assert {number: (due(read[number]), fan_out(read[number], town())) for number in ONE_OFF} == ONE_OFF


def test_the_one_off_items_fan_out_into_some_240_unit_tasks() -> None:
    read = items("document.txt")

    assert sum(fan_out(read[number], town()) for number in ONE_OFF) == 242


def test_every_recurring_item_says_how_often_and_for_whom() -> None:
    read = items("document.txt")
    said = {}
    for number in RECURRING:
        again = item_recurrence(read[number])
        assert again is not None
        said[number] = (again.frequency, again.day, fan_out(read[number], town()))

    assert said == RECURRING


def test_one_unit_leads_every_item_that_has_several() -> None:
    modes = Counter(item.role_mode for item in reading("document.txt").items)

    assert modes == {"first_is_lead": 20, "explicit_lead": 2, "single": 1}
    assert all(len(item.lead_units) == 1 for item in reading("document.txt").items)


def test_the_document_is_read_without_a_doubt() -> None:
    assert {item.number: item.reasons for item in reading("document.txt").items if item.reasons} == {}


def test_the_document_reads_the_same_from_a_word_file(tmp_path: Path) -> None:
    paper = docx.Document()
    for line in (SAMPLES / "document.txt").read_text("utf-8").splitlines():
        paper.add_paragraph(line)
    paper.save(str(tmp_path / "document.docx"))

    assert read_document(read_file(tmp_path / "document.docx").paragraphs) == reading("document.txt")


def test_the_policy_of_the_company_is_read_whole() -> None:
    company = read_organisation(SAMPLES / "company.json")
    read = items("policy.txt")
    said: dict[str, tuple[date | str | None, int]] = {}
    for number, item in read.items():
        again = item_recurrence(item)
        said[number] = (again.frequency if again else due(item), fan_out(item, company))

    assert len(company.units) == 20
    assert said == POLICY
    assert all(item.role_mode == "explicit_lead" for item in read.values())

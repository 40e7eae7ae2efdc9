"""What is foreseen of an item: its rounds, its deadlines, and what comes if nobody does anything."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from domain.foresight import Foreseen, Foresight, ItemPlan, foresee, mid_term, rounds
from domain.ladder import Action, CivilFrame
from domain.periods import Frequency
from domain.policy import Policy
from domain.workdays import Calendar
from tests.domain.samples import SHANGHAI, local

FRAME = CivilFrame(Calendar(), SHANGHAI)
MONDAY = date(2026, 3, 2)
STARTS = local(MONDAY, 10)
YEAR_END = date(2026, 12, 31)


def once(due: date | None, reporting: int = 2, helping: int = 1) -> ItemPlan:
    return ItemPlan(7, Frequency.ONCE, None, due, reporting, helping)


def all_of(plan: ItemPlan, policy: Policy | None = None) -> list[Foreseen]:
    return list(foresee(plan, policy or Policy(), STARTS, YEAR_END, FRAME))


def days_of(found: list[Foreseen], what: Foresight, tz: ZoneInfo = SHANGHAI) -> list[datetime]:
    return [one.at.astimezone(tz).replace(tzinfo=None) for one in found if one.what is what]


def test_an_item_done_once_has_its_deadlines_and_every_rung_of_both_clocks() -> None:
    found = all_of(once(date(2026, 3, 31)))

    assert days_of(found, Foresight.ASSIGN) == [datetime(2026, 3, 2, 10)]  # noqa: DTZ001 -- as the office's clock shows it
    assert days_of(found, Foresight.ACKNOWLEDGE_BY) == [datetime(2026, 3, 6)]  # noqa: DTZ001
    assert days_of(found, Foresight.COMPLETE_BY) == [datetime(2026, 4, 1)]  # noqa: DTZ001
    said = [(one.rung.name, one.units) for one in found if one.rung]
    assert said[:3] == [
        ("acknowledge_overdue", 3),
        ("acknowledge_superior", 3),
        ("acknowledge_reminder_letter", 3),
    ]
    assert [units for _, units in said[3:]] == [2] * 7, "who helps has nothing to complete"
    assert {one.item for one in found} == {7}


def test_a_letter_goes_to_each_unit_and_one_circular_names_all() -> None:
    letters = {one.rung.action: one.letters for one in all_of(once(date(2026, 3, 31))) if one.rung}

    assert letters[Action.SUPERVISION_LETTER] == 2
    assert letters[Action.RECTIFICATION_CIRCULAR] == 1
    assert letters[Action.REMIND] == 0


def test_a_deadline_closer_than_its_first_reminder_loses_that_reminder() -> None:
    rungs = [one.rung.name for one in all_of(once(date(2026, 3, 4))) if one.rung]

    assert "due_in_ten" not in rungs
    assert "due_in_three" not in rungs
    assert "overdue" in rungs


def test_only_the_first_round_is_acknowledged_and_the_next_opens_when_one_is_over() -> None:
    plan = ItemPlan(1, Frequency.QUARTERLY, None, None, 4, 0)

    found = all_of(plan)

    assert days_of(found, Foresight.ASSIGN)[:2] == [datetime(2026, 3, 2, 10), datetime(2026, 4, 1, 9)]  # noqa: DTZ001
    assert len(days_of(found, Foresight.ASSIGN)) == 4
    assert len(days_of(found, Foresight.ACKNOWLEDGE_BY)) == 1


def test_units_that_only_help_have_nothing_to_complete() -> None:
    found = all_of(once(date(2026, 3, 31), reporting=0, helping=2))

    assert days_of(found, Foresight.COMPLETE_BY) == []
    assert {one.rung.clock.value for one in found if one.rung} == {"acknowledge"}


def test_an_item_without_a_date_has_no_round() -> None:
    assert rounds(once(None), STARTS, YEAR_END, FRAME) == []


def test_the_mid_term_circular_comes_on_the_first_working_day_of_its_month_or_not_at_all() -> None:
    moment = mid_term(Policy(mid_term_month=8), STARTS, YEAR_END, FRAME)

    assert moment == local(date(2026, 8, 3), 9)
    assert mid_term(Policy(mid_term_month=2), STARTS, YEAR_END, FRAME) is None
    assert moment is not None
    assert Foreseen(moment, Foresight.MID_TERM, "", 0).letters == 1


def test_a_deadline_is_the_end_of_a_day_and_a_reminder_is_not() -> None:
    ends = {one.what: one.day_end for one in all_of(once(date(2026, 3, 31)))}

    assert ends[Foresight.COMPLETE_BY]
    assert ends[Foresight.ACKNOWLEDGE_BY]
    assert not ends[Foresight.RUNG]
    assert not ends[Foresight.ASSIGN]

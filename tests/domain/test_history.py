"""The ladder recomputed from the acts alone."""

from datetime import date, datetime, timedelta

from domain.history import Beginning, Climbed, Happening, RunningVersion, Stretch, climb, stretches
from domain.instants import end_of
from domain.ladder import RECTIFICATION, STANDARD, CivilFrame, Clock
from domain.printed import printed_date
from domain.unit_task import Role, State
from domain.workdays import Calendar
from tests.domain.samples import SHANGHAI, local

FRAME = CivilFrame(Calendar(), SHANGHAI)
ASSIGNED = local(date(2026, 3, 2), 10)
RECEIPT_BY = end_of(date(2026, 3, 5), SHANGHAI)
DEADLINE = end_of(date(2026, 3, 31), SHANGHAI)
LATER = local(date(2026, 12, 31), 10)


def beginning(role: Role = Role.HANDLING, *, receipt: bool = True) -> Beginning:
    return Beginning(role, ASSIGNED, RECEIPT_BY if receipt else None, DEADLINE)


def rungs(task: Beginning, *happenings: Happening, until: datetime = LATER) -> list[tuple[str, bool]]:
    life = stretches(task, happenings)
    return [(one.rung, one.superseded) for one in climb(life, STANDARD, FRAME, until)]


def test_a_unit_that_does_nothing_meets_every_rung_once() -> None:
    met = rungs(beginning())

    assert {name for name, superseded in met if not superseded} == {rung.name for rung in STANDARD.rungs}
    assert len(met) == len(STANDARD.rungs)


def test_each_rung_is_climbed_at_its_moment() -> None:
    first = next(iter(climb(stretches(beginning(), []), STANDARD, FRAME, LATER)))

    assert first == Climbed(
        local(date(2026, 3, 6), 9), Clock.ACKNOWLEDGE, "acknowledge_overdue", 1, superseded=False
    )


def test_a_receipt_ends_its_clock_and_a_submission_all_of_them() -> None:
    met = rungs(
        beginning(),
        Happening(ASSIGNED + timedelta(days=1), State.ACKNOWLEDGED),
        Happening(local(date(2026, 3, 27), 15), State.SUBMITTED),
    )

    assert met == [("due_in_ten", False), ("due_in_three", False)]


def test_a_cooperating_unit_meets_the_rungs_of_its_receipt_alone() -> None:
    met = rungs(beginning(Role.COOPERATING))

    assert all(name.startswith("acknowledge") for name, _ in met)
    assert met


def test_a_later_period_asks_for_no_receipt() -> None:
    assert not [name for name, _ in rungs(beginning(receipt=False)) if name.startswith("acknowledge")]


def test_what_was_passed_while_a_request_waited_is_superseded_by_the_highest_rung() -> None:
    met = rungs(
        beginning(receipt=False),
        Happening(local(date(2026, 3, 12), 15), held=True),
        Happening(local(date(2026, 4, 8), 15), held=False),
        until=local(date(2026, 4, 9), 8),
    )

    assert met == [
        ("due_in_ten", True),
        ("due_in_three", True),
        ("overdue", True),
        ("overdue_superior", True),
        ("reminder_letter", False),
    ]


def test_a_new_deadline_begins_its_ladder_anew_and_is_watched_by_the_week() -> None:
    granted = local(date(2026, 3, 30), 15)
    new = end_of(date(2026, 4, 14), SHANGHAI)
    life = stretches(beginning(receipt=False), [Happening(granted, deadline=new, version=2)])

    climbed = list(climb(life, STANDARD, FRAME, LATER))

    assert [one.version for one in climbed if one.rung == "due_in_three"] == [1, 2]
    assert next(one.at for one in climbed if one.rung == "overdue") == local(date(2026, 4, 20), 9)


def test_of_several_things_at_one_instant_the_last_state_counts() -> None:
    at = local(date(2026, 3, 10), 15)

    life = stretches(
        beginning(receipt=False), [Happening(at, State.SUBMITTED), Happening(at, State.ACCEPTED)]
    )

    complete = RunningVersion(Clock.COMPLETE, DEADLINE, ASSIGNED, 1)
    assert life == [Stretch(ASSIGNED, (complete,)), Stretch(at, ())]


def test_dates_are_printed_as_each_language_prints_them() -> None:
    assert printed_date("2026-03-05", "zh_CN") == "2026年3月5日"
    assert printed_date("2026-03-05", "en") == "5 March 2026"


def test_a_second_deadline_that_is_nobodys_own_among_many_keeps_its_exact_days() -> None:
    """A rectification that was sent back has a workflow of its own: nothing is gained by the week."""
    sent_back = local(date(2026, 3, 30), 15)
    clock = RunningVersion(Clock.COMPLETE, end_of(date(2026, 4, 9), SHANGHAI), sent_back, 2)

    (first, *_) = climb([Stretch(sent_back, (clock,))], RECTIFICATION, FRAME, LATER)

    assert (first.rung, first.at) == ("rectification_due_in_three", local(date(2026, 4, 6), 9))


def test_an_amendment_is_acknowledged_anew_and_begins_that_ladder_from_its_foot() -> None:
    at = local(date(2026, 3, 9), 10)
    by = end_of(date(2026, 3, 12), SHANGHAI)

    met = rungs(
        beginning(Role.COOPERATING),
        Happening(at, deadline=DEADLINE, version=2, acknowledge_by=by),
        until=local(date(2026, 3, 17), 10),
    )

    assert [name for name, _ in met] == [
        "acknowledge_overdue",
        "acknowledge_overdue",
        "acknowledge_superior",
    ]


def test_what_lies_with_the_office_is_not_acknowledged_anew() -> None:
    met = rungs(
        beginning(Role.COOPERATING),
        Happening(ASSIGNED + timedelta(hours=1), State.DECLINED),
        Happening(local(date(2026, 3, 9), 10), deadline=DEADLINE, version=2, acknowledge_by=LATER),
    )

    assert met == []

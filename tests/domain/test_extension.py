"""More time: asked for before the date, with a reason and a date that lies within what may be granted."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import RefusedError
from domain.extension import Asked, ExtensionRule, check_date, check_request
from domain.instants import end_of
from domain.workdays import Calendar
from tests.domain.samples import ONE_DAY, SHANGHAI, calendars, local, real_calendar, working_day

DUE = date(2026, 6, 30)
RULE = ExtensionRule()
LATEST = date(2026, 8, 25)  # forty working days on, eight weeks without a holiday
ASKED = Asked(
    now=local(date(2026, 6, 29)),
    deadline=end_of(DUE, SHANGHAI),
    original_deadline=end_of(DUE, SHANGHAI),
    granted_before=0,
    waiting=False,
    proposed=date(2026, 7, 20),
    reason="材料未到",
)


def check(asked: Asked, rule: ExtensionRule = RULE) -> None:
    check_request(asked, rule, real_calendar(), SHANGHAI)


def test_a_request_before_the_date_with_a_reason_and_a_later_date_may_be_filed() -> None:
    check(ASKED)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (replace(ASKED, waiting=True), "already waits"),
        (replace(ASKED, reason=""), "needs a reason"),
        (replace(ASKED, reason=" \u3000\n"), "needs a reason"),
        (replace(ASKED, granted_before=2), "already extended 2 times"),
        (replace(ASKED, granted_before=3), "already extended 2 times"),
        (replace(ASKED, proposed=DUE), "2026-06-30 is not after the deadline, 2026-06-30"),
        (replace(ASKED, proposed=date(2026, 6, 1)), "2026-06-01 is not after the deadline"),
        (replace(ASKED, proposed=LATEST + ONE_DAY), "2026-08-26 is later than .* 2026-08-25"),
    ],
)
def test_what_the_rule_forbids_is_refused_with_the_rule(asked: Asked, why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        check(asked)


def test_the_last_instant_to_ask_is_just_before_24_oclock_of_the_day() -> None:
    check(replace(ASKED, now=ASKED.deadline - timedelta(microseconds=1)))
    for late in (timedelta(0), timedelta(days=3)):
        with pytest.raises(RefusedError, match="before the deadline, 2026-06-30"):
            check(replace(ASKED, now=ASKED.deadline + late))


@pytest.mark.parametrize("proposed", [date(2026, 7, 1), LATEST])
def test_the_first_and_the_last_date_that_may_be_granted_are_granted(proposed: date) -> None:
    check(replace(ASKED, proposed=proposed))


def test_what_may_be_granted_is_counted_from_the_original_deadline_however_often_it_moved() -> None:
    again = replace(ASKED, deadline=end_of(date(2026, 8, 20), SHANGHAI), granted_before=1)
    check(replace(again, proposed=LATEST))

    with pytest.raises(RefusedError, match="later than"):
        check(replace(again, proposed=LATEST + ONE_DAY))
    with pytest.raises(RefusedError, match="not after the deadline, 2026-08-20"):
        check(replace(again, proposed=date(2026, 8, 20)))


def test_a_site_may_allow_no_extension_at_all() -> None:
    with pytest.raises(RefusedError, match="already extended 0 times"):
        check(ASKED, ExtensionRule(most_times=0))


def test_an_answer_may_grant_another_date_after_the_deadline_has_passed_but_not_an_impossible_one() -> None:
    late = replace(ASKED, now=local(date(2026, 7, 3)), waiting=True)
    check_date(date(2026, 7, 10), late, RULE, real_calendar(), SHANGHAI)

    with pytest.raises(RefusedError, match="not after"):
        check_date(DUE, late, RULE, real_calendar(), SHANGHAI)


def may_ask(asked: Asked, rule: ExtensionRule, calendar: Calendar, due: date, original: date) -> bool:
    """The rule once more, from civil dates and by listing working days."""
    in_time = asked.now < datetime.combine(due, datetime.min.time(), tzinfo=SHANGHAI) + ONE_DAY
    latest = working_day(calendar, original, rule.most_working_days) if rule.most_working_days else original
    return (
        in_time
        and not asked.waiting
        and bool(asked.reason.strip())
        and asked.granted_before < rule.most_times
        and due < asked.proposed <= latest
    )


@given(
    calendar=calendars,
    rule=st.builds(ExtensionRule, st.integers(0, 3), st.integers(0, 60)),
    original=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    days=st.tuples(st.integers(0, 60), st.integers(-5, 90)),
    hours=st.integers(-200, 30),
    asked=st.builds(
        Asked,
        now=st.just(ASKED.now),
        deadline=st.just(ASKED.deadline),
        original_deadline=st.just(ASKED.deadline),
        granted_before=st.integers(0, 3),
        waiting=st.booleans(),
        proposed=st.just(DUE),
        reason=st.sampled_from(["材料未到", " "]),
    ),
)
def test_a_request_is_refused_just_where_the_rule_says_so(
    *,
    calendar: Calendar,
    rule: ExtensionRule,
    original: date,
    days: tuple[int, int],
    hours: int,
    asked: Asked,
) -> None:
    due = original + days[0] * ONE_DAY
    dated = replace(
        asked,
        now=local(due) + timedelta(hours=hours),
        deadline=end_of(due, SHANGHAI),
        original_deadline=end_of(original, SHANGHAI),
        proposed=due + days[1] * ONE_DAY,
    )
    try:
        check_request(dated, rule, calendar, SHANGHAI)
    except RefusedError:
        assert not may_ask(dated, rule, calendar, due, original)
    else:
        assert may_ask(dated, rule, calendar, due, original)


def test_a_date_that_is_past_when_it_is_decided_is_not_granted() -> None:
    decided = Asked(
        now=local(date(2026, 4, 20)),
        deadline=end_of(date(2026, 3, 31), SHANGHAI),
        original_deadline=end_of(date(2026, 3, 31), SHANGHAI),
        granted_before=0,
        waiting=True,
        proposed=date(2026, 4, 10),
        reason="招标程序延长",
    )

    with pytest.raises(RefusedError, match="already past"):
        check_date(date(2026, 4, 10), decided, ExtensionRule(), Calendar(), SHANGHAI)

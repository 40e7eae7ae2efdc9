"""A policy is the same after a way through JSON, and nothing unknown or impossible gets into it."""

import json
from dataclasses import replace
from datetime import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInputError
from domain.extension import ExtensionRule
from domain.ladder import STANDARD, Action, Clock, Ladder, Rung
from domain.numbers import LetterKind
from domain.periods import Frequency
from domain.policy import Policy, ladder_from_json, ladder_to_json, policy_from_json, policy_to_json
from domain.workdays import MOST_DAYS

days = st.integers(0, MOST_DAYS)
minutes = st.integers(0, 7 * 24 * 60)
rungs = st.builds(
    Rung, st.text(), st.sampled_from(Clock), st.integers(-MOST_DAYS, MOST_DAYS), st.sampled_from(Action)
)
ladders = st.builds(
    Ladder,
    st.lists(rungs, max_size=6, unique_by=lambda rung: rung.name).map(tuple),
    st.builds(time, st.integers(0, 23), st.integers(0, 59)),
)
policies = st.builds(
    Policy,
    acknowledge_days=days,
    publish_hold_minutes=minutes,
    letter_hold_minutes=minutes,
    mail_hold_minutes=minutes,
    rework_days=days,
    reply_days=days,
    rectification_days=days,
    mid_term_month=st.integers(1, 12),
    needs_signature=st.frozensets(st.sampled_from(LetterKind)),
    extension=st.builds(ExtensionRule, days, days),
    standard=ladders,
    recurring=ladders,
    rectification=ladders,
)
RUNG = {"name": "overdue", "clock": "complete", "offset": 1, "action": "remind"}


@given(policy=policies)
def test_a_policy_is_the_same_after_a_way_through_json(policy: Policy) -> None:
    text = json.dumps(policy_to_json(policy))

    assert policy_from_json(json.loads(text)) == policy


@given(policy=policies)
def test_a_policy_says_every_field_in_its_json(policy: Policy) -> None:
    assert set(policy_to_json(policy)) == set(vars(policy))


def test_what_is_left_out_has_its_default() -> None:
    assert policy_from_json({}) == Policy()
    assert policy_from_json({"rework_days": 7}) == replace(Policy(), rework_days=7)
    assert policy_from_json({"extension": {"most_times": 1}}).extension == ExtensionRule(1, 40)


def test_a_ladder_is_frozen_in_this_form() -> None:
    ladder = Ladder((Rung("overdue", Clock.COMPLETE, 1, Action.REMIND),), time(8, 30))

    assert json.dumps(ladder_to_json(ladder)) == json.dumps({"hour": "08:30", "rungs": [RUNG]})


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"rework_day": 7}, "rework_day"),
        ({"extension": {"most_time": 1}}, "most_time"),
        ({"extension": None}, "extension|mapping"),
        ({"needs_signature": ["love_letter"]}, "love_letter"),
        ({"needs_signature": 3}, "not iterable"),
        ({"standard": {"hour": "09:00"}}, "hour, rungs"),
        ({"rework_days": "five"}, "rework_days is 'five'"),
        ({"rework_days": 2.5}, "rework_days is 2.5"),
        ({"rework_days": True}, "rework_days is True"),
        ({"rework_days": None}, "rework_days is None"),
        ({"acknowledge_days": -1}, "acknowledge_days is -1"),
        ({"reply_days": MOST_DAYS + 1}, "reply_days is 3661"),
        ({"mail_hold_minutes": 7 * 24 * 60 + 1}, "from 0 to 10080"),
        ({"mid_term_month": 0}, "from 1 to 12"),
        ({"mid_term_month": 13}, "from 1 to 12"),
        ({"extension": {"most_times": "two"}}, "most_times is 'two'"),
        ({"extension": {"most_working_days": -40}}, "most_working_days is -40"),
    ],
)
def test_a_policy_with_something_unknown_or_impossible_is_refused_by_name(
    data: dict[str, Any], why: str
) -> None:
    with pytest.raises(InvalidInputError, match=why):
        policy_from_json(data)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"recipients": []}, "recipients"),
        ({"clock": "sand"}, "sand"),
        ({"action": "shout"}, "shout"),
        ({"offset": "1"}, "offset is '1'"),
        ({"offset": 2.7}, "offset is 2.7"),
        ({"offset": MOST_DAYS + 1}, "offset is 3661"),
        ({"offset": -MOST_DAYS - 1}, "offset is -3661"),
    ],
)
def test_a_rung_with_something_unknown_or_impossible_is_refused_by_name(
    change: dict[str, Any], why: str
) -> None:
    assert ladder_from_json({"hour": "09:00", "rungs": [RUNG]}).rungs[0].name == "overdue"
    with pytest.raises(InvalidInputError, match=why):
        ladder_from_json({"hour": "09:00", "rungs": [RUNG | change]})


@pytest.mark.parametrize("hour", ["9:00", "09", "T0900", "24:00", "09:00:30", "09:00+08:00", "", 9, None])
def test_an_hour_is_written_in_one_form(hour: Any) -> None:
    with pytest.raises(InvalidInputError, match="This is no ladder"):
        ladder_from_json({"hour": hour, "rungs": []})


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "ladder",
        {},
        {"hour": "09:00"},
        {"rungs": []},
        {"hour": "09:00", "rungs": None},
        {"hour": "09:00", "rungs": [None]},
        {"hour": "09:00", "rungs": ["overdue"]},
        {"hour": "09:00", "rungs": [], "hours": []},
    ],
)
def test_what_is_no_ladder_is_refused_whatever_it_is(data: Any) -> None:
    with pytest.raises(InvalidInputError, match="This is no ladder"):
        ladder_from_json(data)


def test_two_rungs_cannot_have_one_name_for_a_notice_is_unique_by_it() -> None:
    with pytest.raises(InvalidInputError, match="two rungs have one name"):
        ladder_from_json({"hour": "09:00", "rungs": [RUNG, RUNG | {"offset": 5}]})


@pytest.mark.parametrize("missing", sorted(RUNG))
def test_a_rung_says_everything(missing: str) -> None:
    rung = {key: value for key, value in RUNG.items() if key != missing}

    with pytest.raises(InvalidInputError, match=missing):
        ladder_from_json({"hour": "09:00", "rungs": [rung]})


def test_short_rounds_climb_the_short_ladder_and_all_others_the_standard_one() -> None:
    policy = Policy(standard=replace(STANDARD, hour=time(7)))
    short = {frequency for frequency in Frequency if policy.ladder_for(frequency) is policy.recurring}

    assert short == {Frequency.MONTHLY, Frequency.QUARTERLY}
    assert all(policy.ladder_for(f) is policy.standard for f in set(Frequency) - short)


@pytest.mark.parametrize("name", ["standard", "recurring", "rectification"])
def test_the_default_ladders_name_every_rung_once(name: str) -> None:
    names = [rung.name for rung in getattr(Policy(), name).rungs]

    assert len(names) == len(set(names))

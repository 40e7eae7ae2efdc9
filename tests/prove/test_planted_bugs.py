"""The proofs can fail: each of these bugs, planted in the worker alone, is found by the same comparison."""

from functools import partial

import pytest

from tests.prove.conftest import MakePlace
from tests.prove.planted import drop_unique_keys
from tests.prove.rehearsal import Plan
from tests.prove.rows import differences
from tests.prove.scene import play_scene


@pytest.mark.parametrize("passing", [2, pytest.param(1, marks=pytest.mark.prove)])
async def test_a_notice_told_outside_its_transaction_is_found_once_its_unique_key_is_gone(
    passing: int, make_place: MakePlace
) -> None:
    killed = {"fan_out": [f"activity.after_commit:{passing}"]}
    bug = partial(Plan, bug="tell_outside_the_transaction", until="fan_out")
    never_killed = await play_scene(make_place(), bug())

    with_key = await play_scene(make_place(), bug(strikes=killed))
    without_key = await play_scene(make_place(partial(drop_unique_keys, name="notice")), bug(strikes=killed))

    assert [len(run.deaths) for run in (never_killed, with_key, without_key)] == [0, 1, 1]
    assert differences(never_killed.rows, with_key.rows) == [], "the key alone makes the retry harmless"
    found = differences(never_killed.rows, without_key.rows)
    assert found != []
    assert all(line.startswith("notice: too many") and "planted" in line for line in found), found[:3]


@pytest.mark.parametrize(
    ("bug", "point", "lost"),
    [
        ("mark_sent_before_sending", "mailer.before_send:1", True),
        ("", "mailer.before_send:1", False),
        pytest.param("mark_sent_before_sending", "mailer.mid_batch:30", True, marks=pytest.mark.prove),
    ],
)
async def test_a_mail_marked_sent_before_it_is_sent_is_found(
    bug: str, point: str, lost: bool, make_place: MakePlace
) -> None:
    plan = Plan(bug=bug, strikes={"first_mails": [point]}, until="first_mails")

    outcome = await play_scene(make_place(), plan)

    assert len(outcome.deaths) == 1
    assert bool(outcome.mail_faults) is lost
    assert all(fault.endswith("is sent and never arrived") for fault in outcome.mail_faults)

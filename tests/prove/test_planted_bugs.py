"""The proofs can fail: each of these bugs, planted in the worker alone, is found by the same comparison."""

from functools import partial

import pytest

from tests.prove.conftest import MakePlace
from tests.prove.planted import drop_unique_keys
from tests.prove.rehearsal import Plan
from tests.prove.rows import differences
from tests.prove.scene import play_scene

KILLED = {"fan_out": ["activity.after_commit:2"]}
BEFORE_SENDING = {"first_mails": ["mailer.before_send:1"]}


async def test_a_notice_told_outside_its_transaction_is_found_once_its_unique_key_is_gone(
    make_place: MakePlace,
) -> None:
    bug = partial(Plan, bug="tell_outside_the_transaction", until="fan_out")
    never_killed = await play_scene(make_place(), bug())

    with_key = await play_scene(make_place(), bug(strikes=KILLED))
    without_key = await play_scene(make_place(partial(drop_unique_keys, name="notice")), bug(strikes=KILLED))

    assert [len(run.deaths) for run in (never_killed, with_key, without_key)] == [0, 1, 1]
    assert differences(never_killed.rows, with_key.rows) == [], "the key alone makes the retry harmless"
    found = differences(never_killed.rows, without_key.rows)
    assert found != []
    assert all(line.startswith("notice: too many") and "planted" in line for line in found), found[:3]


@pytest.mark.parametrize(("bug", "lost"), [("mark_sent_before_sending", True), ("", False)])
async def test_a_mail_marked_sent_before_it_is_sent_is_found(
    bug: str, lost: bool, make_place: MakePlace
) -> None:
    outcome = await play_scene(make_place(), Plan(bug=bug, strikes=BEFORE_SENDING, until="first_mails"))

    assert len(outcome.deaths) == 1
    assert bool(outcome.mail_faults) is lost
    assert all(fault.endswith("is sent and never arrived") for fault in outcome.mail_faults)

"""What may happen to a unit task, act by act, and that no act hides an earlier moment from the workflow."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import WrongStateError
from domain.ladder import STANDARD, TaskClocks, earliest, next_moment, running_clocks
from domain.unit_task import (
    AT_WORK,
    CLOCK_EFFECT,
    CLOSED,
    OPEN,
    TRANSITIONS,
    Act,
    ClockEffect,
    Role,
    State,
    after,
)
from tests.domain.samples import OFFICE

# The procedure as a clerk would say it: in this state these acts, each leading there. `=` stays.
PROCEDURE = {
    State.ASSIGNED: "acknowledge>acknowledged decline>declined",
    State.ACKNOWLEDGED: "report_progress= submit>submitted decline>declined"
    " ask_extension= grant_extension= refuse_extension=",
    State.RETURNED: "report_progress= submit>submitted ask_extension= grant_extension= refuse_extension=",
    State.SUBMITTED: "accept>accepted return_for_rework>returned grant_extension= refuse_extension=",
    State.DECLINED: "uphold_dispute>withdrawn reject_dispute>acknowledged",
    State.SUSPENDED: "resume>returned",  # to where it was: the tests below suspend it in `returned`
    State.ACCEPTED: "spot_check= reopen>returned",
    State.WITHDRAWN: "",
}
WHILE_OPEN = " withdraw>withdrawn close_with_lead>accepted"
PAIRS = [(state, act) for state in State for act in Act]


def to_state(state: State, act: Act) -> State | None:
    """Where PROCEDURE leads; None where it has no such act."""
    text = PROCEDURE[state] + (WHILE_OPEN if state in OPEN else "")
    if state in OPEN - {State.SUSPENDED}:
        text += " suspend>suspended" + (" amend>assigned" if state in AT_WORK else " amend=")
    arrows = {arrow.rstrip("=").split(">")[0]: arrow for arrow in text.split()}
    if act not in arrows:
        return None
    arrow = arrows[act]
    return state if arrow.endswith("=") else State(arrow.split(">")[1])


@pytest.mark.parametrize(("state", "act"), PAIRS)
def test_every_act_leads_where_the_procedure_says_or_is_refused_by_name(state: State, act: Act) -> None:
    to = to_state(state, act)

    if to is None:
        with pytest.raises(WrongStateError, match=f"{state} cannot {act}"):
            after(state, act, suspended_in=State.RETURNED)
    else:
        assert after(state, act, suspended_in=State.RETURNED) is to
    assert ((state, act) in TRANSITIONS) is (to is not None)


@pytest.mark.parametrize("state", sorted(CLOSED))
def test_a_closed_task_admits_no_act_but_a_second_look_at_what_was_accepted(state: State) -> None:
    fitting = {act for act in Act if (state, act) in TRANSITIONS}

    assert fitting == ({Act.SPOT_CHECK, Act.REOPEN} if state is State.ACCEPTED else set())


def test_every_state_is_open_or_closed_and_the_unit_works_only_on_open_tasks() -> None:
    assert set(State) == OPEN | CLOSED
    assert not OPEN & CLOSED
    assert AT_WORK < OPEN


def reached_from(state: State) -> set[State]:
    """All states that acts can lead to from `state`, itself included."""
    found, new = {state}, {state}
    while new:
        new = {to for (a, act), to in TRANSITIONS.items() if a in new and to is not None} - found
        found |= new
    return found


def test_every_state_is_reached_from_assigned_and_every_open_task_can_be_closed_either_way() -> None:
    assert reached_from(State.ASSIGNED) == set(State)
    assert all(reached_from(state) >= CLOSED for state in OPEN)


@pytest.mark.parametrize("state", sorted(OPEN - {State.SUSPENDED}))
def test_a_resumed_task_goes_on_where_it_was_suspended(state: State) -> None:
    assert after(State.SUSPENDED, Act.RESUME, suspended_in=state) is state


def test_a_suspended_task_without_its_old_state_is_refused() -> None:
    with pytest.raises(WrongStateError, match="lost the state"):
        after(State.SUSPENDED, Act.RESUME)


def test_every_act_says_what_it_does_to_the_clock() -> None:
    assert set(CLOCK_EFFECT) == set(Act)


# What an act changes besides the state, as the services do it. A date can only move to a later one.
NOW = datetime(2026, 6, 10, 4, tzinfo=UTC)
moments_near = st.integers(-60 * 24, 60 * 24).map(lambda hours: NOW + timedelta(hours=hours))
tasks = st.builds(
    TaskClocks,
    state=st.sampled_from(State),
    role=st.sampled_from(Role),
    held=st.booleans(),
    acknowledge_by=st.none() | moments_near,
    assigned_at=moments_near.filter(lambda at: at <= NOW),
    acknowledge_level=st.integers(-1, 2),
    deadline=moments_near,
    deadline_since=moments_near.filter(lambda at: at <= NOW),
    complete_level=st.integers(-1, 5),
)


def done(task: TaskClocks, act: Act, later: timedelta) -> TaskClocks:
    """The task after `act` at NOW; `later` is how far a deadline moves that the act may move."""
    moved = replace(task, state=after(task.state, act, suspended_in=State.RETURNED))
    if act is Act.ASK_EXTENSION:
        return replace(moved, held=True)
    if act in {Act.GRANT_EXTENSION, Act.REFUSE_EXTENSION, Act.ACCEPT, Act.CLOSE_WITH_LEAD}:
        moved = replace(moved, held=False)
    if later and act in {Act.GRANT_EXTENSION, Act.RETURN_FOR_REWORK, Act.RESUME, Act.REOPEN}:
        return replace(moved, deadline=task.deadline + later, deadline_since=NOW, complete_level=-1)
    return moved


def moment_of(task: TaskClocks) -> datetime | None:
    return earliest(next_moment(clock, STANDARD, OFFICE, NOW) for clock in running_clocks(task))


def comes_earlier(task: TaskClocks, act: Act, later: timedelta) -> bool:
    """Whether a workflow that sleeps until the task's next moment would now sleep too long."""
    before, then = moment_of(task), moment_of(done(task, act, later))
    return then is not None and (before is None or then < before)


def states_for(act: Act) -> list[State]:
    return sorted(state for state, known in TRANSITIONS if known is act)


@pytest.mark.parametrize("act", [act for act in Act if CLOCK_EFFECT[act] is ClockEffect.NONE])
@given(task=tasks, days=st.integers(0, 60))
def test_an_act_that_pokes_nobody_never_makes_the_next_moment_earlier(
    act: Act, task: TaskClocks, days: int
) -> None:
    for state in states_for(act):
        assert not comes_earlier(replace(task, state=state), act, timedelta(days=days))


def test_only_assigning_pokes_nobody_though_it_starts_clocks_and_only_the_workflow_assigns() -> None:
    assert {act for act in Act if not states_for(act)} == {Act.ASSIGN}


# Acts that can make the next moment earlier, and before which state and hold they do so.
HASTENING = [
    (Act.RETURN_FOR_REWORK, State.SUBMITTED, False),
    (Act.GRANT_EXTENSION, State.ACKNOWLEDGED, True),
    (Act.REFUSE_EXTENSION, State.ACKNOWLEDGED, True),
    (Act.REJECT_DISPUTE, State.DECLINED, False),
    (Act.RESUME, State.SUSPENDED, False),
    (Act.REOPEN, State.ACCEPTED, False),
]


@pytest.mark.parametrize(("act", "state", "held"), HASTENING)
def test_the_acts_that_poke_can_make_the_next_moment_earlier(act: Act, state: State, held: bool) -> None:
    start, due = NOW - timedelta(days=30), NOW + timedelta(days=5)
    task = TaskClocks(state, Role.LEAD, held, None, start, -1, due, start, -1)

    assert CLOCK_EFFECT[act] is not ClockEffect.NONE
    assert comes_earlier(task, act, timedelta(days=10))


def test_what_stops_starts_or_ends_a_whole_directive_always_pokes_and_nothing_else_pokes_for_nothing() -> (
    None
):
    by_effect = {effect: {act for act in Act if CLOCK_EFFECT[act] is effect} for effect in ClockEffect}

    assert by_effect[ClockEffect.ALWAYS] == {Act.SUSPEND, Act.RESUME, Act.WITHDRAW, Act.AMEND}
    assert by_effect[ClockEffect.IF_EARLIER] == {act for act, _, _ in HASTENING} - {Act.RESUME}

"""What may happen to a unit task, in one table, and which happening moves its item's clock.

`TRANSITIONS` is the only place that says which act fits which state. `CLOCK_EFFECT` says after which
acts the item's next moment may come earlier, so that the waiting workflow must be poked.
"""

from enum import StrEnum

from domain.errors import WrongStateError


class State(StrEnum):
    """Where a unit task stands. Overdue is derived from the clocks (`is_overdue`), never a state."""

    ASSIGNED = "assigned"
    ACKNOWLEDGED = "acknowledged"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    DECLINED = "declined"
    SUSPENDED = "suspended"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """Everything that can be done to a unit task; the audit trail uses the same words."""

    ASSIGN = "assign"
    ACKNOWLEDGE = "acknowledge"
    REPORT_PROGRESS = "report_progress"
    SUBMIT = "submit"
    ACCEPT = "accept"
    RETURN_FOR_REWORK = "return_for_rework"
    ASK_EXTENSION = "ask_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    DECLINE = "decline"
    UPHOLD_DISPUTE = "uphold_dispute"
    REJECT_DISPUTE = "reject_dispute"
    SUSPEND = "suspend"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    CLOSE_WITH_LEAD = "close_with_lead"
    AMEND = "amend"
    SPOT_CHECK = "spot_check"
    """Looked at again after it was accepted, and found right."""
    REOPEN = "reopen"
    """Looked at again after it was accepted, and found wanting."""


class ClockEffect(StrEnum):
    """Whether an act bumps the item's `clock_version`, and so pokes its workflow."""

    NONE = "none"
    """The next moment cannot come earlier: nobody is poked."""
    IF_EARLIER = "if_earlier"
    """Bumped when the task's next moment now lies before the one the item waits for."""
    ALWAYS = "always"
    """The workflow must look again, whatever the moments are."""


OPEN = frozenset(
    {State.ASSIGNED, State.ACKNOWLEDGED, State.SUBMITTED, State.RETURNED, State.DECLINED, State.SUSPENDED}
)
CLOSED = frozenset({State.ACCEPTED, State.WITHDRAWN})
AT_WORK = frozenset({State.ASSIGNED, State.ACKNOWLEDGED, State.RETURNED})
"""The unit has the next move, so its complete clock runs."""

RESUMED = None
"""The state a suspended task goes back to is the one it was suspended in."""


def _table() -> dict[tuple[State, Act], State | None]:
    table: dict[tuple[State, Act], State | None] = {
        (State.ASSIGNED, Act.ACKNOWLEDGE): State.ACKNOWLEDGED,
        (State.ACKNOWLEDGED, Act.SUBMIT): State.SUBMITTED,
        (State.RETURNED, Act.SUBMIT): State.SUBMITTED,
        (State.SUBMITTED, Act.ACCEPT): State.ACCEPTED,
        (State.SUBMITTED, Act.RETURN_FOR_REWORK): State.RETURNED,
        (State.ASSIGNED, Act.DECLINE): State.DECLINED,
        (State.ACKNOWLEDGED, Act.DECLINE): State.DECLINED,
        (State.DECLINED, Act.UPHOLD_DISPUTE): State.WITHDRAWN,
        (State.DECLINED, Act.REJECT_DISPUTE): State.ACKNOWLEDGED,
        (State.SUSPENDED, Act.RESUME): RESUMED,
        (State.ACCEPTED, Act.SPOT_CHECK): State.ACCEPTED,
        (State.ACCEPTED, Act.REOPEN): State.RETURNED,
    }
    for state in (State.ACKNOWLEDGED, State.RETURNED):
        table[state, Act.REPORT_PROGRESS] = state
        table[state, Act.ASK_EXTENSION] = state
    # A request may be decided after the unit has moved on; the decision never moves the task.
    for state in (State.ACKNOWLEDGED, State.RETURNED, State.SUBMITTED):
        table[state, Act.GRANT_EXTENSION] = state
        table[state, Act.REFUSE_EXTENSION] = state
    for state in OPEN:
        table[state, Act.WITHDRAW] = State.WITHDRAWN
        table[state, Act.CLOSE_WITH_LEAD] = State.ACCEPTED
    for state in OPEN - {State.SUSPENDED}:
        table[state, Act.SUSPEND] = State.SUSPENDED
        # What a unit works on it acknowledges anew; what lies with the office stays there.
        table[state, Act.AMEND] = State.ASSIGNED if state in AT_WORK else state
    return table


TRANSITIONS = _table()

CLOCK_EFFECT: dict[Act, ClockEffect] = {
    Act.ASSIGN: ClockEffect.NONE,  # the workflow itself assigns, and reads the moments afterwards
    Act.ACKNOWLEDGE: ClockEffect.NONE,  # stops a clock: the old moment passes and finds nothing due
    Act.REPORT_PROGRESS: ClockEffect.NONE,
    Act.SUBMIT: ClockEffect.NONE,
    Act.ACCEPT: ClockEffect.NONE,  # but closing an item's last open task always pokes it, by whatever act
    Act.RETURN_FOR_REWORK: ClockEffect.IF_EARLIER,
    Act.ASK_EXTENSION: ClockEffect.NONE,  # a hold begins
    Act.GRANT_EXTENSION: ClockEffect.IF_EARLIER,
    Act.REFUSE_EXTENSION: ClockEffect.IF_EARLIER,  # a hold ends
    Act.DECLINE: ClockEffect.NONE,  # a hold begins
    Act.UPHOLD_DISPUTE: ClockEffect.NONE,
    Act.REJECT_DISPUTE: ClockEffect.IF_EARLIER,  # a hold ends
    Act.SUSPEND: ClockEffect.ALWAYS,
    Act.RESUME: ClockEffect.ALWAYS,
    Act.WITHDRAW: ClockEffect.ALWAYS,
    Act.CLOSE_WITH_LEAD: ClockEffect.NONE,
    Act.AMEND: ClockEffect.ALWAYS,
    Act.SPOT_CHECK: ClockEffect.NONE,
    Act.REOPEN: ClockEffect.IF_EARLIER,  # its complete clock runs again
}


def after(state: State, act: Act, *, suspended_in: State | None = None) -> State:
    """The state after `act`. `suspended_in` is the state a suspended task was in before.

    Raises WrongStateError when the act does not fit the state.
    """
    if (state, act) not in TRANSITIONS:
        raise WrongStateError("A unit task that is %(state)s cannot %(act)s.", state=state, act=act)
    to = TRANSITIONS[state, act]
    if to is not RESUMED:
        return to
    if suspended_in is None:
        raise WrongStateError("A suspended unit task has lost the state it was in.")
    return suspended_in


class Role(StrEnum):
    """How a unit takes part in an item."""

    LEAD = "lead"
    COOPERATING = "cooperating"
    """Acknowledges and helps; the lead unit reports for it, so only its acknowledge clock runs."""
    HANDLING = "handling"
    """Reports for itself: the only unit, a joint one, or one of a collective (各区政府)."""

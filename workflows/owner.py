"""The one loop all owners share. One pass is a wake-up: do what is due, then wait for the next moment or a poke.

A workflow carries an id and nothing that the rows lack. It continues as new when a period of a recurring item
has ended and the run has grown (docs/decisions/0006), and when the server suggests it, never at each wake-up;
it does so after the wait, so that the new run's first wake-up is the one that is due anyway.
"""

import contextlib
from datetime import timedelta

from temporalio import workflow

from contracts.payloads import Advanced, Owner

with workflow.unsafe.imports_passed_through():
    from workflows.policies import advancing


GROWN = 250
"""Events of a run that is worth leaving behind: some twenty wake-ups. Part of what a replay repeats."""


class OwnerLoop:
    """Waits and wakes for one row."""

    def __init__(self, owner: Owner, activity: str) -> None:
        self._owner, self._activity = owner, activity
        self._poked = False

    def poke(self) -> None:
        """Look again; the row says why."""
        self._poked = True

    async def run(self) -> None:
        """Wake up until the row is closed."""
        while True:
            self._poked = False
            summary = f"{self._activity.replace('_', ' ')} {self._owner.id}"
            outcome = await workflow.execute_activity(
                self._activity, self._owner, result_type=Advanced, **advancing(summary)
            )
            if outcome.closed and not self._poked:
                return
            await self._wait(outcome.wait_seconds)
            run = workflow.info()
            if run.is_continue_as_new_suggested() or (
                outcome.period_ended and run.get_current_history_length() >= GROWN
            ):
                workflow.continue_as_new(self._owner)

    async def _wait(self, seconds: float | None) -> None:
        timeout = None if seconds is None else timedelta(seconds=seconds)
        with contextlib.suppress(TimeoutError):  # the moment has come
            await workflow.wait_condition(lambda: self._poked, timeout=timeout, timeout_summary="next moment")

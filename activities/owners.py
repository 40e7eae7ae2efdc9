"""The activities that advance an owner: take the office clock, call the service, map faults.

Each runs its service again while a page is left to do, with a heartbeat between, so that an item of forty
thousand units never holds the database for long and a dead worker is noticed.
"""

from collections.abc import Callable
from datetime import datetime

from temporalio import activity
from temporalio.exceptions import ApplicationError

from contracts import names
from contracts.payloads import Advanced, Owner, Trace
from domain.errors import DubanError
from services.course import AdvanceDirective, advance_directive
from services.failpoints import failpoint
from services.items import AdvanceItem, advance_item
from services.office import Actor, Office, engine_actor
from services.rectifications import AdvanceRectification, advance_rectification
from services.transaction import Answer

OfficeClock = Callable[[], datetime]


def _actor() -> Actor:
    info = activity.info()
    return engine_actor(Trace(info.workflow_id or "", info.workflow_run_id or "", info.activity_id))


def _advanced(step: Callable[[Actor], Answer]) -> Advanced:
    """Call `step` until it has no page left. A refusal of the office is final: retrying cannot mend it."""
    actor = _actor()
    try:
        while True:
            failpoint("activity.before")
            answer = step(actor)
            failpoint("activity.after_commit")
            if not answer.pop("more"):
                return Advanced(**answer)
            activity.heartbeat(answer["note"])
    except DubanError as error:
        raise ApplicationError(str(error), type=type(error).__name__, non_retryable=True) from error


class OwnerActivities:
    """What the worker registers; the office and its clock are injected once."""

    def __init__(self, office: Office, clock: OfficeClock) -> None:
        self._office, self._clock = office, clock

    @activity.defn(name=names.ADVANCE_ITEM)
    def advance_item(self, owner: Owner) -> Advanced:
        """One wake-up of an item."""
        return _advanced(
            lambda actor: advance_item(self._office, actor, self._clock(), AdvanceItem(item_id=owner.id))
        )

    @activity.defn(name=names.ADVANCE_DIRECTIVE)
    def advance_directive(self, owner: Owner) -> Advanced:
        """One wake-up of a directive."""
        return _advanced(
            lambda actor: advance_directive(
                self._office, actor, self._clock(), AdvanceDirective(directive_id=owner.id)
            )
        )

    @activity.defn(name=names.ADVANCE_RECTIFICATION)
    def advance_rectification(self, owner: Owner) -> Advanced:
        """One wake-up of a rectification."""
        request = AdvanceRectification(rectification_id=owner.id)
        return _advanced(lambda actor: advance_rectification(self._office, actor, self._clock(), request))

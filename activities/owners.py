"""The activities that advance an owner: take the office clock, call the service, map faults.

Each runs its service again while a page is left to do, with a heartbeat between, so that an item of forty
thousand units never holds the database for long and a dead worker is noticed.

No run of a workflow fails. What the office refuses (a policy it cannot read, a calendar without end) trying
again cannot mend: it becomes an incident, and the run waits to be poked by whoever mends it. Any other fault
(the database is down) is Temporal's to try again.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from temporalio import activity

from contracts import names
from contracts.payloads import Advanced, Owner, Trace
from domain.errors import DubanError, NotFoundError
from services.course import AdvanceDirective, advance_directive
from services.failpoints import failpoint
from services.incidents import cure_incident, raise_incident
from services.items import AdvanceItem, advance_item
from services.office import Office, engine_actor
from services.rectifications import AdvanceRectification, advance_rectification
from services.transaction import OfficeAct, Request

OfficeClock = Callable[[], datetime]
R = TypeVar("R", bound=Request)


class OwnerActivities:
    """What the worker registers; the office and its clock are injected once."""

    def __init__(self, office: Office, clock: OfficeClock) -> None:
        self._office, self._clock = office, clock

    @activity.defn(name=names.ADVANCE_ITEM)
    def advance_item(self, owner: Owner) -> Advanced:
        """One wake-up of an item."""
        return self._wake_up(advance_item, AdvanceItem(item_id=owner.id))

    @activity.defn(name=names.ADVANCE_DIRECTIVE)
    def advance_directive(self, owner: Owner) -> Advanced:
        """One wake-up of a directive."""
        return self._wake_up(advance_directive, AdvanceDirective(directive_id=owner.id))

    @activity.defn(name=names.ADVANCE_RECTIFICATION)
    def advance_rectification(self, owner: Owner) -> Advanced:
        """One wake-up of a rectification."""
        return self._wake_up(advance_rectification, AdvanceRectification(rectification_id=owner.id))

    def _wake_up(self, step: OfficeAct[R], request: R) -> Advanced:
        """Do it; a refusal opens the owner's incident, and the first wake-up that goes well closes it.

        An owner without a row (a database was put back to an earlier day) has nothing to keep time for.
        """
        workflow_id = activity.info().workflow_id or ""
        incident = f"wake_up/{workflow_id}"
        try:
            outcome = self._all_pages(step, request)
        except NotFoundError as error:
            return Advanced(closed=True, note=str(error))
        except DubanError as error:
            raise_incident(
                self._office, self._clock(), "wake_up_refused", incident, f"{workflow_id}: {error}"
            )
            return Advanced(note=f"refused: {error}")
        cure_incident(self._office, self._clock(), incident)
        return outcome

    def _all_pages(self, step: OfficeAct[R], request: R) -> Advanced:
        info = activity.info()
        actor = engine_actor(Trace(info.workflow_id or "", info.workflow_run_id or "", info.activity_id))
        while True:
            failpoint("activity.before")
            answer = step(self._office, actor, self._clock(), request)
            failpoint("activity.after_commit")
            if not answer.pop("more"):
                return Advanced(**answer)
            failpoint("activity.between_pages")
            activity.heartbeat(answer["note"])
            if "after" in answer:
                request = request.model_copy(update={"after": answer["after"]})

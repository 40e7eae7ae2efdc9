"""The one checker of the office: whether the invariants hold, judged by the rows, the files and the trail alone.

I1 to I3 need a ledger that was kept by the clients and I12 an appraisal, so neither is looked at here. What
Temporal runs is compared where its workflows are handed in.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from domain.ladder import CivilFrame
from services.calendars import calendar_on
from services.check_counters import check_counters, check_search
from services.check_counts import check_counts, check_trail
from services.check_ladder import check_ladder
from services.check_levels import check_levels, check_moments
from services.check_notices import check_notices
from services.check_owners import check_owners, check_workflows
from services.check_papers import check_files, check_papers
from services.check_report import Look, Report
from services.office import Office
from services.trail import Anchor, verify_on
from store.evidence import EvidenceStore
from store.sessions import reading


@dataclass(frozen=True)
class Outside:
    """What the rows cannot say. Each part is looked at only where it is given.

    `running` and `failed` are workflow ids as the server has them. With `now`, by the office clock, rungs that
    should have been done and are not are found as well; leave it out where no worker was running.
    """

    running: AbstractSet[str] | None = None
    failed: AbstractSet[str] = frozenset()
    now: datetime | None = None
    anchor: Anchor | None = None


NOTHING = Outside()


def check(office: Office, evidence: EvidenceStore, outside: Outside = NOTHING) -> Report:
    """Look at one moment of the database, at rest: an act or a wake-up under way may look like a fault."""
    with reading(office.engine) as session:
        look = Look(session.connection())
        frame = CivilFrame(calendar_on(look.connection), office.tz)
        check_owners(look)
        if outside.running is not None:
            check_workflows(look, outside.running, outside.failed)
        check_notices(look)
        check_ladder(look, frame)
        check_levels(look)
        check_moments(look, frame, outside.now)
        check_papers(look)
        check_files(look, evidence)
        check_counts(look)
        check_counters(look)
        check_search(look)
        check_trail(look, verify_on(look.connection, office.keys.keys, outside.anchor))
    return Report(tuple(look.findings), look.checked)

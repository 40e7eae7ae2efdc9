"""The directives a reader sees, the newest first, a page at a time."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from models.columns import table
from models.directive import Directive, DirectiveState
from models.organisation import Unit
from services.access import sees_directive
from services.office import Office
from services.sign_in import SignedIn
from services.views.counts import by_directive, sight_of
from services.views.lights import Lights, Moment
from store.sessions import reading

_DIRECTIVE, _UNIT = table(Directive), table(Unit)
A_PAGE = 30


@dataclass(frozen=True)
class ListedDirective:
    """One row."""

    id: int
    title: str
    issuer: str
    state: str
    published_at: datetime | None
    horizon: date
    lights: Lights


@dataclass(frozen=True)
class DirectiveList:
    """A page. `counts` is how many directives there are of each state; `next` is what to ask for `before`."""

    rows: tuple[ListedDirective, ...]
    counts: dict[str, int]
    next: int | None


def directive_list(
    office: Office, me: SignedIn, moment: Moment, *, state: DirectiveState | None = None, before: int = 0
) -> DirectiveList:
    """The directives with ids below `before`, or the newest ones; of one state where one is named."""
    seen = (sees_directive(me),)
    chosen = (
        select(_DIRECTIVE, _UNIT.c.name.label("issuer"))
        .join(_UNIT, _UNIT.c.id == _DIRECTIVE.c.issuer_id)
        .where(*seen)
        .order_by(_DIRECTIVE.c.id.desc())
        .limit(A_PAGE + 1)
    )
    if state is not None:
        chosen = chosen.where(_DIRECTIVE.c.state == state)
    if before:
        chosen = chosen.where(_DIRECTIVE.c.id < before)
    with reading(office.engine) as session:
        connection = session.connection()
        rows = connection.execute(chosen).all()
        shown = rows[:A_PAGE]
        lights = by_directive(connection, sight_of(connection, me), moment, [row.id for row in shown])
        by_state = select(_DIRECTIVE.c.state, func.count()).where(*seen).group_by(_DIRECTIVE.c.state)
        counts: Counter[str] = Counter({row[0]: row[1] for row in connection.execute(by_state)})
    listed = tuple(
        ListedDirective(
            id=row.id,
            title=row.title,
            issuer=row.issuer,
            state=row.state,
            published_at=row.published_at,
            horizon=row.horizon,
            lights=lights.get(row.id, Lights()),
        )
        for row in shown
    )
    return DirectiveList(listed, counts, shown[-1].id if len(rows) > A_PAGE else None)

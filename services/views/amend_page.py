"""A published item as it stands, what an amendment of it would mean, and how it was amended before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from contracts.payloads import Trace
from domain.errors import NotFoundError
from domain.text_diff import text_diff
from models.columns import table
from models.directive import Amendment, Item
from models.organisation import Account, Unit
from services.access import directive_to_decide
from services.amendment_plan import AmendItem, AmendmentPlan, plan_amendment
from services.office import Office, engine_actor
from services.readiness import item_label
from services.sign_in import SignedIn
from services.transaction import Transaction
from services.views.draft_page import PartOfItem, parts_by_item, units_to_name
from store.sessions import reading

_ITEM, _AMENDMENT, _ACCOUNT, _UNIT = table(Item), table(Amendment), table(Account), table(Unit)


@dataclass(frozen=True)
class Difference:
    """Two shapes of an item held against each other; `pieces` are those of `domain.text_diff`."""

    pieces: tuple[tuple[str, str], ...]
    due_before: date | None
    due_after: date | None
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def says_otherwise(self) -> bool:
        """Whether the text changes."""
        return any(kind != "same" for kind, _ in self.pieces)


@dataclass(frozen=True)
class Amended:
    """An amendment that was made: by whom, when, why, and what it changed."""

    at: datetime
    who: str
    reason: str
    difference: Difference


@dataclass(frozen=True)
class AmendView:
    """The item with who takes part in it, the units that can be named, and its amendments, the newest first."""

    directive: Row[Any]
    item: Row[Any]
    label: str
    parts: tuple[PartOfItem, ...]
    units: tuple[Row[Any], ...]
    made: tuple[Amended, ...]


def amend_view(office: Office, me: SignedIn, directive_id: int, item_id: int) -> AmendView:
    """The page of one item. Raises NotFoundError, NotAllowedError."""
    with reading(office.engine) as session:
        connection = session.connection()
        directive = directive_to_decide(connection, me, directive_id)
        mine = (_ITEM.c.id == item_id, _ITEM.c.directive_id == directive.id)
        item = connection.execute(select(_ITEM).where(*mine)).first()
        if item is None:
            raise NotFoundError("Directive %(id)s has no item %(item)s.", id=directive.id, item=str(item_id))
        made = (
            select(_AMENDMENT, _ACCOUNT.c.login.label("who"))
            .join(_ACCOUNT, _ACCOUNT.c.id == _AMENDMENT.c.account_id)
            .where(_AMENDMENT.c.item_id == item.id)
            .order_by(_AMENDMENT.c.id.desc())
        )
        rows = connection.execute(made).all()
        return AmendView(
            directive=directive,
            item=item,
            label=item_label(item),
            parts=parts_by_item(connection, directive.id).get(item.id, ()),
            units=tuple(units_to_name(connection)),
            made=tuple(
                Amended(row.at, row.who, row.reason, _difference(connection, row.before, row.after))
                for row in rows
            ),
        )


def planned(
    office: Office, me: SignedIn, request: AmendItem, now: datetime
) -> tuple[AmendmentPlan, Difference]:
    """What the amendment would come to, nothing written. Raises what `plan_amendment` raises."""
    with reading(office.engine) as session:
        connection = session.connection()
        directive = directive_to_decide(connection, me, request.directive_id)
        tx = Transaction(office, connection, engine_actor(Trace()), now)
        plan = plan_amendment(tx, directive, request)
        difference = Difference(
            pieces=tuple(text_diff(plan.item.text, plan.text)),
            due_before=plan.item.due_on,
            due_after=plan.due_on,
            added=_names(connection, plan.added),
            removed=_names(connection, plan.removed),
        )
        return plan, difference


def _difference(connection: Connection, before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """Of two shapes as an amendment keeps them."""
    had, has = before["units"], after["units"]
    return Difference(
        pieces=tuple(text_diff(before["text"], after["text"])),
        due_before=_day(before["due_on"]),
        due_after=_day(after["due_on"]),
        added=_names(connection, tuple(int(unit) for unit in has if unit not in had)),
        removed=_names(connection, tuple(int(unit) for unit in had if unit not in has)),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _names(connection: Connection, units: tuple[int, ...]) -> tuple[str, ...]:
    named = select(_UNIT.c.name).where(_UNIT.c.id.in_(units)).order_by(_UNIT.c.path)
    return tuple(connection.execute(named).scalars())

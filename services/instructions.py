"""批示: what a leader writes on a directive becomes an item of it, with one unit, a date, and an answer to the leader."""

from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import Field
from sqlalchemy import Row, func, insert, select

from contracts.names import Aggregate
from domain.errors import InvalidInputError, NotFoundError, WrongStateError
from domain.periods import Frequency
from domain.policy import ladder_to_json, policy_from_json
from domain.unit_task import Role
from models.columns import table
from models.directive import DirectiveState, Instruction, Item, ItemState
from models.organisation import AccountRole
from models.unit_task import UnitTask
from services.clock import bump
from services.directives import lock_directive
from services.draft_items import insert_item
from services.draft_parts import TakesPart, units_called, write_parts
from services.rows import require_role
from services.search_index import index_directive
from services.transaction import Answer, Request, Transaction, act
from services.unit_tasks import Text

_ITEM, _TASK, _INSTRUCTION = table(Item), table(UnitTask), table(Instruction)
NUMBER = "批示"
"""How the item of an instruction is numbered in its directive."""


class About(StrEnum):
    """On what an instruction is written."""

    DIRECTIVE = "directive"
    ITEM = "item"
    UNIT_TASK = "unit_task"


class GiveInstruction(Request):
    """What is to be done, by which unit (name or code), by when (a civil date), and on what it is written."""

    directive_id: int
    about: About
    about_id: int
    unit: str = Field(min_length=1, max_length=120)
    text: Text
    due_on: date


@act
def give_instruction(tx: Transaction, request: GiveInstruction) -> Answer:
    """Append the instruction to its directive as an item that runs as all others do: at once, by its ladder.

    Raises NotFoundError where what it is about is not of that directive, WrongStateError where that does not run.
    """
    account = require_role(tx, AccountRole.LEADER)
    directive = lock_directive(tx, request.directive_id, DirectiveState.PUBLISHED)
    if tx.now < directive.starts_at:
        raise WrongStateError(
            "Directive %(id)s is in the hold after its publication: take it back and change the draft.",
            id=directive.id,
        )
    _require_of_directive(tx, directive, request)
    if request.due_on < tx.today:
        raise InvalidInputError("The date %(day)s is already past.", day=request.due_on.isoformat())
    units = units_called(tx, request.unit)
    if len(units) != 1:
        raise InvalidInputError("Name one unit.")
    item = _append(tx, directive, request)
    write_parts(tx, item, {units[0]: TakesPart(Role.HANDLING)})
    row: dict[str, Any] = {"item_id": item, "account_id": account, "given_at": tx.now}
    tx.run(insert(_INSTRUCTION), row | {"about": request.about, "about_id": request.about_id})
    tx.record("give_instruction", f"item/{item}", about=f"{request.about}/{request.about_id}", unit=units[0])
    index_directive(tx.connection, directive.id)
    bump(tx, Aggregate.ITEM, item)
    return {"item_id": item}


def _append(tx: Transaction, directive: Row[Any], request: GiveInstruction) -> int:
    mine = select(func.max(_ITEM.c.position)).where(_ITEM.c.directive_id == directive.id)
    position = int(tx.run(mine).scalar_one()) + 1
    ladder = policy_from_json(directive.policy).ladder_for(Frequency.ONCE)
    values: dict[str, Any] = {"number": NUMBER, "text": request.text, "heading_path": []}
    values |= {"role_mode": "single", "deadline_phrases": [], "unmatched": [], "anchor": {}}
    values |= {"frequency": Frequency.ONCE, "due_on": request.due_on, "due_day": None}
    values |= {"state": ItemState.OPEN, "ladder": ladder_to_json(ladder)}
    return insert_item(tx, directive.id, position, values)


def _require_of_directive(tx: Transaction, directive: Row[Any], request: GiveInstruction) -> None:
    """Raises NotFoundError unless what the instruction is written on belongs to the directive."""
    found: Any
    if request.about is About.DIRECTIVE:
        found = request.about_id if request.about_id == directive.id else None
    elif request.about is About.ITEM:
        mine = (_ITEM.c.id == request.about_id, _ITEM.c.directive_id == directive.id)
        found = tx.one(select(_ITEM.c.id).where(*mine))
    else:
        of = select(_TASK.c.id).join(_ITEM, _ITEM.c.id == _TASK.c.item_id)
        found = tx.one(of.where(_TASK.c.id == request.about_id, _ITEM.c.directive_id == directive.id))
    if found is None:
        raise NotFoundError("What the instruction is written on is not of directive %(id)s.", id=directive.id)

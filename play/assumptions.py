"""What a played year assumes where a real office would ask a person. Each assumption is counted.

`duban directive publish` never does any of this.
"""

from dataclasses import dataclass, replace
from datetime import date

from domain.periods import Frequency
from domain.unit_task import Role
from services.directives import DraftDirective, DraftItem, PartIn


@dataclass(frozen=True)
class Assumed:
    """The draft made ready, and what had to be assumed for it."""

    draft: DraftDirective
    unmatched_units: int
    deadlines_assumed: tuple[str, ...]


def make_ready(draft: DraftDirective, office_id: int, published: date, default_due: date) -> Assumed:
    """A draft that can be published: every item has units that report, and a date that lies ahead.

    Names nobody goes by are left out and counted; an item left without units goes to the root's office. Where
    no lead is stated every unit reports for itself. A missing or past date becomes `default_due`.
    """
    unmatched, assumed, items = 0, [], []
    for position, item in enumerate(draft.items, 1):
        unmatched += len(item.unmatched)
        changes: dict[str, object] = {"unmatched": (), "parts": _parts(item, office_id)}
        changes["anchor"] = item.anchor | {"each_for_itself": item.role_mode == "joint"}
        if item.frequency is Frequency.ONCE and (item.due_on is None or item.due_on < published):
            changes["due_on"] = default_due
            assumed.append(item.number or str(position))
        items.append(item.model_copy(update=changes))
    ready = Assumed(draft, unmatched, tuple(assumed))
    return replace(ready, draft=draft.model_copy(update={"items": tuple(items)}))


def _parts(item: DraftItem, office_id: int) -> tuple[PartIn, ...]:
    if not item.parts:
        return (PartIn(unit_id=office_id, role=Role.HANDLING, named_as=""),)
    if all(part.role is Role.COOPERATING for part in item.parts):
        return tuple(part.model_copy(update={"role": Role.HANDLING}) for part in item.parts)
    return item.parts

"""A reading as JSON values, in the keys a truth is written in, with what an office adds to them."""

from datetime import date
from typing import Any

from domain.phrases import Recurrence, due_date, recurrence
from domain.reading.model import Leaf, Reading, ReadItem
from domain.workdays import Calendar


def reading_json(
    reading: Reading,
    *,
    published: date | None = None,
    calendar: Calendar | None = None,
    inclusive: bool = True,
) -> dict[str, Any]:
    """The reading as plain values. `due` is reckoned from `published` and None where that is not given.

    `inclusive` is the site's rule for 「15日前」: whether the 15th itself is still in time.
    """
    days = calendar or Calendar()
    return {
        "title": reading.title,
        "doc_number": reading.number,
        "issuer": reading.issuer,
        "secrecy_mark": reading.secrecy_mark,
        "lead_rule": reading.lead_rule,
        "item_count": len(reading.items),
        "items": [_item(seq, i, published, days, inclusive) for seq, i in enumerate(reading.items, 1)],
        "parent_items": [
            _item(seq, i, published, days, inclusive) for seq, i in enumerate(reading.parents, 1)
        ],
        "non_task_leaves": [_leaf(leaf) for leaf in reading.non_task_leaves],
    }


def item_recurrence(item: ReadItem) -> Recurrence | None:
    """How often an item comes round: by its deadline phrases first, then by its text."""
    return next((r for phrase in item.deadlines if (r := recurrence(phrase))), None) or recurrence(item.text)


def _item(
    seq: int, item: ReadItem, published: date | None, calendar: Calendar, inclusive: bool
) -> dict[str, Any]:
    again = item_recurrence(item)
    due = due_date(item.deadlines, published, calendar, inclusive=inclusive) if published else None
    return {
        "seq": seq,
        "number": item.number,
        "heading_path": list(item.heading_path),
        "text": item.text,
        "lead_units": list(item.lead_units),
        "cooperating_units": list(item.cooperating_units),
        "units_all": list(item.units_all),
        "collectives": list(item.collectives),
        "role_mode": item.role_mode,
        "deadlines": list(item.deadlines),
        "due": due.isoformat() if due else None,
        "recurrence": {"frequency": again.frequency, "day": again.day} if again else None,
        "evidence_hint": item.evidence_hint,
        "anchor": {
            "paragraph": item.anchor.paragraph,
            "start": item.anchor.start,
            "end": item.anchor.end,
            "sha256": item.anchor.sha256,
        },
        "confidence": item.confidence,
        "reasons": [doubt.value for doubt in item.reasons],
    }


def _leaf(leaf: Leaf) -> dict[str, Any]:
    return {"number": leaf.number, "heading_path": list(leaf.heading_path), "text": leaf.text}

"""Every name that crosses to Temporal: the task queue, workflow ids, workflows, activities, the signal."""

from enum import StrEnum

TASK_QUEUE = "duban"
POKE = "poke"


class Aggregate(StrEnum):
    """What an owner workflow keeps time for; also the first part of its id."""

    DIRECTIVE = "directive"
    ITEM = "item"
    RECTIFICATION = "rectification"
    BULLETIN = "bulletin"


WORKFLOWS: dict[Aggregate, str] = {
    Aggregate.DIRECTIVE: "DirectiveWorkflow",
    Aggregate.ITEM: "ItemWorkflow",
    Aggregate.RECTIFICATION: "RectificationWorkflow",
    Aggregate.BULLETIN: "BulletinWorkflow",
}

ADVANCE_DIRECTIVE = "advance_directive"
ADVANCE_ITEM = "advance_item"
ADVANCE_RECTIFICATION = "advance_rectification"
WRITE_BULLETIN = "write_bulletin"


def workflow_id(aggregate: Aggregate, key: int | str) -> str:
    """The id of the owner of a row: `item/17`, `bulletin/morning_digest/2026-03-05`."""
    return f"{aggregate}/{key}"

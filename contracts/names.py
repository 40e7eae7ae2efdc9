"""Every name that crosses to Temporal: the task queue, workflow ids, workflows, activities, the signal."""

from enum import StrEnum

TASK_QUEUE = "duban"
POKE = "poke"


class Aggregate(StrEnum):
    """What an owner workflow keeps time for; also the first part of its id."""

    DIRECTIVE = "directive"
    ITEM = "item"
    RECTIFICATION = "rectification"


WORKFLOWS: dict[Aggregate, str] = {
    Aggregate.DIRECTIVE: "DirectiveWorkflow",
    Aggregate.ITEM: "ItemWorkflow",
    Aggregate.RECTIFICATION: "RectificationWorkflow",
}

ADVANCE_DIRECTIVE = "advance_directive"
ADVANCE_ITEM = "advance_item"
ADVANCE_RECTIFICATION = "advance_rectification"


def workflow_id(aggregate: Aggregate, key: int) -> str:
    """The id of the owner of a row: `item/17`."""
    return f"{aggregate}/{key}"

"""Replaying a recorded run in the sandbox of production."""

import json
from collections.abc import Sequence

from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from dispatch.temporal_worker import sandbox


async def replay(text: str, workflows: Sequence[type]) -> None:
    """Raises NondeterminismError where these workflows would not have given the commands of that history."""
    started = json.loads(text)["events"][0]["workflowExecutionStartedEventAttributes"]
    replayer = Replayer(workflows=list(workflows), workflow_runner=sandbox())
    await replayer.replay_workflow(WorkflowHistory.from_json(started["workflowId"], text))

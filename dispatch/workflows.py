"""What the Temporal server knows of our workflows: which run, and how it is with one of them."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from contracts import names

AT_ONCE = 16
FAILING_AFTER = 3
"""Attempts of an activity after which it is no hiccup any more."""
_KINDS = ", ".join(f"'{workflow}'" for workflow in names.WORKFLOWS.values())
RUNNING = f"WorkflowType IN ({_KINDS}) AND ExecutionStatus = 'Running'"
BROKEN = frozenset(
    {WorkflowExecutionStatus.FAILED, WorkflowExecutionStatus.TERMINATED, WorkflowExecutionStatus.TIMED_OUT}
)


@dataclass(frozen=True)
class Found:
    """One workflow as the server has it. `broken` says how its last run ended when it should not have ended so,
    `failing` what an activity that is tried again and again last said.
    """

    running: bool = False
    busy: bool = False
    broken: str = ""
    failing: str = ""


async def running_workflows(client: Client) -> set[str]:
    """The ids of our running workflows, by the server's list, which may be some seconds old."""
    return {execution.id async for execution in client.list_workflows(RUNNING, page_size=1000)}


async def describe_all(client: Client, ids: Iterable[str]) -> dict[str, Found]:
    """How it is with each of these workflows, exactly and now."""
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(name: str) -> Found:
        async with limit:
            return await describe(client, name)

    asked = sorted(set(ids))
    return dict(zip(asked, await asyncio.gather(*(one(name) for name in asked)), strict=True))


async def describe(client: Client, name: str) -> Found:
    """How it is with one workflow; one the server does not know is simply not running."""
    try:
        description = await client.get_workflow_handle(name).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return Found()
        raise
    if description.status is not WorkflowExecutionStatus.RUNNING:
        status = description.status
        return Found(broken=status.name if status in BROKEN else "")
    raw = description.raw_description
    pending = [*raw.pending_activities]
    failing = [one.last_failure.message for one in pending if one.attempt >= FAILING_AFTER]
    busy = bool(pending) or raw.HasField("pending_workflow_task")
    return Found(running=True, busy=busy, failing=failing[0] if failing else "")

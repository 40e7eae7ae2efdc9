"""Whether Temporal really ran what the rows say it ran: every trace is looked up in the server's histories."""

from collections import defaultdict

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.service import RPCError

from services.office import Office
from services.traces import traces_of_rows

MOST_NAMED = 20


async def untraced(client: Client, office: Office) -> list[str]:
    """A sentence for each notice or letter whose activity is in no history of the server; none is right."""
    wanted: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for row, trace in traces_of_rows(office):
        wanted[trace.workflow_id, trace.run_id].append((trace.activity_id, row))
    missing = []
    for (workflow_id, run_id), rows in wanted.items():
        scheduled = await _activities(client, workflow_id, run_id)
        missing += [
            f"{row}: no activity {activity} in {workflow_id}"
            for activity, row in rows
            if activity not in scheduled
        ]
    return missing[:MOST_NAMED]


async def _activities(client: Client, workflow_id: str, run_id: str) -> set[str]:
    """The ids of the activities that a run scheduled; none where the server knows no such run."""
    if not run_id:
        return set()
    try:
        history = await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
    except RPCError:
        return set()
    return {
        event.activity_task_scheduled_event_attributes.activity_id
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    }

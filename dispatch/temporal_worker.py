"""The Temporal worker: our workflows in their sandbox, our activities in threads."""

from concurrent.futures import ThreadPoolExecutor

from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.owners import OwnerActivities
from contracts import names
from dispatch.clock import OfficeClock
from services.office import Office
from workflows.bulletin import BulletinWorkflow
from workflows.directive import DirectiveWorkflow
from workflows.item import ItemWorkflow
from workflows.rectification import RectificationWorkflow

WORKFLOWS = (DirectiveWorkflow, ItemWorkflow, RectificationWorkflow, BulletinWorkflow)


def temporal_worker(client: Client, office: Office, clock: OfficeClock, threads: int) -> Worker:
    """A worker that is not running yet; use it as an async context manager."""
    own = OwnerActivities(office, clock)
    return Worker(
        client,
        task_queue=names.TASK_QUEUE,
        workflows=list(WORKFLOWS),
        activities=[own.advance_item, own.advance_directive, own.advance_rectification, own.write_bulletin],
        activity_executor=ThreadPoolExecutor(threads, thread_name_prefix="activity"),
        max_concurrent_activities=threads,
        workflow_runner=SandboxedWorkflowRunner(
            restrictions=SandboxRestrictions.default.with_passthrough_modules(
                "contracts", "domain", "workflows"
            )
        ),
    )

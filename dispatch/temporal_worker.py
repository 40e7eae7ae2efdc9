"""The Temporal worker: our workflows in their sandbox, our activities in threads."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import SandboxImportNotificationPolicy

from activities.owners import OwnerActivities
from config.settings import Settings
from contracts import names
from dispatch.clock import OfficeClock
from dispatch.connect import connect
from services.office import Office
from workflows.directive import DirectiveWorkflow
from workflows.item import ItemWorkflow
from workflows.rectification import RectificationWorkflow

WORKFLOWS = (DirectiveWorkflow, ItemWorkflow, RectificationWorkflow)

GRACE = timedelta(seconds=3)
"""For activities under way when the worker stops; one that needs longer is taken up by another worker."""


async def run_temporal_worker(settings: Settings, office: Office, clock: OfficeClock) -> None:
    """Until cancelled. Raises RuntimeError where the server cannot be reached: whoever keeps this part tries again."""
    client = await connect(settings)
    await temporal_worker(client, office, clock, settings.activity_threads).run()


def temporal_worker(client: Client, office: Office, clock: OfficeClock, threads: int) -> Worker:
    """A worker that is not running yet; use it as an async context manager."""
    own = OwnerActivities(office, clock)
    return Worker(
        client,
        task_queue=names.TASK_QUEUE,
        workflows=list(WORKFLOWS),
        activities=[own.advance_item, own.advance_directive, own.advance_rectification],
        activity_executor=ThreadPoolExecutor(threads, thread_name_prefix="activity"),
        max_concurrent_activities=threads,
        graceful_shutdown_timeout=GRACE,
        workflow_runner=sandbox(),
    )


def sandbox() -> SandboxedWorkflowRunner:
    """What runs our workflows: their own modules are loaded anew for each run and may touch no clock, file or
    socket; what they share with the activities is passed through, and a module that is neither is warned of.
    """
    policy = SandboxImportNotificationPolicy
    return SandboxedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(
            "contracts"
        ).with_import_notification_policy(
            policy.WARN_ON_DYNAMIC_IMPORT | policy.WARN_ON_UNINTENTIONAL_PASSTHROUGH
        )
    )

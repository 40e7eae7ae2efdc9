"""Keeps the time of a directive as a whole: mid-term circular, closing report."""

from temporalio import workflow

from contracts import names
from contracts.payloads import Owner, Poke

with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from workflows.owner import OwnerLoop  # loaded anew in each sandbox, which then watches the loop too


@workflow.defn(name=names.WORKFLOWS[names.Aggregate.DIRECTIVE])
class DirectiveWorkflow:
    """Keeps the time of a directive as a whole: mid-term circular, closing report."""

    @workflow.init
    def __init__(self, owner: Owner) -> None:
        self._loop = OwnerLoop(owner, names.ADVANCE_DIRECTIVE)

    @workflow.signal(name=names.POKE)
    def poke(self, poke: Poke) -> None:  # noqa: ARG002 -- the version is for the reader of the history
        """The row may have changed."""
        self._loop.poke()

    @workflow.run
    async def run(self, owner: Owner) -> None:  # noqa: ARG002 -- taken by __init__
        """Until the row is closed."""
        await self._loop.run()

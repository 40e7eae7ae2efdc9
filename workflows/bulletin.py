"""Writes one bulletin: a matter of minutes, durable across a restart."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from contracts import names
    from contracts.payloads import Advanced, BulletinOf
    from workflows import policies


@workflow.defn(name=names.WORKFLOWS[names.Aggregate.BULLETIN])
class BulletinWorkflow:
    """One activity, tried until it has written its row."""

    @workflow.run
    async def run(self, of: BulletinOf) -> None:
        """Write the bulletin of that kind and period."""
        summary = f"{of.kind.replace('_', ' ')} {of.period}"
        await workflow.execute_activity(
            names.WRITE_BULLETIN, of, result_type=Advanced, **policies.advancing(summary)
        )

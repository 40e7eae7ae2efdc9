"""The item's workflow with one edit each, as somebody might make it who forgets the runs that are under way."""

import contextlib
from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow

from contracts import names
from contracts.payloads import Advanced, Owner, Poke

with workflow.unsafe.imports_passed_through():
    from workflows.owner import GROWN
    from workflows.policies import advancing


@dataclass(frozen=True)
class Edit:
    """What differs from the loop of production; by default nothing does."""

    activity: str = names.ADVANCE_ITEM
    times: int = 1
    timer: bool = True
    continues: bool = True


class Edited:
    """The loop written once more."""

    def __init__(self) -> None:
        self._poked = False

    @workflow.signal(name=names.POKE)
    def poke(self, poke: Poke) -> None:
        self._poked = True

    async def loop(self, owner: Owner, edit: Edit) -> None:
        while True:
            self._poked = False
            for _ in range(edit.times):
                outcome = await self.advance(owner, edit.activity)
            if outcome.closed and not self._poked:
                return
            await self.wait(outcome.wait_seconds if edit.timer else None)
            grown = workflow.info().get_current_history_length() >= GROWN
            if edit.continues and outcome.period_ended and grown:
                workflow.continue_as_new(owner)

    async def advance(self, owner: Owner, activity: str) -> Advanced:
        outcome: Advanced = await workflow.execute_activity(
            activity, owner, result_type=Advanced, **advancing("")
        )
        return outcome

    async def wait(self, seconds: float | None) -> None:
        with contextlib.suppress(TimeoutError):
            timeout = None if seconds is None else timedelta(seconds=seconds)
            await workflow.wait_condition(lambda: self._poked, timeout=timeout)


@workflow.defn(name="ItemWorkflow")
class Unedited(Edited):
    @workflow.run
    async def run(self, owner: Owner) -> None:
        await self.loop(owner, Edit())


@workflow.defn(name="ItemWorkflow")
class WaitsFirst(Edited):
    @workflow.run
    async def run(self, owner: Owner) -> None:
        await workflow.sleep(timedelta(minutes=1))
        await self.loop(owner, Edit())


@workflow.defn(name="ItemWorkflow")
class AsksTwice(Edited):
    @workflow.run
    async def run(self, owner: Owner) -> None:
        await self.loop(owner, Edit(times=2))


@workflow.defn(name="ItemWorkflow")
class AsksAnother(Edited):
    @workflow.run
    async def run(self, owner: Owner) -> None:
        await self.loop(owner, Edit(activity=names.ADVANCE_DIRECTIVE))


@workflow.defn(name="ItemWorkflow")
class WaitsWithoutTimer(Edited):
    @workflow.run
    async def run(self, owner: Owner) -> None:
        await self.loop(owner, Edit(timer=False))


@workflow.defn(name="ItemWorkflow")
class NeverContinues(Edited):
    @workflow.run
    async def run(self, owner: Owner) -> None:
        await self.loop(owner, Edit(continues=False))


@workflow.defn(name="ItemWorkflow")
class AsksTwiceGated(Edited):
    @workflow.run
    async def run(self, owner: Owner) -> None:
        await self.loop(owner, Edit(times=2 if workflow.patched("ask-twice") else 1))

"""The fan-out as most would write it: a child workflow for each unit task, with activities and a timer of its own.

One activity writes the unit task, another its notice and mail, each in a transaction; the child then waits for
its own deadline. SQLite takes one writer at a time, so the activities take turns by a lock of the process: that is
faster than letting hundreds of threads wait for the file.
"""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, timedelta

from sqlalchemy import Engine, select
from sqlalchemy.dialects.sqlite import insert
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from bench.site import OPENS, TASK
from domain.unit_task import Role, State
from models.columns import table
from models.directive import Item
from models.paper import Mail, MailState, Notice, NoticeKind
from store.sessions import writing_connection

QUEUE = "baseline"
TIMEOUT = timedelta(minutes=5)
NOTICE, MAIL, ITEM = table(Notice), table(Mail), table(Item)
NOW = OPENS.astimezone(UTC)
ACKNOWLEDGE_BY, DEADLINE = NOW + timedelta(days=3), NOW + timedelta(days=170)


@dataclass(frozen=True)
class Fan:
    """An item and how many units it has; their ids count up from `first`."""

    item: int
    first: int
    units: int


@dataclass(frozen=True)
class One:
    """One unit's part."""

    item: int
    unit: int


@workflow.defn
class EveryUnit:
    """Starts a child for each unit task and waits for all of them."""

    @workflow.run
    async def run(self, fan: Fan) -> None:
        units = range(fan.first, fan.first + fan.units)
        await asyncio.gather(*(self._start(One(fan.item, unit)) for unit in units))

    async def _start(self, one: One) -> None:
        await workflow.execute_child_workflow(OneUnit.run, one, id=f"baseline/{one.item}/{one.unit}")


@workflow.defn
class OneUnit:
    """One unit task: written, told, watched."""

    @workflow.run
    async def run(self, one: One) -> None:
        task = await workflow.execute_activity(
            "assign_one", one, result_type=int, start_to_close_timeout=TIMEOUT
        )
        await workflow.execute_activity("tell_one", args=[one, task], start_to_close_timeout=TIMEOUT)
        await workflow.sleep(timedelta(days=3))


class RowActivities:
    """Writes the rows of one unit at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._turn = engine, threading.Lock()

    @activity.defn(name="assign_one")
    def assign_one(self, one: One) -> int:
        """The unit task; answers its id."""
        row = {"item_id": one.item, "period": "once", "unit_id": one.unit, "role": Role.HANDLING}
        row |= {"state": State.ASSIGNED, "held": False, "assigned_at": NOW, "acknowledge_by": ACKNOWLEDGE_BY}
        row |= {
            "acknowledge_level": -1,
            "deadline": DEADLINE,
            "original_deadline": DEADLINE,
            "deadline_version": 1,
        }
        row |= {
            "deadline_since": NOW,
            "complete_level": -1,
            "progress": 0,
            "returned_times": 0,
            "extended_times": 0,
        }
        row |= {"closed_with_lead": False, "version": 1}
        mine = (TASK.c.item_id == one.item, TASK.c.unit_id == one.unit)
        with self._turn, writing_connection(self._engine) as connection:
            of_item = select(ITEM.c.directive_id).where(ITEM.c.id == one.item).scalar_subquery()
            added = insert(TASK).values(row | {"directive_id": of_item})
            connection.execute(added.on_conflict_do_nothing())
            return int(connection.execute(select(TASK.c.id).where(*mine)).scalar_one())

    @activity.defn(name="tell_one")
    def tell_one(self, one: One, task: int) -> None:
        """The notice and its mail."""
        info = activity.info()
        row = {
            "kind": NoticeKind.ASSIGNMENT,
            "item_id": one.item,
            "unit_task_id": task,
            "rectification_id": 0,
        }
        row |= {"unit_id": one.unit, "clock": "", "rung": "assignment", "deadline_version": 1, "at": NOW}
        row |= {
            "workflow_id": info.workflow_id,
            "run_id": info.workflow_run_id,
            "activity_id": info.activity_id,
        }
        mail = {
            "about": "notice",
            "account_id": one.unit,
            "recipient": f"u{one.unit}@bench.example",
            "attempts": 0,
        }
        mail |= {"kind": NoticeKind.ASSIGNMENT, "dedupe_key": f"{one.item}.{one.unit}.once..assignment.1.0"}
        mail |= {"state": MailState.PENDING, "created_at": NOW, "next_at": NOW, "answer": ""}
        with self._turn, writing_connection(self._engine) as connection:
            told = connection.execute(insert(NOTICE).on_conflict_do_nothing(), row)
            if told.rowcount:  # else an attempt before this one wrote both, and its answer was lost
                connection.execute(insert(MAIL), mail | {"about_id": told.lastrowid})


def baseline_worker(client: Client, engine: Engine, slots: int) -> Worker:
    """A worker of the baseline with that many slots for workflow tasks and for activities; no sandbox to pay for."""
    own = RowActivities(engine)
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=[EveryUnit, OneUnit],
        activities=[own.assign_one, own.tell_one],
        activity_executor=ThreadPoolExecutor(slots, thread_name_prefix="baseline"),
        max_concurrent_activities=slots,
        max_concurrent_workflow_tasks=slots,
        max_cached_workflows=5000,
        workflow_runner=UnsandboxedWorkflowRunner(),
    )

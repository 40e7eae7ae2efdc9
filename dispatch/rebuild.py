"""Start every missing workflow from the rows: after the loss of Temporal's data, and whenever one is in doubt."""

import asyncio
from collections import Counter
from datetime import datetime

from temporalio.client import Client

from contracts.names import Aggregate
from dispatch.relay import poke_owners
from dispatch.workflows import describe_all
from services.lapses import open_owners
from services.office import Office


async def rebuild(office: Office, client: Client, now: datetime) -> dict[str, int]:
    """Start the owner of every open row that has none. Nothing is said twice: the rows know what was done.

    Answers how many were started of each kind (`directive`, `item`, `rectification`) and how many were
    `running` already. Raises RPCError or RuntimeError where the server cannot be reached.
    """
    owners = await asyncio.to_thread(open_owners, office, now)
    found = await describe_all(client, (row.workflow_id for row in owners))
    missing = [row for row in owners if not found[row.workflow_id].running]
    await poke_owners(client, missing)
    started = Counter(row.aggregate for row in missing)
    return {aggregate.value: started[aggregate] for aggregate in Aggregate} | {
        "running": len(owners) - len(missing)
    }

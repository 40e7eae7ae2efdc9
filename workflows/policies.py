"""Every timeout and retry policy of the workflows, by name."""

from datetime import timedelta

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig

ADVANCE_TIMEOUT = timedelta(minutes=10)
HEARTBEAT_TIMEOUT = timedelta(seconds=60)
RETRY_FOR_EVER = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(minutes=1)
)
"""A database that is down comes back; a refusal of the office is not retried (the activity says so)."""


def advancing(summary: str) -> ActivityConfig:
    """How an activity that advances a row is run; `summary` is what the Temporal UI shows of it."""
    return ActivityConfig(
        start_to_close_timeout=ADVANCE_TIMEOUT,
        heartbeat_timeout=HEARTBEAT_TIMEOUT,
        retry_policy=RETRY_FOR_EVER,
        summary=summary,
    )

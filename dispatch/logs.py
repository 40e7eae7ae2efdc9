"""Where a process that runs parts says what went wrong: one log, the Temporal library's own words included."""

import logging
from logging import Handler

from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

FORMAT = "%(asctime)s %(name)s %(levelname)s %(message)s"


def log_to(handler: Handler) -> None:
    """Warnings of this process go to `handler` alone. Call it once, before anything connects to Temporal.

    The library below the client would otherwise write a line on standard output whenever a server is away.
    """
    logging.basicConfig(handlers=[handler], level=logging.WARNING, format=FORMAT)
    forwarding = LogForwardingConfig(logger=logging.getLogger("temporal"))
    wanted = TelemetryFilter(core_level="WARN", other_level="ERROR")
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(wanted, forwarding))))

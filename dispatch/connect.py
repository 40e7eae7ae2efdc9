"""A client of the Temporal server that the settings name: plain, with an API key, or with certificates."""

import asyncio
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RetryConfig, RPCError, TLSConfig

from config.settings import Settings
from domain.errors import InvalidInputError

HEALTH_TIMEOUT = timedelta(seconds=2)
SOON_SAID = RetryConfig(max_elapsed_time_millis=2000)
"""Who does not need the server to go on (relay, reconciler, heartbeat) hears soon that it is away."""
PATIENCE = 5.0
"""Seconds after which a server that neither answers nor refuses counts as unreachable."""


async def connect(settings: Settings, *, lazy: bool = False) -> Client:
    """A client. A `lazy` one connects at its first call, so a server that is down holds nobody up.

    Raises InvalidInputError where the settings name no server, and RuntimeError where it cannot be reached,
    unless lazy.
    """
    if not settings.temporal_address:
        raise InvalidInputError("DUBAN_TEMPORAL_ADDRESS must be set: only duban up runs a server of its own.")
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        api_key=settings.temporal_api_key.get_secret_value() or None,
        tls=tls(settings),
        lazy=lazy,
        retry_config=SOON_SAID if lazy else None,
    )


def tls(settings: Settings) -> TLSConfig | bool:
    """How the connection is protected: an API key switches TLS on, certificates say whose."""
    files = (settings.temporal_tls_ca, settings.temporal_tls_cert, settings.temporal_tls_key)
    if not any(files):
        return bool(settings.temporal_api_key.get_secret_value())
    authority, certificate, key = (_bytes(file) for file in files)
    return TLSConfig(server_root_ca_cert=authority, client_cert=certificate, client_private_key=key)


def _bytes(file: Path | None) -> bytes | None:
    return file.read_bytes() if file else None


async def is_reachable(client: Client) -> bool:
    """Whether the server answers now."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await client.service_client.check_health(timeout=HEALTH_TIMEOUT)
    except (RPCError, RuntimeError, TimeoutError):  # RuntimeError: a lazy client that cannot connect
        return False

"""A client for a command that is over soon: of the server that is set, that runs here already, or of one of its own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from temporalio.client import Client

from config.settings import Settings
from dispatch.connect import connect
from dispatch.embedded import EmbeddedServer
from dispatch.left_behind import port_of_running
from dispatch.ports import HOST
from domain.errors import InvalidInputError


@asynccontextmanager
async def reached(settings: Settings) -> AsyncIterator[Client]:
    """A client of the site's Temporal server. Where `duban up` is not running its server is started for the while.

    Raises InvalidInputError where the server cannot be reached.
    """
    file = settings.data_dir / "temporal" / "temporal.db"
    async with AsyncExitStack() as stack:
        address = settings.temporal_address
        if not address:
            port = port_of_running(file)
            if port is None:
                port = (await stack.enter_async_context(EmbeddedServer(file))).port
            address = f"{HOST}:{port}"
        try:
            client = await connect(settings.model_copy(update={"temporal_address": address}))
        except RuntimeError as error:
            raise InvalidInputError(
                "The Temporal server %(address)s cannot be reached.", address=address
            ) from error
        yield client

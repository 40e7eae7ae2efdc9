"""The web application. For now it says how the site is."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Response, status

from services.health import health
from services.office import Office


def create_app(office: Office, clock: Callable[[], datetime]) -> FastAPI:
    """The application over an office and its clock. It serves no page that loads anything from elsewhere."""
    app = FastAPI(title="Duban", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """This process is alive."""
        return {"status": "alive"}

    @app.get("/readyz")
    def readyz(response: Response) -> dict[str, Any]:
        """200 while the office works, with the parts that are not well; 503 without a database or a worker."""
        found = health(office, clock())
        if not found.ready:
            response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        return {
            "ready": found.ready,
            "degraded": found.degraded,
            "database": found.database,
            "worker": found.worker,
            "temporal": found.temporal,
            "mail": found.mail,
            "relay_lag": found.relay_lag,
        }

    return app

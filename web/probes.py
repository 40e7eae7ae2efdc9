"""What a supervisor of processes asks: is it alive, can it work."""

from typing import Any

from fastapi import APIRouter, Request, Response, status

from services.health import health
from web.guard import GuardedRoute
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)


@router.get("/healthz", name="healthz")
async def healthz() -> dict[str, str]:
    """This process is alive."""
    return {"status": "alive"}


@router.get("/readyz", name="readyz")
def readyz(request: Request, response: Response) -> dict[str, Any]:
    """200 while the office works, with the parts that are not well; 503 without a database or a worker."""
    site = site_of(request)
    found = health(site.office, site.clock())
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

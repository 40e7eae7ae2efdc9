"""What a load balancer and a watching person are told, from the rows alone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.heartbeats import FRESH, beat, stop_beating
from services.office import Office
from store.evidence import FolderStore
from store.sessions import open_engine, writing
from tests.office import PUBLISHED, Scene, both, make_office
from web.app import create_app
from web.site import WebSite

WELL: dict[str, Any] = {
    "temporal": True,
    "mail": True,
    "relay_lag": 0.4,
    "scheduler_tick": None,
    "faults": {},
}


def site_over(office: Office, folder: Path) -> WebSite:
    """A site at the instant of publication."""
    return WebSite(office=office, clock=lambda: PUBLISHED, evidence=FolderStore(folder / "evidence"))


@pytest.fixture
async def browser(scene: Scene, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who asks the application at the instant of publication."""
    app = create_app(site_over(scene.office, tmp_path))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://duban") as client:
        yield client


async def ready(browser: httpx.AsyncClient) -> tuple[int, dict[str, Any]]:
    answer = await browser.get("/readyz")
    return answer.status_code, answer.json()


async def test_the_process_says_that_it_is_alive(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


@both
async def test_with_a_fresh_heartbeat_all_is_well(scene: Scene, browser: httpx.AsyncClient) -> None:
    beat(scene.office, PUBLISHED - timedelta(seconds=9), "a:1", WELL)

    code, said = await ready(browser)

    assert code == 200
    assert said == {
        "ready": True,
        "degraded": [],
        "database": True,
        "worker": True,
        "temporal": True,
        "mail": True,
        "relay_lag": 0.4,
    }


@pytest.mark.parametrize("seconds", [None, FRESH.total_seconds() + 1])
async def test_without_a_worker_or_with_a_silent_one_it_is_not_ready(
    scene: Scene, browser: httpx.AsyncClient, seconds: float | None
) -> None:
    if seconds is not None:
        beat(scene.office, PUBLISHED - timedelta(seconds=seconds), "a:1", WELL)

    code, said = await ready(browser)

    assert (code, said["ready"], said["degraded"]) == (503, False, ["worker"])


async def test_a_worker_that_stops_by_its_own_will_is_gone_at_once(
    scene: Scene, browser: httpx.AsyncClient
) -> None:
    beat(scene.office, PUBLISHED, "a:1", WELL)
    stop_beating(scene.office, "a:1")

    assert (await ready(browser))[0] == 503


@pytest.mark.parametrize(
    ("state", "part"),
    [({"temporal": False}, "temporal"), ({"mail": False}, "mail"), ({"relay_lag": 61.0}, "relay_lag")],
)
async def test_a_part_that_is_not_well_is_named_and_the_office_goes_on(
    scene: Scene, browser: httpx.AsyncClient, state: dict[str, Any], part: str
) -> None:
    beat(scene.office, PUBLISHED, "a:1", WELL | state)

    code, said = await ready(browser)

    assert (code, said["ready"], said["degraded"]) == (200, True, [part])


async def test_of_two_workers_the_one_that_is_well_counts(scene: Scene, browser: httpx.AsyncClient) -> None:
    beat(scene.office, PUBLISHED, "a:1", WELL | {"temporal": False, "relay_lag": 500.0})
    beat(scene.office, PUBLISHED, "b:2", WELL)

    assert (await ready(browser))[1]["degraded"] == []


async def test_no_mail_server_is_no_fault(scene: Scene, browser: httpx.AsyncClient) -> None:
    beat(scene.office, PUBLISHED, "a:1", WELL | {"mail": None})

    code, said = await ready(browser)

    assert (code, said["mail"], said["degraded"]) == (200, None, [])


@both
async def test_without_its_database_it_is_not_ready_and_still_alive(
    scene: Scene, browser: httpx.AsyncClient
) -> None:
    with writing(scene.engine) as session:
        session.connection().execute(text("DROP TABLE heartbeat"))

    code, said = await ready(browser)

    assert (code, said["degraded"]) == (503, ["database", "worker"])
    assert (await browser.get("/healthz")).status_code == 200


async def test_a_database_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    office = make_office(open_engine("postgresql+psycopg://nobody@127.0.0.1:1/none"))
    app = create_app(site_over(office, tmp_path))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://duban") as client:
        code, said = await ready(client)

    assert (code, said["database"]) == (503, False)


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
async def test_no_page_that_loads_from_elsewhere_is_served(browser: httpx.AsyncClient, path: str) -> None:
    assert (await browser.get(path)).status_code == 404

"""Every route, every role, one's own record and a foreign one: who gets in is what the table of rights says."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount

from models.columns import table
from models.organisation import AccountRole
from models.paper import Letter, LetterState, LetterUnit, Notice
from models.rectification import Rectification
from models.unit_task import UnitTask
from services.api_tokens import Scope, WantedToken, make_token
from services.unit_tasks import AskExtension, Decline, ask_extension, decline
from tests.domain.samples import local
from tests.office import BEGINS, DUE, HANDLING
from tests.web.browser import Browser, Web
from web.api.bearer import BearerRoute
from web.guard import GuardedRoute
from web.rights import RIGHTS, Open

pytestmark = pytest.mark.timeout(300)

CIRCULAR = local(date(2026, 4, 29), 9)
UNIT = {AccountRole.UNIT_OFFICER: "unit_officer@A", AccountRole.UNIT_HEAD: "unit_head@A"}
"""Of whom the records of unit A are their own and those of unit B foreign; the other roles oversee both."""
NO_RECORD = {
    "token": "never-made",
    "account_id": "999999",
    "unit_id": "999999",
    "token_id": "999999",
    "incident_id": "999999",
    "mail_id": "999999",
    "webhook_id": "999999",
    "year": "2026",
    "position": "1",
    "change": "withdraw",
    "about": "item",
    "about_id": "999999",
    "form": "csv",
}
"""Parts of an address that name no record with a place in the tree."""
ADDRESSES = {"letter_id": Letter, "rectification_id": Rectification}


def login_of(role: AccountRole) -> str:
    return UNIT.get(role, f"{role.value}@YX")


@dataclass(frozen=True)
class Records:
    """The ids of unit A's records and of unit B's, by the name they have in an address."""

    own: dict[str, int]
    foreign: dict[str, int]


@pytest.fixture
def records(web: Web) -> Records:
    """Unit A and unit B each have a directive, a task, a request, evidence, a letter and a rectification."""
    own, foreign = (_asked(web, code) for code in ("A", "B"))
    while (now := web.scene.next_moment()) is not None and now <= CIRCULAR + timedelta(hours=3):
        web.scene.live(now)
        web.scene.sign_all(now)
    web.now = CIRCULAR + timedelta(hours=4)
    return Records(own | _issued(web, own), foreign | _issued(web, foreign))


def _asked(web: Web, code: str) -> dict[str, int]:
    scene = web.scene
    late = scene.begin(scene.item((code, HANDLING)))
    task = scene.tasks(late.items[0])[code].id
    scene.acknowledge(task, BEGINS)
    evidence = scene.prove(task, BEGINS, text=code)["evidence_id"]
    other = scene.begin(scene.item((code, HANDLING)), scene.item((code, HANDLING), number="2"))
    held, odd = (scene.tasks(item)[code].id for item in other.items)
    scene.acknowledge(held, BEGINS)
    asked = AskExtension(unit_task_id=held, reason="雨季停工", proposed=DUE + timedelta(days=5))
    extension = ask_extension(scene.office, scene.officer(code), BEGINS, asked)["extension_id"]
    said = Decline(unit_task_id=odd, reason="不属职责")
    dispute = decline(scene.office, scene.officer(code), BEGINS, said)["dispute_id"]
    return {
        "unit_task_id": task,
        "directive_id": late.id,
        "item_id": late.items[0],
        "extension_id": extension,
        "dispute_id": dispute,
        "evidence_id": evidence,
    }


def _issued(web: Web, asked: dict[str, int]) -> dict[str, int]:
    scene, named = web.scene, table(LetterUnit)
    mine = scene.rows(LetterUnit, named.c.unit_task_id == asked["unit_task_id"])
    issued = {row.id for row in scene.rows(Letter, table(Letter).c.state == LetterState.ISSUED)}
    mending = scene.rows(Rectification, table(Rectification).c.unit_task_id == asked["unit_task_id"])
    told = scene.rows(Notice, table(Notice).c.unit_task_id == asked["unit_task_id"])
    unit = scene.row(UnitTask, asked["unit_task_id"]).unit_id
    return {
        "notice_id": next(row.id for row in told if row.unit_id == unit),
        "letter_id": next(row.letter_id for row in mine if row.letter_id in issued),
        "rectification_id": mending[0].id,
    }


def routes_of(app: FastAPI, kind: type[APIRoute]) -> Iterator[APIRoute]:
    """The routes of an application, those of its routers and of what is mounted in it."""
    waiting: list[Any] = list(app.routes)
    while waiting:
        route = waiting.pop(0)
        if isinstance(route, kind):
            yield route
        elif isinstance(route, Mount):
            waiting += getattr(route.app, "routes", [])
        elif hasattr(route, "original_router"):  # how FastAPI keeps a router that was included
            waiting += route.original_router.routes


def method_of(route: APIRoute) -> str:
    """Each of our routes has one."""
    (method,) = route.methods or {""}
    return method


def address(route: APIRoute, ids: dict[str, int]) -> str:
    """The route's address for those records."""
    known = NO_RECORD | {name: str(value) for name, value in ids.items()}
    missing = [name for name in route.param_convertors if name not in known]
    assert not missing, f"{route.name}: no record for {missing}"
    return route.path_format.format(**{name: known[name] for name in route.param_convertors})


def is_of_a_record(route: APIRoute) -> bool:
    return bool(set(route.param_convertors) - set(NO_RECORD))


def test_every_route_has_a_row_and_every_row_a_route(web: Web) -> None:
    routes = [*routes_of(web.app, GuardedRoute), *routes_of(web.app, BearerRoute)]
    plain = [
        route for route in routes_of(web.app, APIRoute) if not isinstance(route, GuardedRoute | BearerRoute)
    ]

    assert [route.name for route in plain] == [], "a route beside the door"
    assert {route.name for route in routes} | {"static"} == set(RIGHTS)


async def test_every_page_and_form_opens_to_its_roles_alone(web: Web, records: Records) -> None:
    wrong = []
    for role in AccountRole:
        browser = await web.enter(login_of(role))
        for route in routes_of(web.app, GuardedRoute):
            for ids in (records.own, records.foreign):
                status = await asked(browser, route, address(route, ids))
                wrong += _judged(role, route, foreign=ids is records.foreign and role in UNIT, status=status)
            if route.name == "sign_out_post":
                browser = await web.enter(login_of(role))

    assert wrong == []


async def asked(browser: Browser, route: APIRoute, path: str) -> int:
    """The status of the route's answer; a form is sent empty but for the session's own token."""
    if method_of(route) == "GET":
        return (await browser.client.get(path)).status_code
    fields = {"csrf": await csrf_of(browser)}
    return (await browser.client.post(path, data=fields)).status_code


async def csrf_of(browser: Browser) -> str:
    page = await browser.client.get("/account")
    return page.text.split('name="csrf" value="')[1].split('"')[0] if page.status_code == 200 else ""


def _judged(role: AccountRole, route: APIRoute, *, foreign: bool, status: int) -> list[str]:
    right = RIGHTS[route.name]
    told = f"{role} {method_of(route)} {route.path}: {status}"
    if status >= 500 and route.name != "readyz":  # which says that no worker runs
        return [f"{told}, a fault"]
    if right is not Open.TO_ALL and role not in right:
        return [] if status == 403 else [f"{told}, not the role's"]
    if status == 403:
        return [f"{told}, though it is the role's"]
    if foreign and is_of_a_record(route) and status != 404:
        return [f"{told}, a foreign record"]
    return []


async def test_nobody_gets_in_without_signing_in(web: Web, records: Records) -> None:
    stranger = await web.visit()
    wrong = []
    for route in routes_of(web.app, GuardedRoute):
        if RIGHTS[route.name] is Open.TO_ALL:
            continue
        path = address(route, records.own)
        answer = await (
            stranger.client.get(path) if method_of(route) == "GET" else stranger.client.post(path)
        )
        led = answer.headers.get("location", "").startswith("/sign-in")
        kept = answer.status_code == 401  # what was typed is kept beside the sign-in form
        wrong += [] if led or kept else [f"{route.path}: {answer.status_code}"]

    assert wrong == []


async def test_every_route_of_the_api_opens_to_its_roles_alone(web: Web, records: Records) -> None:
    wrong = []
    transport = httpx.ASGITransport(web.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://duban") as client:
        for role in AccountRole:
            wanted = WantedToken(name="test", scopes=(Scope.READ, Scope.ACT), days=1)
            actor = web.scene.people[login_of(role)]
            token = make_token(web.scene.office, actor, web.now, wanted)
            headers = {"authorization": f"Bearer {token}"}
            for route in routes_of(web.app, BearerRoute):
                for ids in (records.own, records.foreign):
                    path = f"/api/v1{address(route, ids)}"
                    method = method_of(route)
                    answer = await client.request(method, path, headers=headers, json=_body(route, method))
                    foreign = ids is records.foreign and role in UNIT
                    wrong += _judged_of_api(role, route, foreign=foreign, status=answer.status_code)

    assert wrong == []


def _body(route: APIRoute, method: str) -> dict[str, str] | None:
    """None for what only looks; else a body that no act takes, so that nothing is done."""
    return None if method == "GET" or route.name == "api_add_evidence" else {"no-such-field": "x"}


def _judged_of_api(role: AccountRole, route: APIRoute, *, foreign: bool, status: int) -> list[str]:
    right = RIGHTS[route.name]
    told = f"{role} {route.name}: {status}"
    if status >= 500:
        return [f"{told}, a fault"]
    allowed = right is Open.TO_ALL or role in right
    if not allowed:
        return [] if status == 403 else [f"{told}, not the role's"]
    if foreign and is_of_a_record(route) and status not in (404, 422):
        return [f"{told}, a foreign record"]
    return [f"{told}, though it is the role's"] if status == 403 else []

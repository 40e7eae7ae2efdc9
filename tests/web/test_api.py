"""The JSON API: what a program can do with a token, and what it is told when it cannot."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from models.api import ApiToken
from models.columns import table
from models.organisation import Account
from models.unit_task import Acknowledgement
from services.api_tokens import EndToken, Scope, WantedToken, end_token, make_token
from store.sessions import reading, writing
from tests.office import HANDLING
from tests.web.browser import Web
from web.api.table import ACTS, NOT_OFFERED

BOTH = (Scope.READ, Scope.ACT)


class Client:
    """A program with the token of an account."""

    def __init__(self, client: httpx.AsyncClient, token: str) -> None:
        self._client, self._headers = client, {"authorization": f"Bearer {token}"}

    async def get(self, path: str, status: int = 200, **params: Any) -> Any:
        answer = await self._client.get(f"/api/v1{path}", params=params, headers=self._headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await self._client.post(f"/api/v1{path}", json=body, headers=self._headers | sent)
        assert answer.status_code == status, answer.text
        return answer.json()


class Programs:
    """Makes programs for the accounts of the small office."""

    def __init__(self, web: Web, client: httpx.AsyncClient) -> None:
        self.web, self.client = web, client

    def token(self, login: str, scopes: tuple[Scope, ...] = BOTH) -> str:
        wanted = WantedToken(name="test", scopes=scopes, days=30)
        return make_token(self.web.scene.office, self.web.scene.people[login], self.web.now, wanted)

    def of(self, login: str, scopes: tuple[Scope, ...] = BOTH) -> Client:
        return Client(self.client, self.token(login, scopes))


@pytest.fixture
async def programs(web: Web) -> AsyncIterator[Programs]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web.app), base_url="http://duban") as client:
        yield Programs(web, client)


def acts_of_the_services() -> set[str]:
    """Every function of the services that `@act` made."""
    import importlib
    import inspect
    import pkgutil

    import services

    found = set()
    for module in pkgutil.iter_modules(services.__path__, "services."):
        loaded = importlib.import_module(module.name)
        for name, value in vars(loaded).items():
            made = None if name.startswith("_") else getattr(value, "__wrapped__", None)
            own = getattr(value, "__module__", "") == module.name
            if made is not None and own and next(iter(inspect.signature(made).parameters)) == "tx":
                found.add(name)
    return found


def test_every_act_is_offered_or_has_a_reason() -> None:
    offered = {row.name for row in ACTS}

    assert acts_of_the_services() == offered | set(NOT_OFFERED)
    assert not offered & set(NOT_OFFERED)


async def test_a_unit_does_its_task_by_program(programs: Programs) -> None:
    item = programs.web.scene.one()
    program = programs.of("unit_officer@A")
    (task,) = (await program.get("/unit-tasks"))["rows"]

    assert (task["unit_code"], task["state"], task["overdue"]) == ("A", "assigned", False)
    answer = await program.post(f"/unit-tasks/{task['id']}/acknowledge")
    assert answer["state"] == "acknowledged"
    await program.post(f"/unit-tasks/{task['id']}/report", {"progress": 40, "text": "开工"})
    assert programs.web.scene.tasks(item)["A"].progress == 40


async def test_a_repeated_request_is_answered_once(programs: Programs) -> None:
    item = programs.web.scene.one()
    path = f"/unit-tasks/{programs.web.scene.tasks(item)['A'].id}/acknowledge"
    program = programs.of("unit_officer@A")

    first = await program.post(path, idempotency_key="k-1")
    again = await program.post(path, idempotency_key="k-1")
    assert first == again
    problem = await program.post(path, status=409)
    assert problem["title"] == "WrongStateError"
    with reading(programs.web.scene.engine) as session:
        receipts = select(func.count()).select_from(table(Acknowledgement))
        assert session.connection().execute(receipts).scalar_one() == 1


async def test_what_one_may_not_see_does_not_exist(programs: Programs) -> None:
    item = programs.web.scene.one("A")
    task = programs.web.scene.tasks(item)["A"].id
    other = programs.of("unit_officer@B")

    assert (await other.get("/unit-tasks"))["rows"] == []
    foreign = await other.post(f"/unit-tasks/{task}/acknowledge", status=404)
    missing = await other.post("/unit-tasks/999999/acknowledge", status=404)
    assert foreign["detail"].replace(str(task), "999999") == missing["detail"]


async def test_a_version_that_is_old_comes_too_late(programs: Programs) -> None:
    scene = programs.web.scene
    directive = scene.draft(scene.item(("A", HANDLING)))
    leader = programs.of("leader@YX")

    problem = await leader.post(f"/directives/{directive}/publish", status=409, if_match='"77"')
    assert problem["title"] == "ConflictError"
    answer = await leader.post(f"/directives/{directive}/publish", if_match='"1"')
    assert answer["state"] == "published"


async def test_pages_of_a_list_hold_every_row_once(programs: Programs) -> None:
    scene = programs.web.scene
    scene.begin(*(scene.item((code, HANDLING), number=str(n)) for n in range(3) for code in "ABCD"))
    leader = programs.of("leader@YX")
    ids: list[int] = []
    after = 0
    while True:
        page = await leader.get("/unit-tasks", after=after, limit=5)
        ids += [row["id"] for row in page["rows"]]
        if page["next"] is None:
            break
        after = page["next"]

    assert len(ids) == len(set(ids)) == 12
    assert len((await leader.get("/unit-tasks", state="acknowledged"))["rows"]) == 0


async def test_evidence_goes_in_and_comes_out_as_it_was(programs: Programs) -> None:
    item = programs.web.scene.one()
    task = programs.web.scene.tasks(item)["A"].id
    program = programs.of("unit_officer@A")
    await program.post(f"/unit-tasks/{task}/acknowledge")
    octets = "三所幼儿园已建成。\n".encode()
    headers = {"authorization": f"Bearer {programs.token('unit_officer@A')}"}
    path = f"/api/v1/unit-tasks/{task}/evidence"
    given = await programs.client.post(path, params={"name": "说明.txt"}, content=octets, headers=headers)

    assert given.status_code == 200, given.text
    (piece,) = await program.get(f"/unit-tasks/{task}/evidence")
    back = await programs.client.get(f"/api/v1/evidence/{piece['id']}", headers=headers)
    assert back.content == octets
    assert "attachment" in back.headers["content-disposition"]
    bad = await programs.client.post(path, params={"name": "x.exe"}, content=b"MZ", headers=headers)
    assert (bad.status_code, bad.headers["content-type"]) == (422, "application/problem+json")


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer wrong", "Basic YTpi", "bearer duban_x"])
async def test_without_a_token_nothing_opens(programs: Programs, header: str | None) -> None:
    headers = {"authorization": header} if header is not None else {}

    for path in ("/me", "/unit-tasks", "/openapi.json"):
        answer = await programs.client.get(f"/api/v1{path}", headers=headers)
        assert answer.status_code == 401, path
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_session_cookie_does_not_open_it(programs: Programs) -> None:
    browser = await programs.web.enter("leader@YX")

    assert (await browser.client.get("/api/v1/me")).status_code == 401


async def test_a_scope_limits_its_token(programs: Programs) -> None:
    item = programs.web.scene.one()
    task = programs.web.scene.tasks(item)["A"].id
    looker = programs.of("unit_officer@A", (Scope.READ,))

    assert len((await looker.get("/unit-tasks"))["rows"]) == 1
    problem = await looker.post(f"/unit-tasks/{task}/acknowledge", status=403)
    assert "act" in problem["detail"]


async def test_an_ended_token_and_a_closed_account_open_nothing(programs: Programs) -> None:
    scene, token, account = programs.web.scene, table(ApiToken), table(Account)
    first, second = programs.of("unit_officer@A"), programs.of("unit_officer@B")
    with reading(scene.engine) as session:
        newest = session.connection().execute(select(func.min(token.c.id))).scalar_one()
    end_token(scene.office, scene.people["unit_officer@A"], programs.web.now, EndToken(token_id=newest))
    with writing(scene.engine) as session:
        closed = update(account).where(account.c.login == "unit_officer@B")
        session.connection().execute(closed.values(active=False))

    await first.get("/me", status=401)
    await second.get("/me", status=401)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"progress": 101, "text": "x"},
        {"progress": "many", "text": "x"},
        {"progress": 1, "text": "x", "state": "accepted"},
        [],
    ],
)
async def test_a_body_that_is_wrong_names_its_field(programs: Programs, body: Any) -> None:
    item = programs.web.scene.one()
    task = programs.web.scene.tasks(item)["A"].id
    program = programs.of("unit_officer@A")
    await program.post(f"/unit-tasks/{task}/acknowledge")
    problem = await program.post(f"/unit-tasks/{task}/report", body, status=422)

    assert problem["errors"]
    assert all(one["field"].startswith("body") for one in problem["errors"])


async def test_the_description_names_every_route(programs: Programs) -> None:
    described = await programs.of("auditor@YX").get("/openapi.json")

    assert described["openapi"].startswith("3.1")
    named = {one["operationId"] for path in described["paths"].values() for one in path.values()}
    assert {row.name for row in ACTS} <= named
    assert {"list_unit_tasks", "add_evidence", "get_evidence", "me"} <= named

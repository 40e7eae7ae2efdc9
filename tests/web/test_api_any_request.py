"""Any request to the API, made from its own description: whatever comes in, nothing breaks.

`make test` sends a thousand, `make prove` twenty thousand; half of them keep to the description, half do not.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode, openapi
from schemathesis.core.result import Ok
from starlette.routing import Mount

from services.api_tokens import Scope, WantedToken, make_token
from tests.office import HANDLING
from tests.web.browser import Web
from web.api.app import description

pytestmark = [pytest.mark.timeout(1200), pytest.mark.filterwarnings("ignore::DeprecationWarning")]
SENT = 1_000
PROVED = 20_000


def api_of(web: Web) -> FastAPI:
    (found,) = (route for route in web.app.routes if isinstance(route, Mount) and route.path == "/api/v1")
    assert isinstance(found.app, FastAPI)
    return found.app


def send_any(web: Web, count: int) -> Counter[int]:
    """Send about so many requests as the leader and as a unit, and count the answers by status."""
    scene = web.scene
    scene.begin(scene.item(("A", HANDLING)), scene.item(("B", HANDLING), number="2"))
    schema = openapi.from_dict(description(api_of(web)))
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    wanted = WantedToken(name="any", scopes=(Scope.READ, Scope.ACT), days=1)
    tokens = [
        make_token(scene.office, scene.people[who], web.now, wanted)
        for who in ("leader@YX", "unit_officer@A")
    ]
    each = max(count // (len(operations) * 2 * len(tokens)), 1)
    seen: Counter[int] = Counter()
    client = httpx.AsyncClient(transport=httpx.ASGITransport(web.app), base_url="http://duban")
    with asyncio.Runner() as runner:
        for operation in operations:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                for token in tokens:
                    _fuzz(Sender(runner, client, token, seen), operation.as_strategy(mode), each)
    return seen


@dataclass
class Sender:
    """Sends cases with a token and counts the answers."""

    runner: asyncio.Runner
    client: httpx.AsyncClient
    token: str
    seen: Counter[int]

    def send(self, case: Any) -> None:
        """Whatever comes in, the answer is one of the API's own."""
        asked = case.as_transport_kwargs(base_url="http://duban/api/v1")
        sent = {name: asked[name] for name in ("method", "url", "params", "json") if name in asked}
        given = {**asked.get("headers", {}), "authorization": f"Bearer {self.token}"}
        headers = {name: str(value).encode("latin-1", "replace") for name, value in given.items()}
        request = self.client.request(**sent, content=asked.get("data"), headers=headers)
        answer = self.runner.run(request)
        self.seen[answer.status_code] += 1
        assert answer.status_code < 500, f"{case.as_curl_command()} -> {answer.status_code}"
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"


def _fuzz(sender: Sender, cases: Any, count: int) -> None:
    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def any_request(case: Any) -> None:
        sender.send(case)

    any_request()


def test_whatever_is_sent_nothing_breaks(web: Web) -> None:
    seen = send_any(web, SENT)

    assert seen.total() >= SENT * 0.7
    assert min(seen[200], seen[404], seen[422]) > 0


@pytest.mark.prove
def test_twenty_thousand_requests_break_nothing(web: Web) -> None:
    seen = send_any(web, PROVED)

    print(f"\n  any request: {dict(seen)}", flush=True)
    assert seen.total() >= PROVED * 0.7

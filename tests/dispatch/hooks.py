"""The webhooks of an office, moved by hand, and systems that they lead to."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from dispatch.clock import DrivenClock
from dispatch.webhooks import Teller, client_for_webhooks
from models.engine import Audit
from models.webhooks import Webhook, WebhookEvent
from services.webhook_hosts import listed_hosts, target_of
from services.webhooks import (
    CHOICES,
    WantedWebhook,
    make_webhook,
)
from tests.dispatch.receiver import Receiver, serving
from tests.office import PUBLISHED, Scene

DAY = timedelta(days=1)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A system that listens."""
    yield from serving(Receiver())


@pytest.fixture
def other() -> Iterator[Receiver]:
    """Another one."""
    yield from serving(Receiver())


class Hooks:
    """The webhooks of an office, moved by hand. Its clock stands where the test puts it."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.clock = scene, DrivenClock(PUBLISHED - DAY)
        self.administrator = scene.people["administrator@YX"]

    def make(self, url: str, *events: WebhookEvent, hosts: str = "") -> str:
        wanted = WantedWebhook(url=url, events=events or CHOICES)
        listed = listed_hosts(hosts or target_of(url).host + f":{target_of(url).port}")
        return make_webhook(self.scene.office, self.administrator, self.clock(), wanted, listed)

    async def drain(self, hosts: str) -> int:
        """Let it tell until there is nothing to tell now."""
        total = 0
        async with client_for_webhooks() as client:
            teller = Teller(self.scene.office, client, listed_hosts(hosts), self.clock)
            while tried := await teller.drain():
                total += tried
        return total

    async def drain_until(self, end: datetime, hosts: str) -> list[datetime]:
        """Try whenever something is due up to `end`; the moments at which it was tried."""
        tried = []
        while (moment := max(self.clock(), self.row().next_at)) <= end:
            self.clock.move_to(moment)
            if not await self.drain(hosts):
                break
            tried.append(moment)
        return tried

    def row(self, webhook_id: int = 1) -> Any:
        return self.scene.row(Webhook, webhook_id)

    def head(self) -> int:
        return int(self.scene.rows(Audit)[-1].seq)


@pytest.fixture
def hooks(scene: Scene) -> Hooks:
    return Hooks(scene)

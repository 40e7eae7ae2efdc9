"""Tells webhooks what the audit trail records: signed, in order, at least once."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import httpx

from config.settings import Settings
from dispatch.clock import OfficeClock, wall_clock
from dispatch.role import Role
from domain.errors import DubanError
from services.failpoints import failpoint
from services.office import Office
from services.webhook_events import Told
from services.webhook_hosts import address_to_ask, listed_hosts, target_of
from services.webhooks import DueWebhook, due_webhooks, move_on, read_on, record_failed, record_taken

IDLE_POLL = 5.0
TIMEOUT = 10.0
"""Seconds for one delivery in all: the name, the connection, the answer's head. The rest of an answer is not read."""
TURN = 15.0
"""Seconds after which a webhook with much to hear lets the others have their turn."""


class Teller:
    """Tells every webhook of the office what it asked for. `hosts` are those that may be told anything."""

    def __init__(
        self, office: Office, client: httpx.AsyncClient, hosts: frozenset[str], clock: OfficeClock
    ) -> None:
        self._office, self._client, self._hosts, self._clock = office, client, hosts, clock

    async def run(self, role: Role) -> None:
        """Until cancelled. Of all workers one tells at a time, so that the order holds."""
        async with role.given_back():
            while True:
                if not (await role.is_mine() and await self.drain(role)):
                    await asyncio.sleep(IDLE_POLL)

    async def drain(self, role: Role | None = None) -> int:
        """Give every webhook that is due one turn, side by side; answers how many deliveries were tried."""
        due = await asyncio.to_thread(due_webhooks, self._office, self._clock())
        async with asyncio.TaskGroup() as group:
            turns = [group.create_task(self._turn(webhook, role)) for webhook in due]
        return sum(turn.result() for turn in turns)

    async def _turn(self, webhook: DueWebhook, role: Role | None) -> int:
        end = asyncio.get_running_loop().time() + TURN
        after, tried = webhook.after_seq, 0
        while True:
            read = await asyncio.to_thread(read_on, self._office, webhook, after)
            for told in read.told:
                if asyncio.get_running_loop().time() > end or not (role is None or await role.is_mine()):
                    return tried
                tried += 1
                if not await self._tell(webhook, told):
                    return tried
                after = told.seq
            if read.up_to is None:
                return tried
            if read.up_to > after:
                after = read.up_to
                await asyncio.to_thread(move_on, self._office, webhook.id, after)

    async def _tell(self, webhook: DueWebhook, told: Told) -> bool:
        """One delivery, and what became of it in the row; whether the next one may follow."""
        try:
            async with asyncio.timeout(TIMEOUT):
                taken, answer = await self._post(webhook, told)
        except TimeoutError:
            taken, answer = False, f"no answer within {TIMEOUT:.0f} seconds"
        except DubanError as refusal:
            taken, answer = False, str(refusal)
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            taken, answer = False, f"{type(fault).__name__}: {fault}"
        failpoint("webhooks.before_mark")
        now = self._clock()
        if taken:
            return await asyncio.to_thread(record_taken, self._office, now, webhook.id, told.seq, answer)
        await asyncio.to_thread(record_failed, self._office, now, webhook.id, answer)
        return False

    async def _post(self, webhook: DueWebhook, told: Told) -> tuple[bool, str]:
        """Connects to the address that was looked at; name and certificate stay those of the host."""
        target = target_of(webhook.url)
        address = await asyncio.to_thread(address_to_ask, target, self._hosts)
        url = httpx.URL(webhook.url)
        body = body_of(webhook, told)
        headers = headers_of(webhook, told, body, wall_clock()) | {"Host": url.netloc.decode("ascii")}
        request = self._client.build_request(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers=headers,
            extensions={"sni_hostname": target.host},
        )
        answer = await self._client.send(request, stream=True, follow_redirects=False)
        await answer.aclose()
        return answer.is_success, f"{answer.status_code} {answer.reason_phrase}".strip()


def delivery_id(webhook: DueWebhook, told: Told) -> str:
    """The same at every attempt, so that who is told can tell a repetition."""
    return f"{webhook.id}-{told.seq}"


def body_of(webhook: DueWebhook, told: Told) -> bytes:
    """What is posted: JSON with id, event, at (ISO, UTC), subject, detail."""
    said = {
        "id": delivery_id(webhook, told),
        "event": told.event,
        "at": told.at.isoformat(),
        "subject": told.subject,
        "detail": told.detail,
    }
    return json.dumps(said, ensure_ascii=False).encode()


def headers_of(webhook: DueWebhook, told: Told, body: bytes, wall: datetime) -> dict[str, str]:
    """The headers of a delivery; it is signed with the time by the machine's clock, against a late repetition."""
    seconds = int(wall.timestamp())
    signature = hmac.new(webhook.secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Duban",
        "Duban-Event": told.event,
        "Duban-Delivery": delivery_id(webhook, told),
        "Duban-Signature": f"t={seconds},v1={signature}",
    }


def client_for_webhooks() -> httpx.AsyncClient:
    """No redirect is followed and no proxy of the environment is used: both would lead past the list of hosts.

    No connection is kept: it is known by its address, and two hosts at one address must not share it.
    """
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False, limits=limits)


@asynccontextmanager
async def teller_of(settings: Settings, office: Office, clock: OfficeClock) -> AsyncIterator[Teller | None]:
    """The teller of the settings, its connections closed at the end; None where no host is listed."""
    hosts = listed_hosts(settings.webhook_hosts)
    if not hosts:
        yield None
        return
    async with client_for_webhooks() as client:
        yield Teller(office, client, hosts, clock)

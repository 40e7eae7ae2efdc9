"""Webhooks against a real receiver: signed, in order, at least once, and only to where the site allows."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from itertools import pairwise

import pytest

from config.settings import Settings
from dispatch.clock import wall_clock
from dispatch.webhooks import teller_of
from domain.errors import NotAllowedError, NotFoundError
from models.columns import table
from models.engine import Audit, Incident
from models.paper import Letter, LetterState
from models.rectification import Rectification
from services.office import Actor
from services.webhook_hosts import listed_hosts
from services.webhooks import (
    CHOICES,
    OnWebhook,
    WantedWebhook,
    all_webhooks,
    end_webhook,
    make_webhook,
    try_webhook,
    wait_after,
)
from tests.conftest import ROOT
from tests.dispatch.hooks import Hooks
from tests.dispatch.receiver import Receiver
from tests.domain.samples import local
from tests.office import BEGINS, COOPERATING, DUE, HANDLING, PUBLISHED, Scene, both, refused

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PUBLISHES, OVERDUE, _, CLOSED = CHOICES


@both
async def test_the_life_of_a_directive_is_told_in_order_and_signed(scene: Scene, receiver: Receiver) -> None:
    hooks = Hooks(scene)
    secret = hooks.make(receiver.url)
    published = scene.begin(scene.item(("A", HANDLING), ("B", HANDLING)))
    item = published.items[0]
    scene.close(scene.task(item, "B").id, BEGINS + HOUR)
    late = local(DUE, 9) + 8 * DAY
    scene.live_until(late)
    scene.sign_all(late)
    scene.live_until(late + HOUR)
    scene.close(scene.task(item, "A").id, late + DAY)
    scene.live_until(late + 2 * DAY)
    await hooks.drain(receiver.host)

    overdue = [one for one in receiver.got if one.said["event"] == "overdue"]
    letter = scene.rows(Letter, table(Letter).c.state == LetterState.ISSUED)[0]
    assert receiver.events()[0] == ("published", f"directive/{published.id}")
    assert receiver.events()[-2:] == [("closed", f"item/{item}"), ("closed", f"directive/{published.id}")]
    assert ("letter_issued", f"letter/{letter.id}") in receiver.events()
    assert [one.said["detail"]["rungs"] for one in overdue][-2:] == [
        ["overdue", "overdue_superior"],
        ["reminder_letter"],
    ]
    assert {unit["code"] for one in overdue[-2:] for unit in one.said["detail"]["units"]} == {"A"}
    assert all(one.is_signed_with(secret) for one in receiver.got)
    assert not any(one.is_signed_with("another") for one in receiver.got)
    ids = [one.headers["duban-delivery"] for one in receiver.got]
    assert ids == [one.said["id"] for one in receiver.got]
    assert len(set(ids)) == len(ids)
    assert [one.headers["duban-event"] for one in receiver.got] == [one.said["event"] for one in receiver.got]
    assert {one.path for one in receiver.got} == {"/duban?from=office"}
    assert hooks.row().after_seq == hooks.head(), "what is no event is passed over"
    assert hooks.row().answer == "204 No Content"


async def test_it_is_told_ids_and_titles_and_no_secret(hooks: Hooks, receiver: Receiver) -> None:
    secret = hooks.make(receiver.url)
    scene = hooks.scene
    published = scene.begin(scene.item(("A", HANDLING), ("C", COOPERATING), number="三"))
    late = local(DUE, 9) + 60 * DAY
    while (now := scene.next_moment()) is not None and now <= late:
        scene.live(now)
        scene.sign_all(now)
    await hooks.drain(receiver.host)

    letter = next(
        one.said for one in receiver.got if one.said["detail"].get("kind") == "rectification_circular"
    )
    assert letter["detail"]["units"] == [
        {
            "unit_id": scene.units["A"],
            "code": "A",
            "name": "市教育局",
            "unit_task_id": scene.task(published.items[0], "A").id,
        }
    ]
    assert letter["detail"]["directive"] == "2026年重点工作"
    mending = next(one.said for one in receiver.got if one.said["subject"].startswith("rectification/"))
    (rectification,) = scene.rows(Rectification)
    assert mending["event"] == "overdue"
    assert mending["detail"]["rectification_id"] == rectification.id
    assert mending["detail"]["item"] == "三"
    assert mending["detail"]["units"][0]["code"] == "A"
    assert all(secret not in one.body.decode() for one in receiver.got)
    assert "建成三所公办幼儿园" not in "".join(
        one.body.decode() for one in receiver.got if one.said["event"] != "letter_issued"
    )


async def test_reminders_before_the_deadline_are_no_event(hooks: Hooks, receiver: Receiver) -> None:
    scene = hooks.scene
    hooks.make(receiver.url, OVERDUE)
    item = scene.begin(scene.item(("A", HANDLING))).items[0]
    scene.acknowledge(scene.task(item, "A").id, BEGINS + HOUR)
    scene.live_until(local(DUE, 23))
    await hooks.drain(receiver.host)

    assert len(scene.audit("climb")) == 2, "ten and three days before"
    assert receiver.got == []
    assert hooks.row().after_seq == hooks.head()


async def test_it_hears_only_what_it_asked_for_and_only_what_came_after_it(
    hooks: Hooks, receiver: Receiver
) -> None:
    hooks.scene.publish(hooks.scene.item(("A", HANDLING)))
    hooks.make(receiver.url, PUBLISHES, CLOSED)
    later = hooks.scene.begin(hooks.scene.item(("B", HANDLING)))
    hooks.scene.live_until(local(DUE, 9) + 3 * DAY)
    await hooks.drain(receiver.host)

    assert receiver.events() == [("published", f"directive/{later.id}")]


async def test_who_answers_500_is_told_the_same_again_and_then_what_comes_next(
    hooks: Hooks, receiver: Receiver
) -> None:
    secret = hooks.make(receiver.url)
    first, second = (hooks.scene.publish(hooks.scene.item((code, HANDLING))).id for code in "AB")
    receiver.answers = [500]
    assert await hooks.drain(receiver.host) == 1
    failing = hooks.row()
    assert (failing.answer, failing.failing_since) == ("500 Internal Server Error", hooks.clock())
    assert await hooks.drain(receiver.host) == 0, "not before a minute has passed"
    hooks.clock.move_to(hooks.clock() + MINUTE)
    await hooks.drain(receiver.host)

    assert receiver.events() == [("published", f"directive/{one}") for one in (first, first, second)]
    assert receiver.got[0].headers["duban-delivery"] == receiver.got[1].headers["duban-delivery"]
    assert receiver.got[0].body == receiver.got[1].body
    assert all(one.is_signed_with(secret) for one in receiver.got)
    assert (hooks.row().failing_since, hooks.row().answer) == (None, "204 No Content")


async def test_who_dies_in_the_middle_is_told_again(hooks: Hooks, receiver: Receiver) -> None:
    hooks.make(receiver.url)
    hooks.scene.publish(hooks.scene.item(("A", HANDLING)))
    receiver.answers = [0]
    await hooks.drain(receiver.host)

    assert hooks.row().answer.startswith("RemoteProtocolError")
    assert len(receiver.got) == 1
    hooks.clock.move_to(hooks.clock() + MINUTE)
    await hooks.drain(receiver.host)
    assert [one.headers["duban-delivery"] for one in receiver.got] == [
        receiver.got[0].headers["duban-delivery"]
    ] * 2


async def test_who_never_answers_holds_up_nobody_else(
    hooks: Hooks, receiver: Receiver, other: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dispatch.webhooks.TIMEOUT", 0.5)
    receiver.pause = 2.0
    hosts = f"{receiver.host},{other.host}"
    hooks.make(receiver.url)
    hooks.make(other.url)
    hooks.scene.publish(hooks.scene.item(("A", HANDLING)))
    began = time.monotonic()
    await hooks.drain(hosts)

    assert time.monotonic() - began < 1.5
    assert "no answer within" in hooks.row(1).answer
    assert len(other.got) == 1


async def test_tries_double_to_six_hours_and_after_three_days_an_incident_is_open_until_it_answers(
    hooks: Hooks, receiver: Receiver
) -> None:
    hooks.make(receiver.url)
    hooks.scene.publish(hooks.scene.item(("A", HANDLING)))
    receiver.answers = [503] * 1000
    began = hooks.clock()
    tried = await hooks.drain_until(began + 3 * DAY - MINUTE, receiver.host)
    waits = [after - before for before, after in pairwise(tried)]
    assert waits[:6] == [minutes * MINUTE for minutes in (1, 1, 2, 4, 8, 16)]
    assert max(waits) == 6 * HOUR
    assert hooks.scene.count(Incident) == 0

    tried = await hooks.drain_until(began + 6 * DAY, receiver.host)
    assert [after - before for before, after in pairwise(tried[-3:])] == [DAY, DAY]
    (incident,) = hooks.scene.rows(Incident)
    assert (incident.kind, incident.closed_at) == ("webhook", None)
    assert incident.detail == "503 Service Unavailable"

    receiver.answers = []
    await hooks.drain_until(began + 8 * DAY, receiver.host)
    (incident,) = hooks.scene.rows(Incident)
    assert incident.closed_at is not None
    assert hooks.row().failing_since is None


def test_waits_grow_from_a_minute_to_six_hours_and_then_to_a_day() -> None:
    grown = [wait_after(one) for one in (timedelta(0), HOUR, 5 * HOUR, 2 * DAY, 3 * DAY, 30 * DAY)]

    assert grown == [MINUTE, HOUR, 5 * HOUR, 6 * HOUR, DAY, DAY]


async def test_a_test_event_goes_to_that_webhook_alone_and_tries_a_failing_one_at_once(
    hooks: Hooks, receiver: Receiver, other: Receiver
) -> None:
    hosts = f"{receiver.host},{other.host}"
    hooks.make(receiver.url)
    hooks.make(other.url)
    directive = hooks.scene.publish(hooks.scene.item(("A", HANDLING))).id
    receiver.answers = [502]
    await hooks.drain(hosts)
    try_webhook(hooks.scene.office, hooks.administrator, hooks.clock(), OnWebhook(webhook_id=1))
    await hooks.drain(hosts)

    assert receiver.events() == [("published", f"directive/{directive}")] * 2 + [("test", "webhook/1")]
    assert other.events() == [("published", f"directive/{directive}")]


async def test_an_ended_webhook_hears_nothing_and_cannot_be_ended_twice(
    hooks: Hooks, receiver: Receiver
) -> None:
    hooks.make(receiver.url)
    end_webhook(hooks.scene.office, hooks.administrator, hooks.clock(), OnWebhook(webhook_id=1))
    hooks.scene.publish(hooks.scene.item(("A", HANDLING)))
    await hooks.drain(receiver.host)

    assert receiver.got == []
    for act in (end_webhook, try_webhook):
        with refused(hooks.scene, NotFoundError, "no webhook 1"):
            act(hooks.scene.office, hooks.administrator, hooks.clock(), OnWebhook(webhook_id=1))


@pytest.mark.parametrize("login", ["leader@YX", "supervision_office@YX", "unit_officer@A"])
def test_only_an_administrator_makes_one(hooks: Hooks, login: str) -> None:
    person: Actor = hooks.scene.people[login]
    wanted = WantedWebhook(url="http://127.0.0.1:9/", events=CHOICES)
    with refused(hooks.scene, NotAllowedError, "has not the right"):
        make_webhook(hooks.scene.office, person, PUBLISHED, wanted, listed_hosts("127.0.0.1:9"))


def test_the_secret_stands_neither_in_the_list_nor_in_the_trail(hooks: Hooks) -> None:
    secret = hooks.make("http://127.0.0.1:9/hook/with-a-key-in-it")
    (row,) = all_webhooks(hooks.scene.office)

    assert "secret" not in row._fields
    assert secret not in repr(hooks.scene.rows(Audit))
    assert "with-a-key-in-it" not in repr(hooks.scene.rows(Audit))


async def test_without_a_listed_host_there_is_no_teller(scene: Scene) -> None:
    async with teller_of(Settings(), scene.office, wall_clock) as teller:
        assert teller is None
    async with teller_of(Settings(webhook_hosts="127.0.0.1:9"), scene.office, wall_clock) as teller:
        assert teller is not None


TELLS = """
import asyncio, sys
from zoneinfo import ZoneInfo
from datetime import datetime
from dispatch.webhooks import Teller, client_for_webhooks
from domain.audit import KeyRing
from services.failpoints import arm
from services.office import Office
from services.webhook_hosts import listed_hosts
from store.sessions import open_engine
async def tell():
    office = Office(open_engine(sys.argv[1]), KeyRing("test", {"test": b"k" * 32}), ZoneInfo("Asia/Shanghai"))
    async with client_for_webhooks() as client:
        await Teller(office, client, listed_hosts(sys.argv[2]), lambda: datetime.fromisoformat(sys.argv[3])).drain()
arm(sys.argv[4])
asyncio.run(tell())
"""


async def test_killed_between_the_delivery_and_its_row_it_delivers_the_same_id_again(
    hooks: Hooks, receiver: Receiver
) -> None:
    hooks.make(receiver.url)
    published = [hooks.scene.publish(hooks.scene.item((code, HANDLING))).id for code in "ABC"]
    command = [sys.executable, "-c", TELLS, str(hooks.scene.engine.url), receiver.host, PUBLISHED.isoformat()]
    died = await asyncio.to_thread(
        subprocess.run,
        [*command, "webhooks.before_mark:2"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    assert len(receiver.got) == 2
    hooks.clock.move_to(PUBLISHED)
    await hooks.drain(receiver.host)

    ids = [one.headers["duban-delivery"] for one in receiver.got]
    assert ids[1] == ids[2]
    assert list(dict.fromkeys(receiver.events())) == [("published", f"directive/{one}") for one in published]
    assert len(receiver.got) == 4
    assert hooks.row().after_seq == hooks.head()

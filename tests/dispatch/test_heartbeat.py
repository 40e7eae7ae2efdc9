"""What a worker writes of itself."""

import asyncio

import pytest
from temporalio.client import Client

from dispatch import heartbeat
from dispatch.clock import DrivenClock
from dispatch.heartbeat import Heart, Signs
from dispatch.mailer import Mailer
from mail.settings import SmtpSettings
from mail.transport import Carrier
from models.engine import Heartbeat
from tests.dispatch.conftest import House
from tests.office import BEGINS, HANDLING, PUBLISHED, Scene


async def test_it_says_what_is_reachable_how_late_the_relay_is_and_which_part_is_not_well(
    house: House,
) -> None:
    scene = house.scene
    scene.publish(scene.item(("A", HANDLING)))
    house.clock.move_to(BEGINS)
    house.pass_time(42)
    signs = Signs(faults={"mailer": "OSError: gone"})
    signs.ticked(BEGINS)

    await Heart(scene.office, house.client, house.clock, "a:1", signs).beat()

    (row,) = scene.rows(Heartbeat)
    assert (row.worker, row.at) == ("a:1", house.clock())
    assert row.state == {
        "temporal": True,
        "mail": None,
        "relay_lag": 42.0,
        "scheduler_tick": BEGINS.isoformat(),
        "faults": {"mailer": "OSError: gone"},
    }


async def test_a_server_that_is_away_and_a_mail_server_that_is_away_are_said(
    scene: Scene, nowhere: Client
) -> None:
    clock = DrivenClock(PUBLISHED)
    carrier = Carrier(SmtpSettings.from_url("smtp://127.0.0.1:1?from=a@b.example"))
    mailer = Mailer(scene.office, carrier, "a@b.example", "督办", clock)
    mailer.reachable = False

    await Heart(scene.office, nowhere, clock, "a:1", Signs(mailer)).beat()

    (row,) = scene.rows(Heartbeat)
    assert (row.state["temporal"], row.state["mail"], row.state["relay_lag"]) == (False, False, 0.0)


async def test_it_beats_again_and_again_in_one_row_and_takes_it_along(
    scene: Scene, nowhere: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "EVERY", 0.05)
    clock = DrivenClock(PUBLISHED)
    running = asyncio.create_task(Heart(scene.office, nowhere, clock, "a:1", Signs()).run())
    await asyncio.sleep(0.3)
    clock.move_to(BEGINS)
    await asyncio.sleep(0.3)
    beating = [(row.worker, row.at) for row in scene.rows(Heartbeat)]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert beating == [("a:1", BEGINS)]
    assert scene.rows(Heartbeat) == []

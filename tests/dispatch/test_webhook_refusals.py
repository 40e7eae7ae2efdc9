"""A webhook leads only to where the site allows, however the address is written and wherever a name leads."""

import pytest

from domain.errors import RefusedError
from models.columns import table
from models.webhooks import Webhook
from tests.dispatch.hooks import Hooks
from tests.dispatch.receiver import Receiver
from tests.office import HANDLING, refused


async def test_a_redirect_is_not_followed(hooks: Hooks, receiver: Receiver, other: Receiver) -> None:
    hooks.make(receiver.url)
    hooks.scene.publish(hooks.scene.item(("A", HANDLING)))
    receiver.answers, receiver.location = [307], other.url
    await hooks.drain(f"{receiver.host},{other.host}")

    assert hooks.row().answer == "307 Temporary Redirect"
    assert (len(receiver.got), other.got) == (1, [])


async def test_a_proxy_of_the_environment_is_not_used(
    hooks: Hooks, receiver: Receiver, other: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://{other.host}")
    hooks.make(receiver.url)
    hooks.scene.publish(hooks.scene.item(("A", HANDLING)))
    await hooks.drain(receiver.host)

    assert (len(receiver.got), other.got) == (1, [])


async def test_a_host_that_is_taken_off_the_list_is_told_nothing_more(
    hooks: Hooks, receiver: Receiver
) -> None:
    hooks.make(receiver.url)
    hooks.scene.publish(hooks.scene.item(("A", HANDLING)))
    await hooks.drain("oa.yunxi.example")

    assert receiver.got == []
    assert hooks.row().answer == f"{receiver.host} is not listed in DUBAN_WEBHOOK_HOSTS."
    assert hooks.row().failing_since is not None


@pytest.mark.parametrize(
    ("url", "hosts", "why"),
    [
        ("https://oa.yunxi.example/x", "", "not listed"),
        ("https://oa.yunxi.example:8443/x", "oa.yunxi.example", "not listed"),
        ("https://evil.example/oa.yunxi.example", "oa.yunxi.example", "not listed"),
        ("http://169.254.169.254/latest/meta-data", "oa.yunxi.example", "not listed"),
        ("http://[::1]:9000/", "127.0.0.1:9000", "not listed"),
        ("http://127.0.0.1:9001/", "127.0.0.1:9000", "not listed"),
        ("http://2130706433:9000/", "127.0.0.1:9000", "not listed"),
        ("http://oa.yunxi.example/x", "oa.yunxi.example", "only be told over https"),
        ("https://localhost:9000/", "localhost:9000", "not a public address"),
        ("https://2130706433/", "2130706433", "not a public address"),
        ("https://no-such-host.invalid/", "no-such-host.invalid", "leads nowhere"),
    ],
)
def test_an_address_that_is_not_allowed_makes_no_webhook(
    hooks: Hooks, url: str, hosts: str, why: str
) -> None:
    with refused(hooks.scene, RefusedError, why):
        hooks.make(url, hosts=hosts or "nothing.example")


async def test_a_name_that_has_come_to_lead_inside_is_told_nothing(hooks: Hooks, receiver: Receiver) -> None:
    """The row is as if the name had led elsewhere when the webhook was made."""
    hooks.make(receiver.url)
    t = table(Webhook)
    with hooks.scene.engine.begin() as connection:
        connection.execute(t.update().values(url=f"https://localhost:{receiver.port}/duban"))
    hooks.scene.publish(hooks.scene.item(("A", HANDLING)))
    await hooks.drain(f"localhost:{receiver.port}")

    assert receiver.got == []
    assert "leads to" in hooks.row().answer
    assert "not a public address" in hooks.row().answer

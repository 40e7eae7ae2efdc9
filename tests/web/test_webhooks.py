"""The page on which an administrator makes, tries and ends webhooks."""

import re
from dataclasses import replace

import pytest

from models.engine import Audit
from models.webhooks import Webhook
from services.webhook_hosts import listed_hosts
from services.webhooks import record_failed
from tests.office import BEGINS
from tests.web.browser import Browser, Web

ADMINISTRATOR = "administrator@YX"
URL = "http://127.0.0.1:9000/duban"


@pytest.fixture
async def page(web: Web) -> Browser:
    """An administrator of a site that lists one host, at the page."""
    web.app.state.site = replace(web.app.state.site, webhook_hosts=listed_hosts("127.0.0.1:9000"))
    browser = await web.enter(ADMINISTRATOR)
    await browser.open("/webhooks")
    return browser


async def test_its_secret_is_shown_once(web: Web, page: Browser) -> None:
    made = await page.send("/webhooks", url=URL)
    (secret,) = re.findall(r"duban_hook_[\w-]+", made.text)
    again = await page.open("/webhooks")

    (row,) = web.scene.rows(Webhook)
    assert row.secret == secret
    assert URL in again.text
    assert secret not in again.answer.text
    assert "none yet" in again.text


async def test_only_the_events_that_are_ticked_are_told(web: Web, page: Browser) -> None:
    form = page.at.form("/webhooks").fields | {"url": URL, "events": "letter_issued"}
    made = await page.post("/webhooks", form)

    assert web.scene.rows(Webhook)[0].events == ["letter_issued"]
    (row,) = [row for row in made.rows if URL in row[0]]
    assert row[1] == "a letter was issued with its number"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:9001/x", "127.0.0.1:9001 is not listed in DUBAN_WEBHOOK_HOSTS"),
        ("oa/hook", "no address a webhook can have"),
        ("", "Fill in: Address"),
    ],
)
async def test_an_address_that_cannot_be_is_said_and_stays_in_the_form(
    web: Web, page: Browser, url: str, said: str
) -> None:
    shown = await page.send("/webhooks", status=422, url=url)

    assert said in shown.text
    assert shown.form("/webhooks").fields["url"] == url
    assert web.scene.count(Webhook) == 0


async def test_one_that_is_told_nothing_is_not_made(web: Web, page: Browser) -> None:
    form = {name: value for name, value in page.at.form("/webhooks").fields.items() if name != "events"}
    shown = await page.post("/webhooks", form | {"url": URL}, status=422)

    assert "Fill in: Events" in shown.text
    assert web.scene.count(Webhook) == 0


async def test_it_is_tried_and_ended_and_the_last_answer_stands_there(web: Web, page: Browser) -> None:
    await page.send("/webhooks", url=URL)
    record_failed(web.scene.office, BEGINS, 1, "502 Bad Gateway")
    shown = await page.open("/webhooks")
    assert "502 Bad Gateway" in shown.text
    assert "failing" in shown.text
    tried = await page.send("/webhooks/1/test")
    assert "test event is on its way" in tried.text
    ended = await page.send("/webhooks/1/end")

    assert "told nothing any more" in ended.text
    assert not ended.has_form("/webhooks/1/end")
    assert [row.action for row in web.scene.rows(Audit)][-3:] == [
        "make_webhook",
        "try_webhook",
        "end_webhook",
    ]


async def test_without_a_listed_host_the_page_says_who_can_list_one(web: Web) -> None:
    browser = await web.enter(ADMINISTRATOR)
    shown = await browser.open("/webhooks")

    assert "DUBAN_WEBHOOK_HOSTS" in shown.text
    assert not shown.has_form("/webhooks")


async def test_an_unknown_one_is_not_found(page: Browser) -> None:
    csrf = page.at.form("/webhooks").fields["csrf"]
    await page.post("/webhooks/9/end", {"csrf": csrf}, status=404)

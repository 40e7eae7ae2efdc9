"""The one door: who gets in, with what, for how long; and what an answer carries."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select, update

from models.columns import table
from models.organisation import Account
from models.sign_in import Credential, OneTimeLink, Throttle, WebSession
from services.one_time_links import LINK_LASTS, make_link
from services.sign_in import IDLE, LONGEST
from services.throttles import MOST_OF_BOTH, WINDOW
from store.sessions import reading, writing
from tests.office import DIRECTOR
from tests.web.browser import PASSWORD, Browser, Web

OFFICER = "unit_officer@A"
WRONG = "The login, the password or the code is not right."


def token_of(browser: Browser) -> str:
    return browser.client.cookies["duban"]


async def refused(web: Web, login: str, password: str, code: str = "") -> str:
    browser = await web.visit()
    await browser.open("/sign-in")
    page = await browser.send("/sign-in", status=422, login=login, password=password, code=code)
    return page.text


async def test_who_signs_in_comes_to_the_start_of_the_day(web: Web) -> None:
    browser = await web.enter(OFFICER)

    assert browser.at.path == "/my/unit-tasks"


async def test_a_stranger_is_led_to_the_sign_in_and_on_to_the_page_asked_for(web: Web) -> None:
    task = web.scene.one()
    await web.enter(OFFICER)
    browser = await web.visit()
    page = await browser.open(f"/unit-tasks/{web.scene.tasks(task)['A'].id}")

    assert page.path.startswith("/sign-in?next=")
    page = await browser.send("/sign-in", login=OFFICER, password=PASSWORD)
    assert page.path == f"/unit-tasks/{web.scene.tasks(task)['A'].id}"


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "x"]
)
async def test_nobody_is_led_elsewhere(web: Web, elsewhere: str) -> None:
    await web.enter(OFFICER)
    browser = await web.visit()
    await browser.open("/sign-in")
    fields = {"login": OFFICER, "password": PASSWORD, "next": elsewhere}
    answer = await browser.client.post("/sign-in", data=fields)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")


async def test_an_unknown_login_and_a_wrong_password_get_the_same_answer(web: Web) -> None:
    await web.enter(OFFICER)

    unknown = await refused(web, "nobody@X", PASSWORD)
    wrong = await refused(web, OFFICER, "something else entirely")

    assert WRONG in unknown
    assert unknown.replace("nobody@X", "") == wrong.replace(OFFICER, "")


async def test_the_token_is_new_at_each_sign_in_and_kept_only_as_a_hash(web: Web) -> None:
    first, second = await web.enter(OFFICER), await web.enter(OFFICER)

    assert token_of(first) != token_of(second)
    with reading(web.scene.engine) as session:
        kept = [row.token_sha256 for row in session.connection().execute(select(table(WebSession)))]
    assert len(kept) == 2
    assert not {token_of(first), token_of(second)} & set(kept)


async def test_a_token_brought_along_is_not_taken_over(web: Web) -> None:
    await web.enter(OFFICER)
    browser = await web.visit()
    browser.client.cookies.set("duban", "planted-by-somebody-else")
    await browser.open("/sign-in")
    fields = {"login": OFFICER, "password": PASSWORD}
    answer = await browser.client.post("/sign-in", data=fields)

    cookie = answer.headers["set-cookie"]
    assert "planted" not in cookie
    assert all(part in cookie for part in ("HttpOnly", "SameSite=lax", "Path=/"))


async def test_signed_out_the_old_token_opens_nothing(web: Web) -> None:
    browser = await web.enter(OFFICER)
    token = token_of(browser)
    await browser.send("/sign-out")
    browser.client.cookies.set("duban", token)

    assert (await browser.open("/my/unit-tasks")).path.startswith("/sign-in")


@pytest.mark.parametrize("wait", [IDLE, LONGEST])
async def test_a_session_ends_by_itself(web: Web, wait: timedelta) -> None:
    browser = await web.enter(OFFICER)
    end = web.now + wait
    while web.now < end - timedelta(minutes=1) and wait is LONGEST:  # busy all the while
        assert (await browser.open("/my/unit-tasks")).path == "/my/unit-tasks"
        web.now += IDLE / 2
    web.now = end

    assert (await browser.open("/my/unit-tasks")).path.startswith("/sign-in")


async def test_a_closed_account_is_out_at_once(web: Web) -> None:
    browser = await web.enter(OFFICER)
    account = table(Account)
    with writing(web.scene.engine) as session:
        session.connection().execute(update(account).where(account.c.login == OFFICER).values(active=False))

    assert (await browser.open("/my/unit-tasks")).path.startswith("/sign-in")
    assert WRONG in await refused(web, OFFICER, PASSWORD)


async def test_a_guesser_is_slowed_down_and_the_owner_elsewhere_is_not(web: Web) -> None:
    await web.enter(OFFICER)
    for _ in range(MOST_OF_BOTH):
        assert WRONG in await refused(web, OFFICER, "a guess of many")

    assert "Too many attempts" in await refused(web, OFFICER, PASSWORD)
    with writing(web.scene.engine) as session:  # the same failures, from another address
        keys = table(Throttle)
        mine = keys.c.key.startswith("both:")
        session.connection().execute(update(keys).where(mine).values(key="both:unit_officer@A 192.0.2.7"))
    await web.enter(OFFICER)
    web.now += WINDOW
    await web.enter(OFFICER)


async def test_a_form_without_its_token_does_nothing(web: Web) -> None:
    item = web.scene.one()
    browser = await web.enter(OFFICER)
    task = web.scene.tasks(item)["A"].id
    path = f"/unit-tasks/{task}/acknowledge"

    for fields in ({}, {"csrf": "guessed"}):
        page = await browser.post(path, fields, status=403)
        assert "too old or not ours" in page.text
    assert web.scene.tasks(item)["A"].acknowledged_at is None


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
async def test_a_form_of_another_site_does_nothing(web: Web, headers: dict[str, str]) -> None:
    await web.enter(OFFICER)
    browser = await web.visit()
    fields = {"login": OFFICER, "password": PASSWORD}
    answer = await browser.client.post("/sign-in", data=fields, headers=headers)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_a_code_is_asked_for_and_taken_once(web: Web) -> None:
    await web.enter(OFFICER)
    secret = pyotp.random_base32()
    credential = table(Credential)
    with writing(web.scene.engine) as session:
        session.connection().execute(update(credential).values(totp_secret=secret))
    code = pyotp.TOTP(secret).at(web.now)

    assert WRONG in await refused(web, OFFICER, PASSWORD)
    assert WRONG in await refused(web, OFFICER, PASSWORD, code="000000" if code != "000000" else "111111")
    browser = await web.visit()
    await browser.open("/sign-in")
    assert (
        await browser.send("/sign-in", login=OFFICER, password=PASSWORD, code=code)
    ).path == "/my/unit-tasks"
    assert WRONG in await refused(web, OFFICER, PASSWORD, code=code)


async def test_a_link_sets_a_password_once_and_ends_every_session(web: Web) -> None:
    old = await web.enter(OFFICER)
    account = web.scene.people[OFFICER].account_id
    assert account is not None
    path = f"/first-password/{make_link(web.scene.office, DIRECTOR, web.now, account)}"
    browser = await web.visit()
    assert OFFICER in (await browser.open(path)).text

    assert "easily guessed" in (await browser.send(path, status=422, password="1234567890")).text
    await browser.send(path, password="other words for the door")
    assert (await browser.open(path, status=404)).text
    assert (await old.open("/my/unit-tasks")).path.startswith("/sign-in")
    assert WRONG in await refused(web, OFFICER, PASSWORD)


async def test_a_link_is_good_for_its_days_and_only_the_newest(web: Web) -> None:
    account = web.scene.people[OFFICER].account_id
    assert account is not None
    older = make_link(web.scene.office, DIRECTOR, web.now, account)
    newer = make_link(web.scene.office, DIRECTOR, web.now, account)
    browser = await web.visit()

    await browser.open(f"/first-password/{older}", status=404)
    await browser.open(f"/first-password/{newer}")
    with reading(web.scene.engine) as session:
        kept = session.connection().execute(select(table(OneTimeLink).c.token_sha256)).scalars().all()
    assert newer not in kept
    web.now += LINK_LASTS
    await browser.open(f"/first-password/{newer}", status=404)


async def test_every_answer_carries_its_headers(web: Web) -> None:
    browser = await web.enter(OFFICER)

    for path in ("/my/unit-tasks", "/sign-in", "/nothing-here", "/static/duban.css", "/healthz"):
        headers = (await browser.client.get(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert ("no-store" in headers.get("cache-control", "")) is not path.startswith("/static")
        assert not any(name.startswith("access-control") for name in headers)


async def test_a_get_changes_nothing(web: Web) -> None:
    """A mail scanner that opens every link acknowledges nothing."""
    item = web.scene.one()
    browser = await web.enter(OFFICER)
    task = web.scene.tasks(item)["A"].id
    answer = await browser.client.get(f"/unit-tasks/{task}/acknowledge")

    assert answer.status_code in (404, 405)
    assert web.scene.tasks(item)["A"].acknowledged_at is None


@pytest.mark.parametrize("number", ["99999999999999999999", "-1", "0", "1;--", "１", "1e309", "%00"])
async def test_an_id_that_is_none_is_not_found(web: Web, number: str) -> None:
    browser = await web.enter(OFFICER)
    answer = await browser.client.get(f"/unit-tasks/{number}")

    assert answer.status_code in (404, 422)
    assert "Traceback" not in answer.text

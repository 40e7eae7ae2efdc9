"""Signing in through an identity provider: who it says somebody is, and every way in which that does not count."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pyotp
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from models.columns import table
from models.oidc import OidcAttempt
from models.organisation import Account
from models.sign_in import WebSession
from services.oidc import LONGEST_WAY
from services.own_account import fresh_secret
from tests.web.browser import Browser, Page, Web
from tests.web.provider import CLIENT, SECRET, Provider, new_key, running
from web.identity import BACK, IdentityProvider, Relying, is_safe

PLAIN = "The sign-in through the identity provider did not succeed."


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider that listens."""
    yield from running(Provider())


@pytest.fixture
async def browser(web: Web, provider: Provider) -> Browser:
    """A browser at a site that has this provider."""
    use(web, provider)
    return await web.visit()


def use(web: Web, provider: Provider, **other: Any) -> None:
    we = Relying(provider.issuer, CLIENT, SECRET, "preferred_username", f"http://duban{BACK}")
    web.app.state.site = replace(web.app.state.site, oidc=IdentityProvider(replace(we, **other)))


async def there(browser: Browser, path: str = "/sign-in/oidc") -> str:
    """The address at the provider that the browser is sent to."""
    answer = await browser.client.get(path)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def through(browser: Browser, provider: Provider, path: str = "/sign-in/oidc") -> httpx.Response:
    """All the way there and back; the answer of the way back."""
    return await browser.client.get(provider.sign_in(await there(browser, path)))


def assert_refused(web: Web, answer: httpx.Response) -> None:
    """The one plain sentence on the sign-in page, and nobody is signed in."""
    page = Page(answer)
    assert answer.status_code == 422
    assert PLAIN in page.text
    assert page.has_form("/sign-in")
    assert web.scene.count(WebSession) == 0
    assert not [name for name in answer.cookies if name == "duban"]


async def test_the_button_leads_through_the_provider_to_the_page_that_was_asked_for(
    web: Web, browser: Browser, provider: Provider
) -> None:
    page = await browser.open("/account")
    button = page.link("Sign in with the organisation's own account")
    answer = await through(browser, provider, button)

    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "unit_officer@A" in (await browser.open("/account")).text
    assert [row.account_id for row in web.scene.rows(WebSession)] == [
        web.scene.people[provider.login].account_id
    ]
    assert web.scene.count(OidcAttempt) == 0
    assert web.scene.audit("sign_in")


async def test_a_site_without_a_provider_has_neither_button_nor_page(web: Web) -> None:
    browser = await web.visit()
    page = await browser.open("/sign-in")
    assert not [link for link in page.links if "oidc" in link.href]

    await browser.open("/sign-in/oidc", status=404)
    await browser.open(f"{BACK}?code=x&state=y", status=404)


async def test_the_cookie_of_the_way_is_for_the_browser_alone(web: Web, browser: Browser) -> None:
    answer = await browser.client.get("/sign-in/oidc")
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert "samesite=lax" in answer.headers["set-cookie"].lower()

    web.app.state.site = replace(web.app.state.site, secure=True)
    answer = await browser.client.get("/sign-in/oidc")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-duban-oidc=")
    assert {"secure", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": []},
        {"aud": None},
        {"aud": ["another", CLIENT]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"iss": "https://another.example"},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
        {"preferred_username": None},
        {"preferred_username": ""},
        {"preferred_username": 7},
        {"preferred_username": ["unit_officer@A"]},
        {"preferred_username": "nobody@A"},
        {"preferred_username": "UNIT_OFFICER@A"},
    ],
    ids="_".join,
)
async def test_a_token_that_is_not_for_us_not_fresh_or_of_a_stranger_opens_nothing(
    web: Web, browser: Browser, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    accounts = web.scene.count(Account)

    assert_refused(web, await through(browser, provider))
    assert web.scene.count(Account) == accounts


@pytest.mark.parametrize(
    "claims", [{"aud": [CLIENT]}, {"aud": [CLIENT, "another"], "azp": CLIENT}, {"azp": CLIENT}], ids=str
)
async def test_a_token_for_several_that_we_asked_for_counts(
    browser: Browser, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims = claims

    assert (await through(browser, provider)).status_code == 303


async def test_a_token_signed_with_an_unknown_key_opens_nothing(
    web: Web, browser: Browser, provider: Provider
) -> None:
    provider.key = new_key()

    assert_refused(web, await through(browser, provider))
    assert provider.asked.count("/keys") == 2, "the keys are read again, once"


async def test_a_token_signed_with_another_key_of_the_same_name_opens_nothing(
    web: Web, browser: Browser, provider: Provider
) -> None:
    known = provider.key.as_dict(private=False)
    provider.key = type(provider.key).import_key(new_key().as_dict(private=True) | {"kid": known["kid"]})

    assert_refused(web, await through(browser, provider))


async def test_a_new_key_of_the_provider_is_found(web: Web, browser: Browser, provider: Provider) -> None:
    await through(browser, provider)
    provider.key = new_key()
    provider.published = [*provider.published, provider.key]
    other = await web.visit()

    assert (await through(other, provider)).status_code == 303
    assert provider.asked.count("/.well-known/openid-configuration") == 1, "what it says of itself is kept"


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_a_token_without_a_signature_by_a_key_pair_opens_nothing(
    web: Web, browser: Browser, provider: Provider, algorithm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, name = OctKey.import_key(SECRET.encode().ljust(32)), provider.key.kid

    def forged(claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": algorithm, "kid": name}, claims, shared, algorithms=[algorithm])

    monkeypatch.setattr(provider, "signed", forged)
    assert_refused(web, await through(browser, provider))


async def test_an_answer_belongs_to_the_browser_that_asked(
    web: Web, browser: Browser, provider: Provider
) -> None:
    mine = provider.sign_in(await there(browser))
    stranger = await web.visit()
    assert_refused(web, await stranger.client.get(mine))
    await there(stranger)
    assert_refused(web, await stranger.client.get(mine))

    assert (await browser.client.get(mine)).status_code == 303


async def test_an_answer_counts_once(web: Web, browser: Browser, provider: Provider) -> None:
    back = provider.sign_in(await there(browser))
    cookies = dict(browser.client.cookies)
    assert (await browser.client.get(back)).status_code == 303
    again = await web.visit()
    again.client.cookies.update(cookies)
    answer = await again.client.get(back)

    assert answer.status_code == 422
    assert PLAIN in Page(answer).text
    assert web.scene.count(WebSession) == 1
    assert provider.asked.count("/token") == 1


async def test_a_code_that_the_provider_has_answered_already_opens_nothing(
    web: Web, browser: Browser, provider: Provider
) -> None:
    """The code of one way, put into the answer of another."""
    first = await web.visit()
    spent = httpx.URL(provider.sign_in(await there(first)))
    await first.client.get(str(spent))
    own = httpx.URL(provider.sign_in(await there(browser)))
    answer = await browser.client.get(str(own.copy_set_param("code", spent.params["code"])))

    assert answer.status_code == 422
    assert web.scene.count(WebSession) == 1


async def test_a_stolen_code_is_no_good_without_its_verifier(
    web: Web, browser: Browser, provider: Provider
) -> None:
    victim = await web.visit()
    stolen = httpx.URL(provider.sign_in(await there(victim)))
    own = httpx.URL(provider.sign_in(await there(browser)))

    assert_refused(web, await browser.client.get(str(own.copy_set_param("code", stolen.params["code"]))))


async def test_an_answer_that_took_too_long_opens_nothing(
    web: Web, browser: Browser, provider: Provider
) -> None:
    back = provider.sign_in(await there(browser))
    web.now += LONGEST_WAY + timedelta(seconds=1)

    assert_refused(web, await browser.client.get(back))
    await there(browser)
    assert web.scene.count(OidcAttempt) == 1, "what took too long is cleared away"


@pytest.mark.parametrize("query", ["", "?code=x", "?error=access_denied&state=x", "?code=&state="])
async def test_an_answer_that_is_none_is_refused(web: Web, browser: Browser, query: str) -> None:
    await there(browser)
    assert_refused(web, await browser.client.get(f"{BACK}{query}"))


async def test_an_answer_in_the_name_of_another_issuer_is_refused(
    web: Web, browser: Browser, provider: Provider
) -> None:
    back = httpx.URL(provider.sign_in(await there(browser)))
    assert_refused(web, await browser.client.get(str(back.copy_set_param("iss", "https://another.example"))))
    assert "/token" not in provider.asked


async def test_a_closed_account_stays_closed(web: Web, browser: Browser, provider: Provider) -> None:
    t = table(Account)
    with web.scene.engine.begin() as connection:
        connection.execute(t.update().where(t.c.login == provider.login).values(active=False))

    assert_refused(web, await through(browser, provider))


async def test_a_wrong_secret_opens_nothing(web: Web, browser: Browser, provider: Provider) -> None:
    use(web, provider, client_secret="another")

    assert_refused(web, await through(browser, provider))


async def test_a_provider_that_takes_the_secret_in_the_form_gets_it_there(
    browser: Browser, provider: Provider
) -> None:
    provider.about = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}

    assert (await through(browser, provider)).status_code == 303


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://another.example"},
        {"authorization_endpoint": "http://elsewhere.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ],
)
async def test_a_provider_that_says_what_it_must_not_is_not_gone_to(
    web: Web, browser: Browser, provider: Provider, about: dict[str, Any]
) -> None:
    provider.about = about
    page = await browser.open("/sign-in/oidc", status=422)

    assert "cannot be asked now" in page.text
    assert page.has_form("/sign-in")


@pytest.mark.parametrize(
    "about", [{"token_endpoint": "http://elsewhere.example/token"}, {"jwks_uri": "http://elsewhere.example/keys"}, {"jwks_uri": 7}], ids=str
)  # fmt: skip
async def test_neither_a_code_nor_keys_go_over_a_net_in_the_clear(
    web: Web, browser: Browser, provider: Provider, about: dict[str, Any]
) -> None:
    provider.about = about

    assert_refused(web, await through(browser, provider))


async def test_a_provider_that_is_away_is_said_and_the_password_still_works(web: Web) -> None:
    for gone in running(Provider()):
        use(web, gone)
    browser = await web.visit()
    page = await browser.open("/sign-in/oidc?next=/account", status=422)

    assert "cannot be asked now" in page.text
    assert page.form("/sign-in").fields["next"] == "/account"


@pytest.mark.parametrize("next_", ["//evil.example", "https://evil.example", "/\\evil.example"])
async def test_it_leads_nowhere_but_to_a_page_of_ours(
    browser: Browser, provider: Provider, next_: str
) -> None:
    answer = await browser.client.get("/sign-in/oidc", params={"next": next_})
    back = await browser.client.get(provider.sign_in(answer.headers["location"]))

    assert (back.status_code, back.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    ("address", "safe"),
    [("https://id.example/x", True), ("http://127.0.0.1:9/x", True), ("http://[::1]/x", True),
     ("http://id.example/x", False), ("http://127.0.0.1.evil.example/", False), ("ftp://127.0.0.1/", False), ("https:///x", False), ("", False)],
)  # fmt: skip
def test_only_https_and_this_machine_are_safe(address: str, safe: bool) -> None:
    assert is_safe(address) is safe


async def test_who_comes_through_the_provider_needs_no_password_here(
    web: Web, browser: Browser, provider: Provider
) -> None:
    await through(browser, provider)
    page = await browser.open("/account")
    csrf = page.form("/account/preferences").fields["csrf"]

    assert "There is none here" in page.text
    assert not page.has_form("/account/password")
    assert not page.has_form("/account/factor")
    for path, fields in (("password", {"old": "x", "new": "y"}), ("factor/drop", {"password": "x"})):
        await browser.post(f"/account/{path}", fields | {"csrf": csrf}, status=422)
    secret = fresh_secret()
    code = pyotp.TOTP(secret).at(web.now)
    page = await browser.post("/account/factor", {"secret": secret, "code": code, "csrf": csrf}, status=422)
    assert "goes with a password" in page.text

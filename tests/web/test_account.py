"""The reader's own account."""

import re

import pyotp

from tests.web.browser import PASSWORD, Web

OFFICER = "unit_officer@A"


async def test_another_password_ends_every_other_session(web: Web) -> None:
    mine, elsewhere = await web.enter(OFFICER), await web.enter(OFFICER)
    await mine.open("/account")
    page = await mine.send(
        "/account/password", status=422, old="wrong words here", new="quite other words now"
    )
    assert "old password is not right" in page.text
    await mine.send("/account/password", old=PASSWORD, new="quite other words now")

    assert (await mine.open("/account")).path == "/account"
    assert (await elsewhere.open("/account")).path.startswith("/sign-in")
    again = await web.visit()
    await again.open("/sign-in")
    assert (
        await again.send("/sign-in", login=OFFICER, password="quite other words now")
    ).path == "/my/unit-tasks"


async def test_a_second_factor_is_taken_into_use_with_a_code_and_away_with_the_password(web: Web) -> None:
    browser = await web.enter(OFFICER)
    await browser.open("/account")
    page = await browser.send("/account/factor")
    secret = page.form("/account/factor").fields["secret"]
    wrong = await browser.send("/account/factor", status=422, code="12")
    assert wrong.form("/account/factor").fields["secret"] == secret, "the same square stays"
    page = await browser.send("/account/factor", code=pyotp.TOTP(secret).at(web.now))

    assert "second factor is in use" in page.text
    stranger = await web.visit()
    await stranger.open("/sign-in")
    await stranger.send("/sign-in", status=422, login=OFFICER, password=PASSWORD)
    page = await browser.send("/account/factor/drop", password=PASSWORD)
    assert "taken away" in page.text
    await stranger.send("/sign-in", login=OFFICER, password=PASSWORD)


async def test_a_token_is_shown_once_and_ended(web: Web) -> None:
    browser = await web.enter(OFFICER)
    await browser.open("/account")
    page = await browser.send("/account/tokens", name="报表", days="30")
    token = re.findall(r"duban_[\w-]+", page.text)[0]
    bearer = {"authorization": f"Bearer {token}"}

    assert (await browser.client.get("/api/v1/me", headers=bearer)).json()["login"] == OFFICER
    assert (await browser.client.post("/api/v1/unit-tasks/1/acknowledge", headers=bearer)).status_code == 403
    page = await browser.open("/account")
    assert token not in page.text
    await browser.send(next(form.action for form in page.forms if form.action.endswith("/end")))
    assert (await browser.client.get("/api/v1/me", headers=bearer)).status_code == 401


async def test_a_token_without_a_name_keeps_what_was_typed(web: Web) -> None:
    browser = await web.enter(OFFICER)
    await browser.open("/account")
    page = await browser.send("/account/tokens", status=422, name="", days="17")

    assert "Fill in" in page.text
    assert page.form("/account/tokens").fields["days"] == "17"


async def test_the_language_of_the_account_wins(web: Web) -> None:
    browser = await web.enter(OFFICER)
    await browser.open("/account")
    page = await browser.send("/account/preferences", language="zh_CN")

    assert "我的账号" in page.text
    assert 'lang="zh-CN"' in page.answer.text


async def test_one_signs_out_everywhere_else(web: Web) -> None:
    mine, elsewhere = await web.enter(OFFICER), await web.enter(OFFICER)
    await mine.open("/account")
    await mine.send("/account/sessions/end")

    assert (await elsewhere.open("/account")).path.startswith("/sign-in")
    assert (await mine.open("/account")).path == "/account"

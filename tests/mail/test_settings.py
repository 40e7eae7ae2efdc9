"""The mail URL: what it says, and what is wrong with it."""

import pytest

from domain.errors import InvalidInputError
from mail.settings import SmtpSettings, Tls

FROM = "from=office@example.gov.cn"


def test_a_full_url_says_everything() -> None:
    url = f"smtp://o%40ffice:p%3Aa%2Fss@mail.example:587?starttls=always&connections=8&{FROM}"

    assert SmtpSettings.from_url(url) == SmtpSettings(
        host="mail.example",
        port=587,
        tls=Tls.ALWAYS,
        sender="office@example.gov.cn",
        user="o@ffice",
        password="p:a/ss",
        connections=8,
    )


def test_the_shortest_url_takes_the_usual_values() -> None:
    assert SmtpSettings.from_url(f"smtp://[::1]?{FROM}") == SmtpSettings(
        host="::1", port=25, tls=Tls.AUTO, sender="office@example.gov.cn"
    )


def test_smtps_is_tls_from_the_start() -> None:
    settings = SmtpSettings.from_url(f"smtps://mail.example/?{FROM}")

    assert (settings.tls, settings.port) == (Tls.IMPLICIT, 465)


def test_a_plus_in_an_address_stays_a_plus() -> None:
    assert SmtpSettings.from_url("smtp://a?from=office+duban@example.cn").sender == "office+duban@example.cn"


def test_the_password_is_not_shown() -> None:
    assert "hunter2" not in repr(SmtpSettings.from_url(f"smtp://user:hunter2@mail.example?{FROM}"))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example:25",
        f"http://mail.example?{FROM}",
        f"smtp://?{FROM}",
        f"smtp://:25?{FROM}",
        f"smtp://mail.example:port?{FROM}",
        f"smtp://mail.example:0?{FROM}",
        f"smtp://mail.example:65536?{FROM}",
        f"smtp://[::1?{FROM}",
        f"smtp://mail.example/inbox?{FROM}",
        f"smtp://mail.example?{FROM}#part",
        f"smtp://user@mail.example?{FROM}",
        f"smtp://:hunter2@mail.example?{FROM}",
        f"smtp://user:hunter2%0A@mail.example?{FROM}",
        f"smtp://user:hunter2@mail.example?starttls=maybe&{FROM}",
        f"smtps://user:hunter2@mail.example?starttls=auto&{FROM}",
        f"smtp://mail.example?timeout=3&{FROM}",
        f"smtp://mail.example?{FROM}&{FROM}",
        f"smtp://mail.example?connections=0&{FROM}",
        f"smtp://mail.example?connections=65&{FROM}",
        f"smtp://mail.example?connections=10000&{FROM}",
        f"smtp://mail.example?connections=four&{FROM}",
        f"smtp://mail.example?connections=&{FROM}",
        "smtp://user:hunter2@mail.example",
        "smtp://user:hunter2@mail.example?from=Office%20<a@example.cn>",
        "smtp://user:hunter2@mail.example:hunter2?from=a@example.cn",
    ],
)
def test_a_wrong_url_is_refused_without_repeating_the_password(url: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        SmtpSettings.from_url(url)

    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in str(caught.value.fields)

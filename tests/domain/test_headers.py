"""The header guard: what passes, what does not, and the three injections that are real on old Pythons."""

import sys
from email.generator import BytesGenerator
from email.message import EmailMessage
from email.policy import SMTP
from io import BytesIO

import pytest

from domain.errors import RefusedError
from domain.headers import LONGEST_HEADER, safe_address, safe_header

INJECTIONS = (
    "督办 =?UTF-8?Q?=0A?=Bcc: stranger@example.com",
    "督办 =?UTF-8?Q?=0D=0A?=Bcc: stranger@example.com",
    "督办 =?UTF-8?B?DQo=?=Bcc: stranger@example.com",
)


def serialised(subject: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    out = BytesIO()
    BytesGenerator(out, policy=SMTP).flatten(message)
    return out.getvalue()


@pytest.mark.parametrize("subject", INJECTIONS)
def test_an_encoded_line_break_never_reaches_the_generator(subject: str) -> None:
    with pytest.raises(RefusedError):
        serialised(safe_header(subject))


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="the interpreter itself is safe from 3.13 on")
@pytest.mark.parametrize("subject", INJECTIONS)
def test_without_the_guard_this_python_may_write_a_second_header(subject: str) -> None:
    """Shows that the three strings are the real thing, not merely odd ones."""
    try:
        written = serialised(subject)
    except ValueError:
        pytest.skip("this patch release of Python refuses it by itself")

    assert b"\nBcc: stranger@example.com" in written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "督办函〔2026〕12号",
        "a = b? yes",
        "Re: 关于“三农”工作的提醒函（第2号）",
        "家👨‍👩‍👧",
        "x" * LONGEST_HEADER,
    ],
)
def test_an_ordinary_header_passes_unchanged(text: str) -> None:
    assert safe_header(text) == text


@pytest.mark.parametrize(
    "mark",
    [
        *map(chr, range(0x20)),
        *map(chr, range(0x7F, 0xA0)),
        "\u2028",
        "\u2029",
        "\u202e",
        "\u2066",
        "\ud800",
        "=?",
    ],
)
def test_a_header_with_a_hidden_character_is_refused(mark: str) -> None:
    with pytest.raises(RefusedError):
        safe_header(f"督办{mark}函")


def test_a_header_of_more_than_900_characters_is_refused() -> None:
    with pytest.raises(RefusedError, match="901"):
        safe_header("函" * 901)


@pytest.mark.parametrize(
    "address",
    [
        "clerk@example.gov.cn",
        "root@localhost",
        "first.last+tag@a-b.example",
        "办公室@例子.中国",
        "clerk@xn--fsqu00a.xn--fiqs8s",
        "1234@10.example",
        "a" * 64 + "@example.com",
    ],
)
def test_a_plain_address_passes_unchanged(address: str) -> None:
    assert safe_address(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "clerk",
        "@example.com",
        "clerk@",
        "a@b,c@d",
        "a@b;c@d",
        "a@b@c",
        "a b@example.com",
        "a@exam ple.com",
        "\u3000a@example.com",
        "a@b\r\nRCPT TO:<c@d>",
        "a@b\n",
        "a@b\u2028",
        "a@\u202emoc.elpmaxe",
        "Clerk <a@example.com>",
        "<a@example.com>",
        '"a"@example.com',
        ".a@example.com",
        "a.@example.com",
        "a..b@example.com",
        "a@.com",
        "a@b..c",
        "a@-b.com",
        "a@b-.com",
        "a@_b.com",
        "a@[127.0.0.1]",
        "=?utf-8?q?a?=@example.com",
        "a" * 65 + "@example.com",
        "函" * 22 + "@example.com",  # 66 octets
        "a@" + "b." * 130 + "com",
        "a" * 400 + "@example.com",
    ],
)
def test_what_is_not_one_plain_address_is_refused(address: str) -> None:
    with pytest.raises(RefusedError):
        safe_address(address)

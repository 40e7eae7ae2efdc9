"""The message as it goes over the wire, read back by the standard library."""

from datetime import datetime, timedelta, timezone
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import RefusedError
from mail.message import build
from tests.mail.samples import DATE, outgoing

HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Content-Language",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
]
INJECTIONS = st.sampled_from(
    [
        "\r\n",
        "\n",
        "\r",
        "\0",
        "\u2028",
        "\u0085",
        "=?UTF-8?Q?=0A?=",
        "=?utf-8?b?DQo=?=",
        "=?",
        "?=",
        "\ud800",
        "\u202e",
    ]
)
PIECES = st.one_of(
    INJECTIONS,
    st.text(max_size=12),
    st.sampled_from(["Bcc: x@example.com", " ", "督办", ",", "<", "@", "函"]),
)
HOSTILE = st.lists(PIECES, max_size=12).map("".join)


def read_back(changes: dict[str, Any]) -> EmailMessage:
    read = message_from_bytes(bytes(build(outgoing(**changes))), policy=default)
    assert isinstance(read, EmailMessage)
    return read


def plain(part: Message) -> str:
    octets = part.get_payload(decode=True)
    assert isinstance(octets, bytes)
    return octets.decode().replace("\r\n", "\n")


def test_headers_and_text_arrive_as_given() -> None:
    read = read_back({})

    assert read["From"] == "office@example.gov.cn"
    assert read["To"] == "clerk1@example.gov.cn"
    assert read["Subject"] == "【提醒函】关于第1项任务即将到期的提醒"
    assert read["Message-ID"] == "<notice-1@example.gov.cn>"
    assert parsedate_to_datetime(read["Date"]) == DATE
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["X-Auto-Response-Suppress"] == "All"
    assert read["Content-Language"] == "zh-CN"
    assert read.get_content_type() == "text/plain"
    assert plain(read) == "请于3月10日前报送办理情况。\n市政府督查室\n"
    assert sorted(read.keys()) == sorted(HEADERS)


def test_the_same_letter_is_the_same_octets_every_time() -> None:
    assert bytes(build(outgoing())) == bytes(build(outgoing()))


def test_a_page_goes_beside_the_text() -> None:
    read = read_back({"html": "<p>请于3月10日前报送 &lt;办理情况&gt;。</p>"})

    text, page = read.get_body(("plain",)), read.get_body(("html",))
    assert text is not None
    assert page is not None
    assert plain(text) == "请于3月10日前报送办理情况。\n市政府督查室\n"
    assert plain(page) == "<p>请于3月10日前报送 &lt;办理情况&gt;。</p>\n"


def test_an_answer_names_the_earlier_letters() -> None:
    read = read_back(
        {"references": "<a@example.gov.cn> <b@example.gov.cn>", "reply_to": "duty@example.gov.cn"}
    )

    assert read["References"] == "<a@example.gov.cn> <b@example.gov.cn>"
    assert read["In-Reply-To"] == "<b@example.gov.cn>"
    assert read["Reply-To"] == "duty@example.gov.cn"


@pytest.mark.parametrize("subject", ["督" * 900, "a" * 900, "letter " * 128, '“三农” <q> "quoted", (c) \\'])
def test_a_long_subject_is_folded_and_comes_back_whole(subject: str) -> None:
    octets = bytes(build(outgoing(subject=subject)))

    assert message_from_bytes(octets, policy=default)["Subject"] == subject
    assert max(map(len, octets.split(b"\r\n"))) <= 78


def test_the_longest_ids_stay_readable_ids() -> None:
    longest = "<" + "a" * 60 + "@" + "b" * 14 + ">"
    octets = bytes(build(outgoing(message_id=longest, references=f"{longest} {longest}")))

    assert octets.count(longest.encode()) == 4
    with pytest.raises(RefusedError):
        build(outgoing(message_id=longest.replace("@", "@b")))


def test_every_octet_is_plain_ascii_without_lone_line_breaks() -> None:
    octets = bytes(build(outgoing(text="甲\r乙\n.\n\0" + "丙" * 2000, html="<p>" + "丁" * 2000)))

    assert octets.isascii()
    assert b"\0" not in octets
    assert octets.replace(b"\r\n", b"").count(b"\n") == 0
    assert octets.replace(b"\r\n", b"").count(b"\r") == 0


def test_a_host_outside_ascii_travels_in_ascii() -> None:
    assert b"To: clerk@xn--fsqu00a.xn--fiqs8s\r\n" in bytes(build(outgoing(recipient="clerk@例子.中国")))


def test_a_name_outside_ascii_travels_as_utf_8() -> None:
    assert "To: 办公室@xn--fsqu00a.xn--fiqs8s\r\n".encode() in bytes(
        build(outgoing(recipient="办公室@例子.中国"))
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "督办\nBcc: x@example.com"},
        {"sender": "a@example.com, b@example.com"},
        {"recipient": "a@b\r\nRCPT TO:<c@d>"},
        {"recipient": "a@" + "函" * 60 + ".cn"},
        {"reply_to": "Office <a@example.com>"},
        {"message_id": "notice-1@example.gov.cn"},
        {"message_id": "<a@b>\r\nBcc: x@example.com"},
        {"message_id": "<督办@example.gov.cn>"},
        {"references": "<a@b>  <c@d>"},
        {"references": "<a@b>,<c@d>"},
        {"references": " ".join(["<" + "a" * 60 + "@b.cn>"] * 20)},
        {"language": "zh\r\nBcc: x@example.com"},
        {"language": ""},
        {"date": datetime(2026, 3, 2, 9, 30)},  # noqa: DTZ001  the fault under test
        {"text": "lone \ud800 surrogate"},
        {"html": "lone \ud800 surrogate"},
    ],
)
def test_what_cannot_stand_in_a_mail_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        build(outgoing(**changes))


def test_a_date_of_another_zone_is_the_same_instant() -> None:
    china = DATE.astimezone(timezone(timedelta(hours=8)))

    assert parsedate_to_datetime(read_back({"date": china})["Date"]) == DATE


@pytest.mark.parametrize(
    "field", ["subject", "sender", "recipient", "reply_to", "message_id", "references", "language"]
)
@given(text=HOSTILE)
def test_no_hostile_text_adds_a_header(field: str, text: str) -> None:
    given_text = {
        "sender": f"a{text}@b.cn",
        "recipient": f"a{text}@b.cn",
        "message_id": f"<a{text}@b.cn>",
    }.get(field, text)
    try:
        changes: dict[str, Any] = {field: given_text}
        octets = bytes(build(outgoing(**changes)))
    except RefusedError:
        return

    extra = {"references": {"References", "In-Reply-To"}, "reply_to": {"Reply-To"}}.get(field, set())
    head = octets.partition(b"\r\n\r\n")[0]
    lines = head.replace(b"\r\n ", b"").replace(b"\r\n\t", b"").splitlines()
    names = {line.partition(b":")[0].decode() for line in lines}
    assert len(lines) == len(names)
    assert names <= set(HEADERS) | extra

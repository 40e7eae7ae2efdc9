"""The server that keeps what it takes."""

import mailbox
import smtplib
from pathlib import Path

import pytest

from mail.sink import MailSink, mbox_entry
from mail.transport import Carrier
from tests.mail.samples import outgoing, settings


def kept(path: Path) -> list[mailbox.mboxMessage]:
    box = mailbox.mbox(path, create=False)
    try:
        return list(box)
    finally:
        box.close()


async def test_every_message_is_counted_and_kept_readable(tmp_path: Path) -> None:
    path = tmp_path / "caught.mbox"
    with MailSink(path) as sink:
        async with Carrier(settings(f"{sink.url}?from=office@example.gov.cn")) as carrier:
            await carrier.send_many(
                [outgoing(number, text="From here\n第一段\n\n\nFrom there\n") for number in range(25)]
            )

        assert sink.count == 25
        assert len(kept(path)) == 25  # on disk before the sender was told

    messages = kept(path)
    assert {str(message["Message-ID"]) for message in messages} == {
        f"<notice-{n}@example.gov.cn>" for n in range(25)
    }
    payload = messages[0].get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n") == "From here\n第一段\n\n\nFrom there\n"


def test_a_line_that_begins_like_a_separator_is_quoted(tmp_path: Path) -> None:
    path = tmp_path / "caught.mbox"
    path.write_bytes(
        mbox_entry("a@b.cn", b"Subject: one\r\n\r\nFrom me\r\n>From you\r\n")
        + mbox_entry("a@b.cn", b"Subject: two\r\n\r\nlast\r\n")
    )

    assert [message["Subject"] for message in kept(path)] == ["one", "two"]
    assert b"\n>From me\n>>From you\n" in path.read_bytes()


@pytest.mark.parametrize(
    ("head", "date"),
    [
        (b"Date: Mon, 02 Mar 2026 09:30:00 +0800", "Mon Mar  2 01:30:00 2026"),
        (b"Date: yesterday", "Thu Jan  1 00:00:00 1970"),
        (b"Subject: none", "Thu Jan  1 00:00:00 1970"),
    ],
)
def test_an_entry_carries_the_date_of_its_message(head: bytes, date: str) -> None:
    assert mbox_entry("a@b.cn", head + b"\r\n\r\nx\r\n").startswith(f"From a@b.cn {date}\n".encode())


def test_a_sink_can_be_started_again_and_appends(tmp_path: Path) -> None:
    sink = MailSink(tmp_path / "caught.mbox")
    for round_ in (1, 2):
        with sink, smtplib.SMTP("127.0.0.1", sink.port) as client:
            client.sendmail("a@b.cn", ["c@d.cn"], f"Subject: {round_}\r\n\r\nx\r\n".encode())

    assert [message["Subject"] for message in kept(tmp_path / "caught.mbox")] == ["1", "2"]
    assert sink.count == 2


def test_stopping_cuts_whoever_is_still_connected(tmp_path: Path) -> None:
    sink = MailSink(tmp_path / "caught.mbox")
    sink.start()
    client = smtplib.SMTP("127.0.0.1", sink.port)
    sink.stop()

    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        client.ehlo()
    client.close()
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP("127.0.0.1", sink.port)


def test_stopping_twice_or_before_the_start_is_harmless(tmp_path: Path) -> None:
    sink = MailSink(tmp_path / "caught.mbox")
    sink.stop()
    sink.start()
    sink.stop()
    sink.stop()

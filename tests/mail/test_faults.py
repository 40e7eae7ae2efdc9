"""Which failures are worth another try."""

from datetime import UTC, datetime, timedelta

import aiosmtplib
import pytest

from domain.errors import RefusedError
from mail.faults import Fault, Stage, backoff, classify, is_given_up

PASSING, FINAL, UNKNOWN = Fault.PASSING, Fault.FINAL, Fault.UNKNOWN
MESSAGE = (Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.ANSWER)

# Thirty codes (RFC 5321 4.2.3, RFC 4954 6, RFC 7504) and what each means for a message that had come to MAIL.
CODES = {
    420: PASSING,
    421: PASSING,
    422: PASSING,
    431: PASSING,
    432: PASSING,
    441: PASSING,
    442: PASSING,
    450: PASSING,
    451: PASSING,
    452: PASSING,
    454: PASSING,
    455: PASSING,
    471: PASSING,
    500: FINAL,
    501: FINAL,
    502: FINAL,
    503: PASSING,  # "need EHLO and AUTH first": about the session
    504: FINAL,
    521: FINAL,
    530: PASSING,  # log in first
    534: PASSING,  # log in better
    535: PASSING,  # wrong password
    538: PASSING,  # encrypt first
    550: FINAL,
    551: FINAL,
    552: FINAL,
    553: FINAL,
    554: FINAL,
    555: FINAL,
    556: FINAL,
}


def test_the_table_has_thirty_codes() -> None:
    assert len(CODES) == 30


@pytest.mark.parametrize("stage", MESSAGE)
@pytest.mark.parametrize("code", CODES)
def test_a_code_about_the_message_means_what_the_table_says(code: int, stage: Stage) -> None:
    assert classify(code, stage) is CODES[code]
    assert classify(aiosmtplib.SMTPDataError(code, "reply"), stage) is CODES[code]


@pytest.mark.parametrize("code", CODES)
def test_every_refusal_before_the_message_is_about_the_server(code: int) -> None:
    assert classify(code, Stage.CONNECT) is PASSING
    assert classify(aiosmtplib.SMTPAuthenticationError(code, "reply"), Stage.CONNECT) is PASSING


LOSSES = [
    aiosmtplib.SMTPServerDisconnected("lost"),
    aiosmtplib.SMTPReadTimeoutError("slow"),
    aiosmtplib.SMTPException("odd"),
    ConnectionResetError(),
    TimeoutError(),
    OSError(),
]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: type(loss).__name__)
def test_a_loss_is_passing_until_the_final_dot_and_unknown_after_it(loss: Exception) -> None:
    assert classify(loss, Stage.CONNECT) is PASSING
    assert classify(loss, Stage.MAIL) is PASSING
    assert classify(loss, Stage.RCPT) is PASSING
    assert classify(loss, Stage.DATA) is PASSING
    assert classify(loss, Stage.ANSWER) is UNKNOWN


@pytest.mark.parametrize("code", [-1, 0, 150, 220, 354, 600])
def test_nonsense_is_passing_until_the_final_dot_and_unknown_after_it(code: int) -> None:
    assert classify(code, Stage.RCPT) is PASSING
    assert classify(code, Stage.ANSWER) is UNKNOWN


def test_a_message_that_can_never_be_sent_is_final() -> None:
    assert classify(RefusedError("a header we refuse"), Stage.BUILD) is FINAL
    assert classify(aiosmtplib.SMTPNotSupported("no SMTPUTF8"), Stage.MAIL) is FINAL
    assert classify(ValueError("a control character"), Stage.RCPT) is FINAL


def test_a_server_that_lacks_what_we_need_may_have_it_tomorrow() -> None:
    assert classify(aiosmtplib.SMTPNotSupported("no STARTTLS"), Stage.CONNECT) is PASSING


def test_pauses_double_from_a_minute_to_four_hours() -> None:
    minutes = [backoff(attempt) / timedelta(minutes=1) for attempt in range(1, 12)]

    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240]
    assert backoff(10**9) == timedelta(hours=4)


def test_attempts_count_from_one() -> None:
    with pytest.raises(ValueError, match="from 1"):
        backoff(0)


def test_a_message_is_given_up_after_three_days() -> None:
    first = datetime(2026, 3, 2, tzinfo=UTC)

    assert not is_given_up(first, first + timedelta(hours=72) - timedelta(microseconds=1))
    assert is_given_up(first, first + timedelta(hours=72))

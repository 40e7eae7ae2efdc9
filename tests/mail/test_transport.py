"""Sending over real connections to a real server that misbehaves as told."""

import asyncio
import socket
import ssl
from collections import Counter
from pathlib import Path

import pytest

from mail import connection
from mail.faults import Fault, Stage
from mail.outcome import Outcome
from mail.settings import SmtpSettings
from mail.transport import Carrier
from tests.mail.samples import outgoing, settings
from tests.smtp_server import DROP, SILENCE, Drop, ScriptedSmtp, TarPit


async def send(smtp: ScriptedSmtp, count: int, **options: object) -> list[Outcome]:
    async with Carrier(settings(smtp.url, **options)) as carrier:
        return await carrier.send_many([outgoing(number) for number in range(1, count + 1)])


async def test_a_message_arrives_and_the_reply_is_kept(smtp: ScriptedSmtp) -> None:
    outcomes = await send(smtp, 1)

    assert outcomes == [Outcome("<notice-1@example.gov.cn>", Stage.ANSWER, None, 250, "2.0.0 taken")]
    assert [(one.sender, one.recipient) for one in smtp.taken] == [
        ("office@example.gov.cn", "clerk1@example.gov.cn")
    ]
    assert smtp.taken[0].message["Subject"] == "【提醒函】关于第1项任务即将到期的提醒"


async def test_nothing_to_send_opens_no_connection(smtp: ScriptedSmtp) -> None:
    assert await send(smtp, 0) == []
    assert smtp.connections == 0


async def test_many_messages_share_few_connections_and_keep_their_order(smtp: ScriptedSmtp) -> None:
    outcomes = await send(smtp, 60, connections=3)

    assert [outcome.message_id for outcome in outcomes] == [
        f"<notice-{n}@example.gov.cn>" for n in range(1, 61)
    ]
    assert all(outcome.fault is None for outcome in outcomes)
    assert set(smtp.received.values()) == {1}
    assert len(smtp.taken) == 60
    assert smtp.connections <= 3


async def test_connections_are_used_again_by_the_next_call(smtp: ScriptedSmtp) -> None:
    async with Carrier(settings(smtp.url, connections=2)) as carrier:
        for start in (1, 11, 21):
            await carrier.send_many([outgoing(number) for number in range(start, start + 10)])

    assert len(smtp.taken) == 30
    assert smtp.connections <= 2


async def test_calls_at_once_stay_within_the_limit(smtp: ScriptedSmtp) -> None:
    async with Carrier(settings(smtp.url, connections=2)) as carrier:
        batches = [[outgoing(number) for number in range(start, start + 10)] for start in (1, 11, 21)]
        await asyncio.gather(*map(carrier.send_many, batches))

    assert len(smtp.taken) == 30
    assert smtp.connections <= 2


@pytest.mark.parametrize(
    ("stage", "reply", "expected"),
    [
        ("mail", "451 4.3.0 try later", (Stage.MAIL, Fault.PASSING, 451)),
        ("mail", "550 5.7.1 not you", (Stage.MAIL, Fault.FINAL, 550)),
        ("rcpt", "450 4.2.1 mailbox busy", (Stage.RCPT, Fault.PASSING, 450)),
        ("rcpt", "550 5.1.1 no such user", (Stage.RCPT, Fault.FINAL, 550)),
        ("data", "452 4.3.1 disk full", (Stage.DATA, Fault.PASSING, 452)),
        ("data", "554 5.5.1 no", (Stage.DATA, Fault.FINAL, 554)),
        ("dot", "421 4.3.2 closing", (Stage.ANSWER, Fault.PASSING, 421)),
        ("dot", "554 5.7.1 spam", (Stage.ANSWER, Fault.FINAL, 554)),
        ("dot", "nonsense", (Stage.ANSWER, Fault.UNKNOWN, -1)),
    ],
)
async def test_one_refusal_leaves_the_others_alone(
    smtp: ScriptedSmtp, stage: str, reply: str, expected: tuple[Stage, Fault, int]
) -> None:
    smtp.rule(stage, reply, times=1)

    outcomes = await send(smtp, 12, connections=1)

    bad = [outcome for outcome in outcomes if outcome.fault is not None]
    assert [(outcome.stage, outcome.fault, outcome.code) for outcome in bad] == [expected]
    assert len(smtp.taken) == 11


async def test_a_bad_recipient_is_the_only_one_refused(smtp: ScriptedSmtp) -> None:
    smtp.rule("rcpt", "550 5.1.1 no such user", recipient="clerk5@example.gov.cn")

    outcomes = await send(smtp, 20)

    assert [n for n, outcome in enumerate(outcomes, 1) if outcome.fault is not None] == [5]
    assert len(smtp.taken) == 19


async def test_a_message_that_cannot_be_built_never_meets_the_server(smtp: ScriptedSmtp) -> None:
    letters = [
        outgoing(1),
        outgoing(2, subject="督办\r\nBcc: x@example.com"),
        outgoing(3, recipient="a@b,c@d"),
        outgoing(4),
    ]

    async with Carrier(settings(smtp.url, connections=1)) as carrier:
        outcomes = await carrier.send_many(letters)

    assert [outcome.fault for outcome in outcomes] == [None, Fault.FINAL, Fault.FINAL, None]
    assert outcomes[1].stage is Stage.BUILD
    assert smtp.attempts.total() == 2
    assert smtp.connections == 1


async def test_a_greylisted_message_arrives_at_the_second_attempt(smtp: ScriptedSmtp) -> None:
    smtp.greylist()
    letters = [outgoing(number) for number in range(1, 9)]

    async with Carrier(settings(smtp.url)) as carrier:
        first = await carrier.send_many(letters)
        second = await carrier.send_many(letters)

    assert {outcome.fault for outcome in first} == {Fault.PASSING}
    assert {outcome.fault for outcome in second} == {None}
    assert set(smtp.received.values()) == {1}


@pytest.mark.parametrize("stage", ["mail", "rcpt", "data"])
async def test_a_line_cut_before_the_final_dot_is_passing_and_opened_anew(
    smtp: ScriptedSmtp, stage: str
) -> None:
    smtp.rule(stage, DROP, times=1)

    outcomes = await send(smtp, 10, connections=1)

    assert Counter(outcome.fault for outcome in outcomes) == {None: 9, Fault.PASSING: 1}
    assert outcomes[0].stage.value == stage
    assert len(smtp.taken) == 9
    assert smtp.connections == 2


async def test_a_line_cut_after_the_final_dot_is_unknown_and_its_repetition_keeps_the_id(
    smtp: ScriptedSmtp,
) -> None:
    smtp.rule("dot", DROP, times=1)
    async with Carrier(settings(smtp.url, connections=1)) as carrier:
        letters = [outgoing(number) for number in range(1, 6)]
        outcomes = await carrier.send_many(letters)
        unknown = [
            letter
            for letter, outcome in zip(letters, outcomes, strict=True)
            if outcome.fault is Fault.UNKNOWN
        ]
        again = await carrier.send_many(unknown)

    assert [outcome.fault for outcome in outcomes] == [Fault.UNKNOWN, None, None, None, None]
    assert [outcome.fault for outcome in again] == [None]
    assert smtp.received == {"<notice-1@example.gov.cn>": 2} | {
        f"<notice-{n}@example.gov.cn>": 1 for n in range(2, 6)
    }


async def test_a_line_cut_under_a_long_message_is_known_to_have_broken_before_the_dot(
    smtp: ScriptedSmtp,
) -> None:
    smtp.rule("body", Drop(after_octets=10_000), recipient="clerk1@example.gov.cn")
    long = outgoing(1, text="办理情况。" * 1_000_000)

    async with Carrier(settings(smtp.url, connections=1)) as carrier:
        outcomes = await carrier.send_many([long, outgoing(2)])

    assert [(outcome.stage, outcome.fault) for outcome in outcomes] == [
        (Stage.DATA, Fault.PASSING),
        (Stage.ANSWER, None),
    ]


async def test_a_long_message_arrives_whole(smtp: ScriptedSmtp) -> None:
    text = "办理情况。\n" * 100_000
    async with Carrier(settings(smtp.url)) as carrier:
        outcomes = await carrier.send_many([outgoing(1, text=text)])

    assert outcomes[0].fault is None
    octets = smtp.taken[0].message.get_payload(decode=True)
    assert isinstance(octets, bytes)
    assert octets.decode().replace("\r\n", "\n") == text


@pytest.mark.parametrize("how", [DROP, "421 4.7.0 too long idle"])
async def test_a_line_that_was_closed_while_idle_costs_no_attempt(
    smtp: ScriptedSmtp, how: str | Drop
) -> None:
    async with Carrier(settings(smtp.url, connections=1)) as carrier:
        await carrier.send_many([outgoing(1)])
        smtp.rule("mail", how, times=1)
        outcomes = await carrier.send_many([outgoing(2)])

    assert outcomes[0].fault is None
    assert smtp.connections == 2


async def test_a_line_seen_to_be_closed_is_not_used_again(smtp: ScriptedSmtp) -> None:
    async with Carrier(settings(smtp.url, connections=1)) as carrier:
        await carrier.send_many([outgoing(1)])
        smtp.stop()
        await asyncio.sleep(0.05)
        down = await carrier.send_many([outgoing(2)])
        smtp.start()
        back = Carrier(settings(smtp.url))
        async with back:
            up = await back.send_many([outgoing(2)])

    assert (down[0].stage, down[0].fault, down[0].code) == (Stage.CONNECT, Fault.PASSING, None)
    assert up[0].fault is None


@pytest.mark.parametrize(
    ("stage", "reply", "code"),
    [
        ("connect", "554 5.3.2 no service", 554),
        ("connect", "421 4.3.2 busy", 421),
        ("ehlo", "550 5.7.1 who are you", 550),
    ],
)
async def test_a_server_that_wants_nobody_is_passing_for_all(
    smtp: ScriptedSmtp, stage: str, reply: str, code: int
) -> None:
    smtp.rule(stage, reply)

    outcomes = await send(smtp, 50)

    assert {(outcome.stage, outcome.fault, outcome.code) for outcome in outcomes} == {
        (Stage.CONNECT, Fault.PASSING, code)
    }
    assert len(outcomes) == 50
    assert smtp.connections <= 4


async def test_an_old_server_that_only_knows_helo_is_good_enough(smtp: ScriptedSmtp) -> None:
    smtp.rule("ehlo", "502 5.5.1 what", times=1)

    assert [outcome.fault for outcome in await send(smtp, 2, connections=1)] == [None, None]


async def test_nobody_listening_is_told_at_once_for_all() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"smtp://127.0.0.1:{taken.getsockname()[1]}?from=office@example.gov.cn"
        async with Carrier(settings(url)) as carrier:
            outcomes = await carrier.send_many([outgoing(number) for number in range(200)])

    assert {(outcome.stage, outcome.fault) for outcome in outcomes} == {(Stage.CONNECT, Fault.PASSING)}
    assert len(outcomes) == 200


async def test_a_server_that_allows_one_connection_still_gets_everything(smtp: ScriptedSmtp) -> None:
    smtp.rule("connect", "421 4.7.0 too many connections", times=3)

    outcomes = await send(smtp, 40, connections=4)

    assert all(outcome.fault is None for outcome in outcomes)
    assert len(smtp.taken) == 40


async def test_a_tar_pit_holds_one_line_and_not_the_others(
    smtp: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "COMMAND_SECONDS", 4.0)
    smtp.rule("rcpt", TarPit("250 2.1.5 sl", 1.0), recipient="clerk1@example.gov.cn")
    async with Carrier(settings(smtp.url, connections=2)) as carrier:
        slow = asyncio.create_task(carrier.send_many([outgoing(1)]))
        quick = await carrier.send_many([outgoing(n) for n in range(2, 40)])
        still_held = not slow.done()
        held = await slow

    assert still_held

    assert all(outcome.fault is None for outcome in quick)
    assert (held[0].stage, held[0].fault) == (Stage.RCPT, Fault.PASSING)


@pytest.mark.parametrize(
    ("stage", "limit", "expected"),
    [
        ("connect", "CONNECT_SECONDS", (Stage.CONNECT, Fault.PASSING)),
        ("mail", "COMMAND_SECONDS", (Stage.MAIL, Fault.PASSING)),
        ("data", "COMMAND_SECONDS", (Stage.DATA, Fault.PASSING)),
        ("dot", "DATA_SECONDS", (Stage.ANSWER, Fault.UNKNOWN)),
    ],
)
async def test_silence_ends_after_its_limit(
    smtp: ScriptedSmtp, monkeypatch: pytest.MonkeyPatch, stage: str, limit: str, expected: tuple[Stage, Fault]
) -> None:
    monkeypatch.setattr(connection, limit, 0.3)
    smtp.rule(stage, SILENCE)

    outcomes = await asyncio.wait_for(send(smtp, 1), timeout=3)

    assert [(outcome.stage, outcome.fault) for outcome in outcomes] == [expected]


async def test_a_cancelled_sending_leaves_no_line_with_an_answer_due(smtp: ScriptedSmtp) -> None:
    smtp.rule("rcpt", SILENCE, times=1)
    async with Carrier(settings(smtp.url, connections=1)) as carrier:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(carrier.send_many([outgoing(1)]), timeout=0.3)
        outcomes = await carrier.send_many([outgoing(1)])

    assert [outcome.fault for outcome in outcomes] == [None]
    assert smtp.received == {"<notice-1@example.gov.cn>": 1}


async def test_a_name_outside_ascii_needs_a_server_that_takes_it(smtp: ScriptedSmtp) -> None:
    with ScriptedSmtp(smtputf8=False) as old:
        async with Carrier(settings(old.url)) as carrier:
            refused = await carrier.send_many([outgoing(1, recipient="办公室@example.gov.cn")])
    async with Carrier(settings(smtp.url)) as carrier:
        taken = await carrier.send_many([outgoing(1, recipient="办公室@例子.中国")])

    assert (refused[0].stage, refused[0].fault, refused[0].code) == (Stage.MAIL, Fault.FINAL, None)
    assert taken[0].fault is None
    assert smtp.taken[0].recipient == "办公室@xn--fsqu00a.xn--fiqs8s"


async def test_a_reply_is_cut_to_200_safe_characters(smtp: ScriptedSmtp) -> None:
    smtp.rule("rcpt", "550 5.1.1 a\x1b[31mb\u202e" + "x" * 400)

    text = (await send(smtp, 1))[0].text

    assert text.startswith("5.1.1 a [31mb xxx")
    assert len(text) == 200


@pytest.mark.parametrize(("password", "fault"), [("right", None), ("wrong", Fault.PASSING)])
async def test_a_login_is_asked_for_once_a_connection(password: str, fault: Fault | None) -> None:
    with ScriptedSmtp(login=("duban", "right")) as smtp:
        url = smtp.url.replace("//", f"//duban:{password}@")
        async with Carrier(settings(url, connections=1)) as carrier:
            outcomes = await carrier.send_many([outgoing(1), outgoing(2)])

    assert [outcome.fault for outcome in outcomes] == [fault, fault]
    assert {outcome.code for outcome in outcomes} == ({250} if fault is None else {535})
    assert password not in "".join(outcome.text for outcome in outcomes)


async def test_no_password_is_given_when_tls_was_wished_but_not_offered() -> None:
    with ScriptedSmtp(login=("duban", "right")) as smtp:
        logins = smtp.rule("auth", "235 2.7.0 thank you")
        url = smtp.url.replace("//", "//duban:right@")
        async with Carrier(settings(url, starttls="auto")) as carrier:
            outcomes = await carrier.send_many([outgoing(1)])

    assert (outcomes[0].stage, outcomes[0].fault) == (Stage.CONNECT, Fault.PASSING)
    assert "starttls=never" in outcomes[0].text
    assert logins.used.total() == 0


def server_side(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.mark.parametrize("starttls", ["auto", "always"])
async def test_starttls_protects_login_and_letters(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, starttls: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with ScriptedSmtp(login=("duban", "right"), tls=server_side(certificate)) as smtp:
        url = smtp.url.replace("//", "//duban:right@")
        async with Carrier(settings(url, starttls=starttls)) as carrier:
            outcomes = await carrier.send_many([outgoing(number) for number in range(8)])

        assert {outcome.fault for outcome in outcomes} == {None}
        assert len(smtp.taken) == 8


async def test_a_certificate_nobody_vouches_for_is_not_trusted(certificate: tuple[Path, Path]) -> None:
    with ScriptedSmtp(tls=server_side(certificate)) as smtp:
        async with Carrier(settings(smtp.url, starttls="auto")) as carrier:
            outcomes = await carrier.send_many([outgoing(1)])

        assert (outcomes[0].stage, outcomes[0].fault) == (Stage.CONNECT, Fault.PASSING)
        assert "certificate" in outcomes[0].text
        assert smtp.taken == []


async def test_starttls_always_is_not_content_without(smtp: ScriptedSmtp) -> None:
    async with Carrier(settings(smtp.url, starttls="always")) as carrier:
        outcomes = await carrier.send_many([outgoing(1)])

    assert (outcomes[0].stage, outcomes[0].fault) == (Stage.CONNECT, Fault.PASSING)
    assert smtp.taken == []


async def test_smtps_is_tls_from_the_first_octet(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with ScriptedSmtp(login=("duban", "right"), tls_from_the_start=server_side(certificate)) as smtp:
        url = smtp.url.replace("smtp://", "smtps://duban:right@")
        async with Carrier(SmtpSettings.from_url(url)) as carrier:
            outcomes = await carrier.send_many([outgoing(number) for number in range(8)])

        assert {outcome.fault for outcome in outcomes} == {None}
        assert len(smtp.taken) == 8


async def test_a_refusal_at_reset_costs_the_line_and_nothing_else(smtp: ScriptedSmtp) -> None:
    smtp.rule("rcpt", "550 5.1.1 no such user", times=1)
    smtp.rule("rset", DROP, times=1)

    outcomes = await send(smtp, 3, connections=1)

    assert [outcome.fault for outcome in outcomes] == [Fault.FINAL, None, None]
    assert smtp.connections == 2


async def test_greeted_with_421_the_reply_is_kept(smtp: ScriptedSmtp) -> None:
    smtp.rule("ehlo", "421 4.3.2 shutting down")

    assert [outcome.code for outcome in await send(smtp, 1)] == [421]

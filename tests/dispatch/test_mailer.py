"""The mailer against a real mail server that is down, slow to trust, or final."""

from datetime import datetime, timedelta

import pytest

from dispatch.clock import DrivenClock
from dispatch.mailer import Mailer
from mail.settings import SmtpSettings
from mail.transport import Carrier
from models.engine import Incident
from models.paper import Mail, MailState
from services.mails import next_mail
from tests.office import BEGINS, HANDLING, Scene
from tests.smtp_server import ScriptedSmtp

HELD = BEGINS + timedelta(minutes=10)
NOWHERE = "smtp://127.0.0.1:9?from=office@yunxi.example&starttls=never"
"""The discard port: nobody listens."""
DAYS = timedelta(days=1)


class Post:
    """A mailer of the scene whose server can be exchanged."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.clock = scene, DrivenClock(HELD)

    async def drain_until(self, end: datetime, url: str) -> int:
        """Try at every instant at which a mail is due, up to `end`; answers how often."""
        times = 0
        async with Carrier(SmtpSettings.from_url(url)) as carrier:
            mailer = Mailer(self.scene.office, carrier, "office@yunxi.example", "督办", self.clock)
            while (coming := next_mail(self.scene.office)) is not None and coming <= end:
                self.clock.move_to(max(coming, self.clock()))
                times += bool(await mailer.drain())
        return times

    def states(self) -> set[str]:
        return {row.state for row in self.scene.rows(Mail)}


@pytest.fixture
def post(scene: Scene) -> Post:
    """A mailer with four mails that may leave at HELD."""
    scene.begin(scene.item(*((code, HANDLING) for code in "ABCD")))
    return Post(scene)


async def test_every_mail_arrives_once_the_server_is_back_after_three_days(post: Post) -> None:
    times = await post.drain_until(HELD + 3 * DAYS + timedelta(hours=5), NOWHERE)
    assert times > 10
    assert post.states() == {MailState.PENDING}

    with ScriptedSmtp() as smtp:
        await post.drain_until(HELD + 4 * DAYS, smtp.url)

        assert sorted(taken.recipient for taken in smtp.taken) == [f"{code}@yunxi.example" for code in "abcd"]
    assert post.states() == {MailState.SENT}
    assert post.scene.count(Incident) == 0


async def test_a_server_that_greylists_after_its_absence_loses_nothing(post: Post) -> None:
    await post.drain_until(HELD + 4 * DAYS, NOWHERE)

    with ScriptedSmtp() as smtp:
        smtp.rule("rcpt", "451 4.7.1 greylisted, come back", times=1, per_recipient=True)
        await post.drain_until(HELD + 6 * DAYS, smtp.url)

        assert len(smtp.taken) == 4
    assert post.states() == {MailState.SENT}


async def test_a_server_that_says_later_for_three_days_is_given_up_with_an_incident(post: Post) -> None:
    with ScriptedSmtp() as smtp:
        smtp.rule("rcpt", "450 4.2.1 later")
        await post.drain_until(HELD + 3 * DAYS - timedelta(minutes=1), smtp.url)
        assert post.states() == {MailState.PENDING}
        await post.drain_until(HELD + 4 * DAYS, smtp.url)

        assert smtp.taken == []
    assert post.states() == {MailState.FAILED}
    assert post.scene.count(Incident) == 4


async def test_a_final_refusal_is_not_repeated_and_holds_up_nobody(post: Post) -> None:
    with ScriptedSmtp() as smtp:
        smtp.rule("rcpt", "550 5.1.1 no such user", recipient="b@yunxi.example")
        await post.drain_until(HELD + DAYS, smtp.url)

        assert len(smtp.taken) == 3
    states = {row.recipient: row.state for row in post.scene.rows(Mail)}
    assert states.pop("b@yunxi.example") == MailState.REFUSED
    assert set(states.values()) == {MailState.SENT}
    assert [row.attempts for row in post.scene.rows(Mail)] == [1, 1, 1, 1]

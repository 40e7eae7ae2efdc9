"""The mail server is away for three virtual days: once it is back every mail arrives, each once."""

from datetime import timedelta

from models.engine import Incident
from services.mails import next_mail
from tests.prove.conftest import MakePlace
from tests.prove.place import ITEMS, UNITS
from tests.prove.rehearsal import Plan, Stage, on_stage
from tests.prove.scene import ACTIONS, BEGINS, HOLD, outcome_of

AWAY = timedelta(days=3)


async def mails_wait_until(stage: Stage, end: timedelta) -> int:
    """From one attempt to the next, up to `end` after the first; answers how many instants that were."""
    instants = 0
    while (now := next_mail(stage.place.office)) is not None and now < BEGINS + HOLD + end:
        await stage.phase("away", max(now, stage.now))
        instants += 1
    return instants


async def test_every_mail_arrives_once_when_the_server_is_back_after_three_days(
    make_place: MakePlace,
) -> None:
    async with on_stage(make_place(), Plan()) as stage:
        await ACTIONS["fan_out"](stage, "fan_out")
        stage.smtp.stop()
        attempts = await mails_wait_until(stage, AWAY)
        taken = len(stage.smtp.taken)
        stage.smtp.start(stage.smtp.port)

        back = next_mail(stage.place.office)
        assert back is not None
        await stage.phase("back", back)

        outcome = outcome_of(stage)
        assert attempts > 15, "one minute, doubling, at most four hours"
        assert taken == 0
        assert outcome.mails == len({*stage.smtp.received}) == UNITS * ITEMS
        assert list(outcome.mail_faults) == []
        assert stage.place.scene.rows(Incident) == []

"""What went wrong, and what a person does about it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from domain.errors import NotAllowedError, RefusedError, WrongStateError
from models.columns import table
from models.engine import Incident
from models.organisation import Account
from models.paper import Mail, MailState
from services.care import OnMail, WriteTestMail, send_mail_again, write_test_mail
from services.heartbeats import beat
from services.incidents import cure_incident, raise_incident
from services.mails import MailResult, claim_mails, record_results
from tests.office import BEGINS, Scene, both, refused
from tests.web.browser import Web

NOW = BEGINS + timedelta(hours=1)
ADMIN = "administrator@YX"


def lost_mail(scene: Scene) -> int:
    """A mail that its server refused."""
    scene.one()
    jobs = claim_mails(scene.office, NOW, NOW)
    results = [
        MailResult(job.id, job.attempts, MailState.REFUSED, None, "550 no such mailbox") for job in jobs
    ]
    record_results(scene.office, NOW, results)
    return jobs[0].id


def address(scene: Scene, login: str, email: str) -> None:
    with scene.engine.begin() as connection:
        accounts = table(Account)
        connection.execute(update(accounts).where(accounts.c.login == login).values(email=email))


@both
async def test_a_lost_mail_waits_in_the_queue_and_goes_again_to_the_address_of_now(
    scene: Scene, web: Web
) -> None:
    mail = lost_mail(scene)
    web.now = NOW
    office = await web.enter("supervision_office@YX")
    page = await office.open("/queue?kind=mail")
    assert page.link("a@yunxi.example") == f"/mails/{mail}"
    address(scene, "unit_officer@A", "new@yunxi.example")

    page = await office.open(f"/mails/{mail}")
    assert "550 no such mailbox" in page.text
    page = await office.send(f"/mails/{mail}/again")

    assert "The mail will be sent again." in page.text
    (job,) = claim_mails(scene.office, NOW, NOW)
    assert job.recipient == "new@yunxi.example"
    assert [row.closed_at for row in scene.rows(Incident)] == [NOW]
    assert "Mails that did not arrive 0" in (await office.open("/queue")).text


def test_a_mail_that_was_not_lost_is_not_sent_again_nor_to_nobody(scene: Scene) -> None:
    scene.one()
    with refused(scene, WrongStateError, "need not be sent again"):
        send_mail_again(scene.office, scene.supervision, NOW, OnMail(mail_id=1))
    mail = lost_mail(scene)
    address(scene, "unit_officer@A", "")

    with refused(scene, RefusedError, "no address"):
        send_mail_again(scene.office, scene.supervision, NOW, OnMail(mail_id=mail))


async def test_an_incident_is_settled_with_a_note_and_what_is_still_wrong_comes_back(
    scene: Scene, web: Web
) -> None:
    raise_incident(scene.office, NOW, "workflow_broken", "item/1", "it failed")
    admin = await web.enter(ADMIN)
    page = await admin.open("/system")
    assert "Open incidents 1" in page.text
    await admin.follow("A workflow has stopped running")

    page = await admin.send("/incidents/1/settle", note=" ", status=422)
    assert "Fill in: What was done about it." in page.text
    await admin.send("/incidents/1/settle", note="已重新启动。")

    assert scene.audit("settle_incident")[0].detail["note"] == "已重新启动。"
    assert "Open incidents 0" in (await admin.open("/system")).text
    raise_incident(scene.office, NOW, "workflow_broken", "item/1", "it failed again")
    assert "Open incidents 1" in (await admin.open("/system")).text
    cure_incident(scene.office, NOW, "item/1")


@pytest.mark.parametrize("login", ["auditor@YX", "unit_officer@A"])
async def test_who_cares_for_nothing_settles_nothing(scene: Scene, web: Web, login: str) -> None:
    raise_incident(scene.office, NOW, "workflow_broken", "item/1", "it failed")
    person = await web.enter(login)

    await person.open("/incidents/1", status=403)
    await person.open("/system", status=403)


async def test_the_health_page_says_what_the_workers_said(scene: Scene, web: Web) -> None:
    admin = await web.enter(ADMIN)
    page = await admin.open("/system")
    assert "No worker has spoken for half a minute" in page.text

    state = {"temporal": False, "mail": True, "relay_lag": 0.4, "scheduler_tick": web.now.isoformat()}
    beat(scene.office, web.now - timedelta(seconds=3), "host:77", state | {"faults": {"mailer": "timeout"}})
    page = await admin.open("/system")

    (row,) = [row for row in page.rows if row[0] == "host:77"]
    assert (row[2], row[3], row[4], row[6]) == ("not reached", "reached", "0.4", "mailer: timeout")


async def test_a_test_mail_goes_to_ones_own_address_and_its_fate_is_shown(scene: Scene, web: Web) -> None:
    admin = await web.enter(ADMIN)
    await admin.open("/system")
    page = await admin.send("/system/test-mail", status=422)
    assert "Your account has no address: enter one first." in page.text
    address(scene, ADMIN, "admin@yunxi.example")

    await admin.send("/system/test-mail")
    (job,) = claim_mails(scene.office, web.now, web.now)
    sent = MailResult(job.id, job.attempts, MailState.SENT, None, "250 taken")
    record_results(scene.office, web.now, [sent])
    page = await admin.open("/system")

    assert (job.recipient, job.kind, job.lines) == ("admin@yunxi.example", "test", ({},))
    assert "250 taken" in page.part("test-mail")


def test_only_an_administrator_writes_test_mails(scene: Scene) -> None:
    with refused(scene, NotAllowedError, "has not the right"):
        write_test_mail(scene.office, scene.supervision, NOW, WriteTestMail())


def test_every_test_mail_is_a_mail_of_its_own(scene: Scene) -> None:
    address(scene, ADMIN, "admin@yunxi.example")
    for _ in range(2):
        write_test_mail(scene.office, scene.people[ADMIN], NOW, WriteTestMail())

    with scene.engine.connect() as connection:
        keys = connection.execute(select(table(Mail).c.dedupe_key)).scalars().all()
    assert len(set(keys)) == 2

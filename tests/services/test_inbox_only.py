"""Without a mail server the inbox is all there is, and nothing waits to flood people later."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.paper import Mail, MailState, Notice
from services.mails import claim_mails, next_mail
from tests.office import BEGINS, Scene


@pytest.mark.parametrize(("sends", "state"), [(True, MailState.PENDING), (False, MailState.INBOX_ONLY)])
def test_a_notice_is_in_the_inbox_and_its_mail_waits_only_where_there_is_a_server(
    scene: Scene, *, sends: bool, state: MailState
) -> None:
    here = replace(scene, office=replace(scene.office, sends_mail=sends))

    here.one("A")

    assert here.count(Notice) == 1
    assert [row.state for row in here.rows(Mail)] == [state]


def test_a_server_set_up_later_gets_no_old_mail(scene: Scene) -> None:
    without = replace(scene, office=replace(scene.office, sends_mail=False))
    without.one("A")
    later = BEGINS + timedelta(days=30)

    jobs = claim_mails(scene.office, later, later)

    assert jobs == []
    assert next_mail(scene.office) is None

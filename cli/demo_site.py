"""After a played year: the office goes on running, with its pages, and four people to sign in as."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from typing import TYPE_CHECKING

from cli.acting import OPERATOR
from cli.speech import _
from models.organisation import AccountRole

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from cli.site import Site
    from play.play import Played
    from services.office import Actor, Office

PORT = 8000
SHOWN = (
    AccountRole.LEADER,
    AccountRole.SUPERVISION_OFFICE,
    AccountRole.UNIT_OFFICER,
    AccountRole.AUDITOR,
)
PASSWORD_OCTETS = 9


def show(site: Site, played: Played, folder: Path) -> None:
    """Run the played office until it is stopped. Its clock runs on from where the year ended."""
    from pydantic import SecretStr

    from cli.up import run_site
    from dispatch.clock import running_on
    from dispatch.stopping import until_stopped
    from play.play import key_file

    clock = running_on(played.ended)
    settings = site.settings.model_copy(
        update={
            "data_dir": folder,
            "database_url": SecretStr(f"sqlite:///{folder / 'duban.sqlite'}"),
            "evidence_url": (folder / "evidence").as_uri(),
            "audit_key_file": key_file(folder),
            "temporal_address": "",
            "smtp_url": SecretStr(""),
            "web_host": "127.0.0.1",
            "web_port": PORT,
        }
    )
    speech = site.speech
    speech.table([_("sign in as"), _("login"), _("password")], _people(played, clock()))
    asyncio.run(until_stopped(run_site(settings, speech.say, clock)))
    speech.say(_("Everything has stopped."))


def _people(played: Played, now: datetime) -> list[list[object]]:
    """One account of each kind that is shown, each with a fresh password."""
    from services.office import Actor
    from services.one_time_links import make_link, use_link

    rows: list[list[object]] = []
    for account in _accounts(played.office):
        assert account.account_id is not None
        password = secrets.token_urlsafe(PASSWORD_OCTETS)
        token = make_link(played.office, Actor(OPERATOR), now, account.account_id)
        login = use_link(played.office, now, token, password)
        rows.append([AccountRole(account.role), login, password])
    return rows


def _accounts(office: Office) -> list[Actor]:
    """One a kind; of the units the one that had the most to do."""
    from services.watch import Seen, actors, news

    tasks = Counter(row.unit_id for row in news(office, Seen()).tasks)
    busiest = sorted(actors(office), key=lambda one: -tasks[one.unit_id])
    return [next(one for one in busiest if one.role == role) for role in SHOWN]

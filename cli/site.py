"""The site a command is about, put together from the settings the first time the command asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from cli.speech import Speech
from domain.errors import NotFoundError

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from config.settings import Settings
    from services.office import Office
    from store.evidence import EvidenceStore

SQLITE = "sqlite:///"


@dataclass
class Site:
    """What a command needs besides its arguments. `office` is only there once `duban init` has run."""

    speech: Speech

    @cached_property
    def settings(self) -> Settings:
        """The settings; names that are none are remarked on."""
        from config.load import load_settings

        return load_settings(self.speech.fault)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone in which the office counts days."""
        from zoneinfo import ZoneInfo

        return ZoneInfo(self.settings.time_zone)

    @cached_property
    def office(self) -> Office:
        """The office of a site that was initialised. Raises NotFoundError where there is none."""
        from dispatch.office import open_office
        from services.sites import require_site

        require_database(self.settings)
        office = open_office(self.settings)
        require_site(office)
        return office

    @cached_property
    def evidence(self) -> EvidenceStore:
        """Where the bytes of evidence lie."""
        from store.evidence import evidence_store

        return evidence_store(self.settings.evidence_url)

    def close(self) -> None:
        """Let go of the database, where the command came that far."""
        if "office" in self.__dict__:
            self.office.engine.dispose()

    def now(self) -> datetime:
        """The office clock: the wall clock of this machine."""
        from dispatch.clock import wall_clock

        return wall_clock()


def site_of(context: typer.Context) -> Site:
    """The site of this run of the command line."""
    site = context.find_object(Site)
    assert site is not None
    return site


def database_file(settings: Settings) -> Path | None:
    """The file of an SQLite database; None for a database server."""
    url = settings.database_url.get_secret_value()
    return Path(url.removeprefix(SQLITE).split("?")[0]) if url.startswith(SQLITE) else None


def require_database(settings: Settings) -> None:
    """NotFoundError before `duban init`: SQLite would make an empty database without a word."""
    file = database_file(settings)
    if file is not None and not file.is_file():
        raise NotFoundError("There is no site here yet: run `duban init` first.")

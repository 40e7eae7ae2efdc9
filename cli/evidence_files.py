"""Files from this machine as proof: their bytes go into the store, and what is known of them into the act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.acting import request_of
from domain.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from cli.site import Site
    from services.submissions import Piece


def stored_pieces(site: Site, files: Sequence[Path], effective: date | None = None) -> tuple[Piece, ...]:
    """Keep the bytes of each file. All are looked at before the first is kept, so one of a wrong kind keeps none.

    `effective` is the civil day they speak of; None is today.
    """
    from domain.evidence import EvidenceLimits, kind_of_name

    limits = EvidenceLimits()
    limits.check_count(len(files))
    for file in files:
        kind_of_name(file.name)
        if file.is_dir():
            raise InvalidInputError("%(file)s cannot be read: it is a folder.", file=file.name)
        if not file.is_file():
            raise InvalidInputError("%(file)s cannot be read: there is no such file.", file=file.name)
        limits.check_size(file.stat().st_size)
    day = effective or site.now().astimezone(site.office.tz).date()
    return tuple(_stored(site, file, day) for file in files)


def _stored(site: Site, file: Path, day: date) -> Piece:
    from domain.evidence import EvidenceLimits
    from services.submissions import Piece

    try:
        with file.open("rb") as stream:
            kept = site.evidence.put(stream, file.name, EvidenceLimits())
    except OSError as error:
        raise InvalidInputError("%(file)s cannot be read: the system refuses it.", file=file.name) from error
    return request_of(
        Piece,
        sha256=kept.sha256,
        size=kept.size,
        media_type=kept.media_type,
        name=file.name,
        effective_on=day,
    )

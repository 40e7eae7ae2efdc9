"""Evidence: files handed in by a form, kept before the act says whose proof they are; and one file sent back."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated, BinaryIO
from urllib.parse import quote

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from fastapi.responses import StreamingResponse

from domain.errors import DubanError, InvalidInputError, NotFoundError
from domain.evidence import EvidenceLimits, kind_of_name
from services.submissions import AddPieces, Piece, add_pieces
from services.transaction import Request as ActRequest
from services.views.evidence_pieces import evidence_piece, pieces_by_id
from web.answers import Again, go, request_from
from web.guard import GuardedRoute, me_of
from web.pages.unit_tasks import show_unit_task
from web.site import site_of

router = APIRouter(route_class=GuardedRoute)
AT_ONCE = 256 * 1024
"""Octets read of a file at a time."""
SHOWN = {
    "image/png": "default-src 'none'; sandbox",
    "image/jpeg": "default-src 'none'; sandbox",
    "image/webp": "default-src 'none'; sandbox",
    # A browser shows no PDF in a sandbox: its viewer is one itself.
    "application/pdf": "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'",
}
"""The kinds a browser may show instead of saving, each with what it may do then."""


@dataclass(frozen=True)
class Given:
    """What a form with files brought. `reuse` are ids of pieces given before, `effective_on` as it was typed."""

    files: tuple[UploadFile, ...]
    reuse: tuple[int, ...]
    effective_on: str
    key: str


class _Effective(ActRequest):
    effective_on: date


def given(
    files: Annotated[list[UploadFile], File()] = [],  # noqa: B006 -- FastAPI reads the default, nobody changes it
    reuse: Annotated[list[int], Form()] = [],  # noqa: B006 -- as above
    effective_on: Annotated[str, Form(max_length=40)] = "",
    key: Annotated[str, Form(max_length=100)] = "",
) -> Given:
    """The fields of a form with files; an empty file field counts as none."""
    return Given(tuple(file for file in files if file.filename), tuple(reuse), effective_on, key)


@router.post("/unit-tasks/{unit_task_id}/evidence", name="add_evidence_post")
def add_evidence_post(
    request: Request, unit_task_id: int, brought: Annotated[Given, Depends(given)]
) -> Response:
    """Files as proof of a task."""
    here = go(f"/unit-tasks/{unit_task_id}", "evidence_added")
    return take(
        request, unit_task_id, brought, here, partial(show_unit_task, request, unit_task_id, "evidence")
    )


@router.get("/evidence/{evidence_id}", name="evidence")
def evidence_file(request: Request, evidence_id: int, show: bool = False) -> Response:
    """The octets, to be saved; with `show` pictures and PDF are shown."""
    site = site_of(request)
    piece = evidence_piece(site.office, me_of(request), evidence_id)
    policy = SHOWN.get(piece.media_type) if show else None
    headers = {
        "content-disposition": disposition(piece.name, inline=policy is not None),
        "content-length": str(site.evidence.size(piece.sha256)),
        "content-security-policy": policy or "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
    }
    return StreamingResponse(
        _octets(site.evidence.open(piece.sha256)), media_type=piece.media_type, headers=headers
    )


def disposition(name: str, *, inline: bool) -> str:
    """How a file is to be taken and called (RFC 6266, its name as RFC 8187 has it, with a plain one for old browsers)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in name)
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def take(request: Request, unit_task_id: int, brought: Given, to: Response, again: Again) -> Response:
    """Keep the files, then attach them to the task, all or none; lead on `to`, or show the page `again`."""
    site, me = site_of(request), me_of(request)
    try:
        pieces = _reused(request, brought.reuse) + stored(request, brought)
        if not pieces:
            raise InvalidInputError("Choose at least one file.", field="evidence")
        asked = AddPieces(unit_task_id=unit_task_id, evidence=pieces)
        add_pieces(site.office, me.actor, site.clock(), asked, key=brought.key or None)
    except NotFoundError:
        raise
    except DubanError as error:
        return again(error, {"effective_on": brought.effective_on})
    return to


def _reused(request: Request, ids: tuple[int, ...]) -> tuple[Piece, ...]:
    unit = me_of(request).actor.unit_id
    found = pieces_by_id(site_of(request).office, unit, ids) if ids and unit is not None else ()
    return tuple(
        Piece(
            sha256=piece.sha256,
            size=piece.size,
            media_type=piece.media_type,
            name=piece.name,
            effective_on=piece.effective_on,
        )
        for piece in found
    )


def stored(request: Request, brought: Given) -> tuple[Piece, ...]:
    """All are looked at before the first is kept. Raises a refusal that names the file."""
    limits = EvidenceLimits()
    limits.check_count(len(brought.files) + len(brought.reuse))
    names = tuple(_own_name(file.filename or "") for file in brought.files)
    for file, name in zip(brought.files, names, strict=True):
        try:
            kind_of_name(name)
            limits.check_size(file.size or 0)
        except DubanError as error:
            raise _about_file(error, name) from error
    effective: _Effective = request_from(_Effective, {"effective_on": brought.effective_on})
    return tuple(
        _keep(request, file.file, name, effective.effective_on)
        for file, name in zip(brought.files, names, strict=True)
    )


def _keep(request: Request, octets: BinaryIO, name: str, day: date) -> Piece:
    try:
        kept = site_of(request).evidence.put(octets, name, EvidenceLimits())
    except DubanError as error:
        raise _about_file(error, name) from error
    return Piece(sha256=kept.sha256, size=kept.size, media_type=kept.media_type, name=name, effective_on=day)


def _own_name(name: str) -> str:
    """The last part: some browsers send the folder as well. Composed, so that the same name is the same everywhere."""
    return unicodedata.normalize("NFC", name.rpartition("\\")[2].rpartition("/")[2])


def _about_file(error: DubanError, name: str) -> DubanError:
    """The refusal beside the field for files, with the name of the one meant."""
    if error.fields.get("name") == name:
        error.fields["field"] = "evidence"
        return error
    return InvalidInputError("%(name)s: %(why)s", name=name, why=error, field="evidence")


def _octets(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while octets := stream.read(AT_ONCE):
            yield octets

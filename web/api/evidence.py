"""Evidence by a program: the octets as they are, in and out, never held in memory."""

import tempfile
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, BinaryIO
from urllib.parse import quote

from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from domain.evidence import EvidenceLimits
from domain.instants import day_of
from services.access import evidence_for, require_seen
from services.evidence import AddEvidence, add_evidence
from store.sessions import reading
from web.api.bearer import BearerRoute
from web.api.problems import answers
from web.api.reads import RecordId
from web.guard import me_of
from web.site import WebSite, site_of

router = APIRouter(route_class=BearerRoute)
CHUNK = 256 * 1024
OCTETS = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post(
    "/unit-tasks/{unit_task_id}/evidence",
    name="api_add_evidence",
    operation_id="add_evidence",
    tags=["unit-tasks"],
    openapi_extra=OCTETS,
    responses=answers(401, 403, 404, 409, 413, 422),
)
async def add(
    request: Request,
    unit_task_id: RecordId,
    name: Annotated[str, Query(min_length=1, max_length=200, description="The file's name.")],
    effective_on: Annotated[
        date | None, Query(description="The day it speaks of; today where none is said.")
    ] = None,
    key: Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255)] = None,
) -> dict[str, Any]:
    """Attach a file to a unit task. A second one of the same name is a new version."""
    site, me = site_of(request), me_of(request)
    await run_in_threadpool(require_seen, site.office, me, {"unit_task_id": unit_task_id})
    with tempfile.SpooledTemporaryFile(max_size=CHUNK) as spool:
        async for chunk in request.stream():
            await run_in_threadpool(spool.write, chunk)
        spool.seek(0)
        kept = await run_in_threadpool(site.evidence.put, spool, name, EvidenceLimits())  # type: ignore[arg-type]  # a spool is a binary file
    asked = AddEvidence(
        unit_task_id=unit_task_id,
        sha256=kept.sha256,
        size=kept.size,
        media_type=kept.media_type,
        name=name,
        effective_on=effective_on or day_of(site.clock(), site.office.tz),
    )
    return await run_in_threadpool(lambda: add_evidence(site.office, me.actor, site.clock(), asked, key=key))


@router.get(
    "/evidence/{evidence_id}",
    name="api_evidence",
    operation_id="get_evidence",
    tags=["unit-tasks"],
    response_class=StreamingResponse,
    responses=answers(401, 403, 404),
)
def get(request: Request, evidence_id: RecordId) -> StreamingResponse:
    """The octets of a piece of evidence."""
    site, me = site_of(request), me_of(request)
    with reading(site.office.engine) as session:
        row = evidence_for(session.connection(), me, evidence_id)
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(row.name, safe='')}"}
    return StreamingResponse(
        _chunks(_opened(site, row.sha256)), media_type="application/octet-stream", headers=headers
    )


def _opened(site: WebSite, sha256: str) -> BinaryIO:
    return site.evidence.open(sha256)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk

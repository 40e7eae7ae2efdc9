"""How much a request may bring: counted while it arrives, so nothing large is kept before it is refused."""

from fastapi import Request
from starlette.types import Message

from domain.errors import RefusedError
from domain.evidence import MEGABYTE

MOST = 2 * MEGABYTE
MOST_OF_FILES = 210 * MEGABYTE
WITH_FILES = frozenset(
    {
        "add_evidence_post",
        "add_rectification_evidence_post",
        "api_add_evidence",
        "upload_document_post",
        "enter_paper_post",
        "import_accounts_post",
        "import_calendar_post",
    }
)
"""Routes that take files."""


class TooLargeError(RefusedError):
    """A request larger than its route takes."""


def limited(request: Request, *, known: bool = True) -> None:
    """Have the request refuse its own body beyond the most its route takes; of a stranger no files are taken."""
    most = MOST_OF_FILES if known and request.scope["route"].name in WITH_FILES else MOST
    receive, seen = request._receive, 0  # noqa: SLF001 -- the only place where a body can be counted as it comes

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise TooLargeError("This is too large: at most %(most)s MB.", most=most // MEGABYTE)
        return message

    request._receive = counted  # noqa: SLF001

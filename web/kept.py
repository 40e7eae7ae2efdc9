"""What was typed into a form after the session had ended: kept through the sign-in, then sent again."""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from web.limits import TooLargeError

OURS = frozenset({"csrf", "key"})
"""Fields of every form: the next session has its own."""
LONGEST = 1024 * 1024
"""Characters kept: more than the largest text of any form."""


@dataclass(frozen=True)
class Kept:
    """Where the form goes, the page it stood on, and what was typed into it. Files and secrets are not kept."""

    to: str
    back: str
    fields: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """As it travels in a hidden field."""
        return json.dumps([self.to, self.back, self.fields], ensure_ascii=False)


def own_path(text: str) -> str:
    """A path of ours, or the start page for anything that would lead elsewhere."""
    inside = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if inside and "\\" not in text else "/"


def kept_from(text: str) -> Kept | None:
    """What a hidden field carries; None for an empty one and for what is no such thing."""
    try:
        to, back, fields = json.loads(text[:LONGEST])
        pairs = tuple((str(name), str(value)) for name, value in fields)
        return Kept(own_path(str(to)), own_path(str(back)), pairs) if pairs else None
    except (ValueError, TypeError):
        return None


async def typed_into(request: Request) -> Kept | None:
    """What a form without a session brought; None where nothing was typed, files came with it, or too much came."""
    try:
        form: FormData = await request.form()
    except (TooLargeError, HTTPException):
        return None
    await form.close()
    texts = tuple((name, value) for name, value in form.multi_items() if isinstance(value, str))
    pairs = tuple(pair for pair in texts if pair[0] not in OURS and not _is_secret(pair[0]))
    whole = len(texts) == len(form.multi_items())
    return Kept(request.url.path, came_from(request), pairs) if whole and any(map(_has_text, pairs)) else None


def came_from(request: Request) -> str:
    """The page of ours on which the form stood, else the start page."""
    came = urlsplit(request.headers.get("referer", ""))
    return own_path(came.path) if came.netloc == request.headers.get("host", "") else "/"


def _is_secret(name: str) -> bool:
    return "password" in name or name == "code"


def _has_text(pair: tuple[str, str]) -> bool:
    return bool(pair[1].strip())

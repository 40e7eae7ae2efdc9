"""An act from the command line: who acts, the request, the act itself, and a line that says as whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from cli.speech import _
from domain.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.site import Site
    from services.office import Actor
    from services.transaction import Answer, OfficeAct, Request

R = TypeVar("R", bound="Request")
OPERATOR = "operator"
"""Whoever sets a site up from the shell, before there is any account."""


@dataclass(frozen=True)
class Way:
    """How an act is asked for: as whom (None: the post whose right it is), under which key, answered as JSON."""

    login: str | None = None
    key: str | None = None
    json: bool = False


def request_of(kind: Callable[..., R], **fields: Any) -> R:
    """A request; InvalidInputError names the fields that cannot be right."""
    from pydantic import ValidationError

    try:
        return kind(**fields)
    except ValidationError as error:
        wrong = {".".join(str(part) for part in one["loc"]) or "?" for one in error.errors()}
        raise InvalidInputError(
            "What was given for %(fields)s cannot be used: it is empty, too long or out of range.",
            fields=", ".join(sorted(wrong)),
        ) from None


def who(site: Site, way: Way, default: Callable[[], Actor]) -> Actor:
    """The account that was named, or else the one whose act it is."""
    from services.accounts import actor_by_login

    return actor_by_login(site.office, way.login) if way.login else default()


def perform(site: Site, act: OfficeAct[R], actor: Actor, request: R, way: Way) -> Answer:
    """Do it now; with JSON the answer is printed, else only as whom one acted (on standard error)."""
    answer = act(site.office, actor, site.now(), request, key=way.key)
    login = actor.name.removeprefix("account:")
    if way.json:
        site.speech.json({**answer, "acted_as": login})
    else:
        site.speech.remark(_("Acted as %(login)s."), login=login)
    return answer


def operator() -> Actor:
    """The operator, as somebody who acts."""
    from services.office import Actor

    return Actor(OPERATOR)

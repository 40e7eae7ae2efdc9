"""The page of a refusal: what was wrong, and where to go on."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import Request, Response

from domain.errors import DubanError, NotFoundError
from web.render import Page, render


@dataclass(frozen=True, kw_only=True)
class ProblemPage(Page):
    """`status` is that of the answer."""

    template: ClassVar[str] = "problem.html"
    status: int


def problem_page(request: Request, error: Exception, status: int) -> Response:
    """A refusal in the reader's language; what is no refusal of ours says only that there is no such page."""
    said = error if isinstance(error, DubanError) else NotFoundError("There is no such page.")
    return render(request, ProblemPage(error=said, status=status), status)

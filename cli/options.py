"""Options and arguments that several commands share, and how their texts become values."""

from datetime import date
from typing import Annotated

import typer

from cli.speech import _
from domain.errors import InvalidInputError

AsLogin = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="LOGIN", help=_("Act as this account. Without it: the post whose act this is.")
    ),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="TEXT",
        help=_("A key of your own: the same act with the same key is done only once."),
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON."))]
DirectiveId = Annotated[int, typer.Argument(metavar="ID", help=_("Number of the directive."))]
UnitTaskId = Annotated[int, typer.Argument(metavar="ID", help=_("Number of the unit task."))]
After = Annotated[int, typer.Option("--after", metavar="ID", help=_("Show the rows after this number."))]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help=_("Why."))]
Tree = Annotated[
    str | None,
    typer.Option(
        "--tree", metavar="NAME", help=_("Which organisation, where a JSON file holds several: id or name.")
    ),
]


def day_of_text(text: str) -> date:
    """A civil date written YYYY-MM-DD. Raises InvalidInputError, also for a day that does not exist."""
    try:
        if len(text) == len("2026-01-01"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise InvalidInputError("%(text)s is no date: write one that exists as 2026-09-30.", text=text)

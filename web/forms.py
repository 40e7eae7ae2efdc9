"""The fields of a form that has as many as the page shows rows: read by name, the rows by what their names begin with."""

from typing import Annotated

from fastapi import Depends, Request


async def _fields(request: Request) -> dict[str, str]:
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


Fields = Annotated[dict[str, str], Depends(_fields)]
"""What was typed, by field; of two fields of one name the last."""


def rows_of(fields: dict[str, str], prefix: str) -> dict[str, str]:
    """The fields of the rows of one kind: `role_7` of the prefix `role_` is that of row 7."""
    return {name.removeprefix(prefix): value for name, value in fields.items() if name.startswith(prefix)}

"""The refusals of the office, each with a sentence that can be translated.

`message` is the English sentence with named places (`%(unit)s`) and the key of its translation in
`locales/`; `fields` fills the places. A person reads it in the language of the site or the account.
"""

from typing import Any


class DubanError(Exception):
    """An act was refused and nothing was written. `exit_code` is what the command line answers."""

    exit_code = 2

    def __init__(self, message: str, **fields: Any) -> None:
        self.message = message
        self.fields = fields
        super().__init__(message % fields if fields else message)


class InvalidInputError(DubanError):
    """What was given cannot be right: a file, a date, a name. `problems` lists every one found."""

    def __init__(self, message: str, *, problems: tuple["DubanError", ...] = (), **fields: Any) -> None:
        super().__init__(message, **fields)
        self.problems = problems


class NotFoundError(DubanError):
    """The thing named does not exist, or not for this person."""


class NotAllowedError(DubanError):
    """The person has not the right to this act."""


class WrongStateError(DubanError):
    """The act does not fit the state the row is in now."""


class ConflictError(DubanError):
    """Somebody else was first, or the same key came with another request."""


class RefusedError(DubanError):
    """A rule of the office forbids it (a secrecy mark, a date too late, a header that hides another)."""

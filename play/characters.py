"""How the units of a played year behave. Each unit has one character for the year, drawn by its code."""

from enum import StrEnum

from play.chance import Chance


class Character(StrEnum):
    """A way to treat a task."""

    PUNCTUAL = "punctual"
    LATE = "late"
    SILENT = "silent"
    """Neither acknowledges nor reports for a while; some meet the circular."""
    RETURNED_ONCE = "returned_once"
    ASKS_EXTENSION = "asks_extension"
    DISPUTES = "disputes"


WEIGHTS = (
    (Character.PUNCTUAL, 46),
    (Character.LATE, 17),
    (Character.RETURNED_ONCE, 10),
    (Character.ASKS_EXTENSION, 10),
    (Character.SILENT, 12),
    (Character.DISPUTES, 5),
)


def character_of(chance: Chance, code: str) -> Character:
    """The character of the unit with that code."""
    return chance.pick(WEIGHTS, "character", code)

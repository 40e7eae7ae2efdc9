"""The policy of a directive: its ladders, holds, limits. Frozen into each item when published.

A site edits policies as JSON; a running case keeps the one it began with.
"""

from dataclasses import asdict, dataclass, field
from datetime import time
from typing import Any

from domain.errors import InvalidInputError
from domain.extension import ExtensionRule
from domain.ladder import RECTIFICATION, RECURRING, STANDARD, Action, Clock, Ladder, Rung
from domain.numbers import LetterKind
from domain.periods import Frequency


@dataclass(frozen=True)
class Policy:
    """Days are working days, minutes real ones. Figures are defaults that a site may change."""

    acknowledge_days: int = 3
    publish_hold_minutes: int = 10
    letter_hold_minutes: int = 10
    mail_hold_minutes: int = 10
    rework_days: int = 5
    """A returned task gets at least this long, however late it was handed in."""
    reply_days: int = 5
    rectification_days: int = 20
    mid_term_month: int = 7
    needs_signature: frozenset[LetterKind] = frozenset(
        {LetterKind.SUPERVISION_LETTER, LetterKind.RECTIFICATION_CIRCULAR, LetterKind.CLOSING_REPORT}
    )
    extension: ExtensionRule = field(default_factory=ExtensionRule)
    standard: Ladder = STANDARD
    recurring: Ladder = RECURRING
    rectification: Ladder = RECTIFICATION

    def ladder_for(self, frequency: Frequency) -> Ladder:
        """The standard ladder for what is due once or once a year, the short one for shorter rounds."""
        long = (Frequency.ONCE, Frequency.YEARLY, Frequency.ONGOING, Frequency.HALF_YEARLY)
        return self.standard if frequency in long else self.recurring


def ladder_to_json(ladder: Ladder) -> dict[str, Any]:
    """Plain JSON of a ladder, as frozen into an item."""
    return {"hour": ladder.hour.isoformat("minutes"), "rungs": [asdict(rung) for rung in ladder.rungs]}


def ladder_from_json(data: dict[str, Any]) -> Ladder:
    """The ladder of that JSON. Raises InvalidInputError for an unknown clock, action or form."""
    try:
        rungs = tuple(
            Rung(str(r["name"]), Clock(r["clock"]), int(r["offset"]), Action(r["action"]))
            for r in data["rungs"]
        )
        ladder = Ladder(rungs, time.fromisoformat(data["hour"]))
    except (KeyError, ValueError, TypeError) as error:
        raise InvalidInputError("This is no ladder: %(why)s", why=str(error)) from error
    if len({rung.name for rung in rungs}) != len(rungs):
        raise InvalidInputError("This is no ladder: %(why)s", why="two rungs have one name")
    return ladder


def policy_to_json(policy: Policy) -> dict[str, Any]:
    """Plain JSON of a policy, as kept with its directive."""
    data: dict[str, Any] = {n: v for n, v in asdict(policy).items() if isinstance(v, int)}
    data["needs_signature"] = sorted(policy.needs_signature)
    data["extension"] = asdict(policy.extension)
    for name in ("standard", "recurring", "rectification"):
        data[name] = ladder_to_json(getattr(policy, name))
    return data


def policy_from_json(data: dict[str, Any]) -> Policy:
    """The policy of that JSON; what is left out has its default. Raises InvalidInputError for what is unknown."""
    known = dict(data)
    try:
        for name in ("standard", "recurring", "rectification"):
            if name in known:
                known[name] = ladder_from_json(known[name])
        if "needs_signature" in known:
            known["needs_signature"] = frozenset(LetterKind(kind) for kind in known["needs_signature"])
        if "extension" in known:
            known["extension"] = ExtensionRule(**known["extension"])
        return Policy(**known)
    except (TypeError, ValueError) as error:
        raise InvalidInputError("This is no policy: %(why)s", why=str(error)) from error

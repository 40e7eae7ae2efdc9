"""The policy of a directive: its ladders, holds, limits. Frozen into each item when published.

A site edits policies as JSON; a running case keeps the one it began with.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import time
from typing import Any

from domain.errors import InvalidInputError
from domain.extension import ExtensionRule
from domain.ladder import RECTIFICATION, RECURRING, STANDARD, Action, Clock, Ladder, Rung
from domain.numbers import LetterKind
from domain.periods import Frequency
from domain.workdays import MOST_DAYS

MOST_MINUTES = 7 * 24 * 60  # a hold of more than a week is a mistake of writing


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
        """The standard ladder for what is due once, yearly or half-yearly, the short one for shorter rounds."""
        long = (Frequency.ONCE, Frequency.YEARLY, Frequency.ONGOING, Frequency.HALF_YEARLY)
        return self.standard if frequency in long else self.recurring


def ladder_to_json(ladder: Ladder) -> dict[str, Any]:
    """Plain JSON of a ladder, as frozen into an item."""
    return {"hour": ladder.hour.isoformat("minutes"), "rungs": [asdict(rung) for rung in ladder.rungs]}


def ladder_from_json(data: dict[str, Any]) -> Ladder:
    """The ladder of that JSON. Raises InvalidInputError for an unknown key, clock, action or form."""
    try:
        hour, listed = _values(data, "hour", "rungs")
        ladder = Ladder(tuple(_rung(rung) for rung in listed), _hour(hour))
    except (ValueError, TypeError) as error:
        raise InvalidInputError("This is no ladder: %(why)s", why=str(error)) from error
    if len({rung.name for rung in ladder.rungs}) != len(ladder.rungs):
        raise InvalidInputError("This is no ladder: %(why)s", why="two rungs have one name")
    return ladder


def _rung(data: Any) -> Rung:
    name, clock, offset, action = _values(data, "name", "clock", "offset", "action")
    _check_figure("offset", offset, -MOST_DAYS, MOST_DAYS)
    return Rung(str(name), Clock(clock), offset, Action(action))


def _hour(text: str) -> time:
    hour = time.fromisoformat(text)
    if f"{hour:%H:%M}" != text:  # seconds or a zone would be lost when the ladder is written again
        raise ValueError(f"the hour is {text}, not HH:MM")
    return hour


def _values(data: Any, *names: str) -> list[Any]:
    """The values of an object that has these keys and no others."""
    if not isinstance(data, dict) or set(data) != set(names):
        raise ValueError(f"{data!r} has not just {', '.join(names)}")
    return [data[name] for name in names]


def policy_to_json(policy: Policy) -> dict[str, Any]:
    """Plain JSON of a policy, as kept with its directive."""
    data: dict[str, Any] = {n: v for n, v in asdict(policy).items() if isinstance(v, int)}
    data["needs_signature"] = sorted(policy.needs_signature)
    data["extension"] = asdict(policy.extension)
    for name in ("standard", "recurring", "rectification"):
        data[name] = ladder_to_json(getattr(policy, name))
    return data


def policy_from_json(data: dict[str, Any]) -> Policy:
    """The policy of that JSON; what is left out has its default.

    Raises InvalidInputError for what is unknown and for figures with which no day can be reckoned.
    """
    known = dict(data)
    try:
        for name in ("standard", "recurring", "rectification"):
            if name in known:
                known[name] = ladder_from_json(known[name])
        if "needs_signature" in known:
            known["needs_signature"] = frozenset(LetterKind(kind) for kind in known["needs_signature"])
        if "extension" in known:
            known["extension"] = ExtensionRule(**known["extension"])
        policy = Policy(**known)
        _check_figures(vars(policy) | vars(policy.extension))
    except (TypeError, ValueError) as error:
        raise InvalidInputError("This is no policy: %(why)s", why=str(error)) from error
    return policy


def _check_figures(fields: Mapping[str, Any]) -> None:
    for name, figure in fields.items():
        if name == "mid_term_month":
            _check_figure(name, figure, 1, 12)
        elif name.endswith("_minutes"):
            _check_figure(name, figure, 0, MOST_MINUTES)
        elif name.endswith(("_days", "_times")):
            _check_figure(name, figure, 0, MOST_DAYS)


def _check_figure(name: str, figure: Any, least: int, most: int) -> None:
    if type(figure) is not int or not least <= figure <= most:
        raise ValueError(f"{name} is {figure!r}, not a whole number from {least} to {most}")

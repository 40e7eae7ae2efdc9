"""The named points inside the product, in the phases in which each is passed, and how often it surely is."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence

from tests.prove.victim import Death

STRIKES: dict[str, tuple[tuple[str, int], ...]] = {
    "fan_out": (
        ("relay.before_signal", 4),
        ("relay.before_mark", 1),
        ("activity.before", 4),
        ("fan_out.mid_transaction", 6),
        ("activity.between_pages", 3),
        ("activity.after_commit", 2),
    ),
    "first_mails": (
        ("mailer.after_claim", 1),
        ("mailer.mid_batch", 60),
        ("mailer.before_mark", 4),
        ("mailer.before_send", 1),
    ),
    "reminders": (("ladder.mid_transaction", 3),),
    "letters_out": (("letter.before_number", 4), ("letter.after_commit", 2)),
}
"""By phase, one death after the other: the point, and the most passings of it that are sure to come by then."""

POINTS = tuple(point for strikes in STRIKES.values() for point, _ in strikes)


def strikes(seed: int, phases: Iterable[str] = tuple(STRIKES)) -> dict[str, list[str]]:
    """Every point of those phases once, each at a passing drawn from the seed."""
    chance = random.Random(seed)
    return {name: [f"{point}:{chance.randint(1, most)}" for point, most in STRIKES[name]] for name in phases}


def planned(plan: dict[str, list[str]]) -> list[str]:
    """The deaths of a plan in their order."""
    return [strike for name in STRIKES for strike in plan.get(name, [])]


def hits(deaths: Sequence[Death]) -> Counter[str]:
    """How often each point killed."""
    return Counter(death.point for death in deaths)

"""The named points inside the product, in the phases in which each is passed, and how often it surely is."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence

from tests.prove.victim import Death

STRIKES: dict[str, tuple[tuple[str, int], ...]] = {
    "fan_out": (
        ("relay.before_signal", 2),
        ("fan_out.mid_transaction", 3),
        ("activity.between_pages", 2),
    ),
    "first_mails": (
        ("mailer.after_claim", 1),
        ("mailer.before_mark", 1),
        ("mailer.mid_batch", 60),
        ("mailer.before_send", 1),
    ),
    "reminders": (("activity.before", 3), ("ladder.mid_transaction", 3), ("activity.after_commit", 3)),
    "letters_out": (("letter.before_number", 4), ("letter.after_commit", 2), ("relay.before_mark", 1)),
}
"""By phase, one death after the other: the point, and the most passings of it that are sure to come by then.

An owner whose worker dies goes on in the next one within two seconds, and may be through before a later death is
armed: so a phase has only deaths for which work is surely left (two items of four pages, twenty-seven pages of the
ladder, seven letters)."""

POINTS = tuple(point for strikes in STRIKES.values() for point, _ in strikes)


def strikes(seed: int, phases: Iterable[str] = tuple(STRIKES)) -> dict[str, list[str]]:
    """Every point of those phases once, each at a passing drawn from the seed."""
    chance = random.Random(seed)
    return {name: [f"{point}:{chance.randint(1, most)}" for point, most in STRIKES[name]] for name in phases}


PASSED_IN = {
    "work": ("relay.before_signal", "activity.before", "activity.after_commit"),
    "reminders": (
        "activity.before",
        "ladder.mid_transaction",
        "activity.between_pages",
        "mailer.after_claim",
    ),
    "overdue": ("activity.after_commit", "ladder.mid_transaction", "activity.between_pages"),
    "overdue_mails": ("mailer.before_send", "mailer.mid_batch", "mailer.before_mark"),
    "letters": ("activity.before", "ladder.mid_transaction"),
    "letters_out": ("letter.before_number", "letter.after_commit", "relay.before_mark", "mailer.mid_batch"),
    "supervision": ("ladder.mid_transaction", "activity.after_commit"),
    "supervision_out": ("letter.before_number", "letter.after_commit", "mailer.before_mark"),
    "circular": ("activity.before", "ladder.mid_transaction", "activity.after_commit"),
    "circular_out": (
        "letter.before_number",
        "relay.before_signal",
        "relay.before_mark",
        "activity.after_commit",
    ),
}
"""Further phases in which points may be passed; whether one is hit there depends on the run."""


def anywhere(seed: int) -> dict[str, list[str]]:
    """Deaths in any phase, at any passing, drawn from the seed; some of them may never come about."""
    chance = random.Random(seed)
    drawn = {name: [point for point, _ in listed] for name, listed in STRIKES.items()} | {
        name: [*listed] for name, listed in PASSED_IN.items()
    }
    return {
        name: [
            f"{point}:{chance.choice((1, 1, 2, 4))}"
            for point in chance.choices(points, k=chance.randint(1, 3))
        ]
        for name, points in sorted(drawn.items())
        if chance.random() < 0.6
    }


def planned(plan: dict[str, list[str]]) -> list[str]:
    """The deaths of a plan in their order."""
    return [strike for name in STRIKES for strike in plan.get(name, [])]


def hits(deaths: Sequence[Death]) -> Counter[str]:
    """How often each point killed."""
    return Counter(death.point for death in deaths)

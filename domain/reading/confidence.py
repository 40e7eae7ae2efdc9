"""How far a reading may be trusted: what each circumstance takes from 1."""

from collections.abc import Iterable

COSTS = {
    "no_lead_marked": 0.1,  # several units, and the document names no lead
    "several_brackets": 0.15,  # one paragraph divides its work more than once
    "bare_names": 0.15,  # names in a bracket without 负责 or a label
    "mended_breaks": 0.05,  # a line break inside a sentence was closed
    "inherited": 0.15,  # the organs stand in the heading or an earlier item
    "carried_down": 0.1,  # the organ stands in an earlier row of the table
    "unusual_name": 0.2,  # a name does not end as organs do
    "prose": 0.35,  # read from a sentence, no division of work is printed
    "no_text": 0.4,  # the organs are named but no task beside them
}


def confidence(reasons: Iterable[str]) -> float:
    """1 less what every reason costs, never below 0.1."""
    return max(0.1, round(1 - sum(COSTS[r] for r in reasons), 2))

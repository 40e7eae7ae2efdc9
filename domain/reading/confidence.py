"""How far a reading may be trusted: what each doubt takes from 1."""

from collections.abc import Iterable
from enum import StrEnum


class Doubt(StrEnum):
    """Why an item should be looked at before it is handed out."""

    NO_LEAD_MARKED = "no_lead_marked"  # several units, and the document names no lead
    SEVERAL_BRACKETS = "several_brackets"  # one paragraph divides its work more than once
    BARE_NAMES = "bare_names"  # names in a bracket without 负责 or a label
    MENDED_BREAKS = "mended_breaks"  # a line break inside a sentence was closed
    INHERITED = "inherited"  # the organs stand in the heading or an earlier item
    CARRIED_DOWN = "carried_down"  # the organ stands in an earlier row of the table
    UNUSUAL_NAME = "unusual_name"  # a name does not end as organs do
    PROSE = "prose"  # read from a sentence, no division of work is printed
    NO_TEXT = "no_text"  # the organs are named but no task beside them


COSTS = {
    Doubt.NO_LEAD_MARKED: 0.1,
    Doubt.SEVERAL_BRACKETS: 0.15,
    Doubt.BARE_NAMES: 0.15,
    Doubt.MENDED_BREAKS: 0.05,
    Doubt.INHERITED: 0.15,
    Doubt.CARRIED_DOWN: 0.1,
    Doubt.UNUSUAL_NAME: 0.2,
    Doubt.PROSE: 0.35,
    Doubt.NO_TEXT: 0.4,
}


def confidence(doubts: Iterable[Doubt]) -> float:
    """1 less what every doubt costs, never below 0.1."""
    return max(0.1, round(1 - sum(COSTS[doubt] for doubt in doubts), 2))

"""Other figures for a policy: changed by name, and the ladder that comes of it looked at as a whole."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

from domain.errors import InvalidInputError
from domain.ladder import Action, Clock, Ladder
from domain.policy import Policy, policy_from_json, policy_to_json

_LETTERS = (Action.REMINDER_LETTER, Action.SUPERVISION_LETTER, Action.RECTIFICATION_CIRCULAR)


def with_figures(
    policy: Policy, figures: Mapping[str, int], standard: Mapping[str, int], recurring: Mapping[str, int]
) -> Policy:
    """The policy with these figures by name, and for each of its two ladders these offsets by rung.

    Raises InvalidInputError for an unknown figure or rung, for figures with which no day can be reckoned, and for a
    ladder on which a letter would come before the deadline or a sterner one before a milder.
    """
    policy = replace(
        policy, standard=_moved(policy.standard, standard), recurring=_moved(policy.recurring, recurring)
    )
    changed = policy_from_json(policy_to_json(policy) | dict(figures))
    for ladder in (changed.standard, changed.recurring):
        check_order(ladder)
    return changed


def _moved(ladder: Ladder, offsets: Mapping[str, int]) -> Ladder:
    unknown = set(offsets) - {rung.name for rung in ladder.rungs}
    if unknown:
        raise InvalidInputError("The ladder has no rung %(name)s.", name=min(unknown))
    return replace(
        ladder, rungs=tuple(replace(r, offset=offsets.get(r.name, r.offset)) for r in ladder.rungs)
    )


def check_order(ladder: Ladder) -> None:
    """Raises InvalidInputError where a letter comes before the deadline, or a sterner one before a milder."""
    for clock in Clock:
        rungs = [rung for rung in ladder.rungs if rung.clock is clock and rung.action in _LETTERS]
        early = next((rung for rung in rungs if rung.offset < 1), None)
        if early is not None:
            raise InvalidInputError(
                "A letter comes after the deadline at the earliest: %(action)s.", action=early.action
            )
        rungs.sort(key=lambda rung: _LETTERS.index(rung.action))
        for milder, sterner in pairwise(rungs):
            if sterner.offset <= milder.offset:
                raise InvalidInputError(
                    "%(sterner)s comes after %(milder)s at the earliest.",
                    sterner=sterner.action,
                    milder=milder.action,
                )

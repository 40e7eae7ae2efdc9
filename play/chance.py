"""Chance that is the same for the same seed: a hash of who, what and when, never a running generator."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Draws by natural names, so that the order of draws changes nothing."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def share(self, *names: object) -> float:
        """A number in [0, 1) for these names."""
        text = "|".join([str(self._seed), *map(str, names)])
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7]) / 2**56

    def between(self, low: int, high: int, *names: object) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self.share(*names) * (high - low + 1))

    def pick(self, weighted: Sequence[tuple[T, int]], *names: object) -> T:
        """One of the choices, by its weight."""
        left = self.share(*names) * sum(weight for _, weight in weighted)
        for choice, weight in weighted:
            left -= weight
            if left < 0:
                return choice
        return weighted[-1][0]

"""What changed between two texts, in pieces a person can read."""

from collections.abc import Iterator
from difflib import SequenceMatcher

SHORTEST_KEPT = 2
"""Fewer characters that happen to be the same do not split a change in two."""


def text_diff(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Pieces in order: (`same`, text), (`out`, what is gone), (`in`, what is new). Joined they give both texts."""
    gone, new = "", ""
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        inside = bool(gone or new) and b - a < SHORTEST_KEPT and d < len(after) and b < len(before)
        if kind == "equal" and not inside:
            yield from _change(gone, new)
            gone, new = "", ""
            yield "same", before[a:b]
        else:
            gone, new = gone + before[a:b], new + after[c:d]
    yield from _change(gone, new)


def _change(gone: str, new: str) -> Iterator[tuple[str, str]]:
    if gone:
        yield "out", gone
    if new:
        yield "in", new

"""Brackets of both widths, counted in one pass."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

OPENING = "（(［[【"
CLOSING = "）)］]】"
_EITHER = re.compile(r"[（(［\[【）)］\]】]")


@dataclass(frozen=True, slots=True)
class Bracket:
    """An outermost bracket: `text[start:end]` with its marks, `content` without."""

    start: int
    end: int
    content: str


def outer_brackets(text: str) -> Iterator[Bracket]:
    """The outermost balanced brackets. One that is never closed is no bracket and hides none after it."""
    starts: list[int] = []
    pairs: list[tuple[int, int]] = []
    for match in _EITHER.finditer(text):
        index = match.start()
        if match.group() in OPENING:
            starts.append(index)
        elif starts:
            start = starts.pop()
            while pairs and pairs[-1][0] > start:
                pairs.pop()
            pairs.append((start, index))
    for start, end in pairs:
        yield Bracket(start, end + 1, text[start + 1 : end])


def cut_outside(text: str, separators: str) -> list[str]:
    """The parts of `text` between separators that stand outside brackets."""
    parts, depth, start = [], 0, 0
    for index, character in enumerate(text):
        if character in OPENING:
            depth += 1
        elif character in CLOSING:
            depth = max(0, depth - 1)
        elif not depth and character in separators:
            parts.append(text[start:index])
            start = index + 1
    parts.append(text[start:])
    return parts

"""One measured figure, the goal it has, and how figures are taken and shown."""

import math
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import ge, le
from typing import Any

HOLDS: dict[str, Callable[[float, float], bool]] = {">=": ge, "<=": le}


@dataclass(frozen=True)
class Figure:
    """A value in `unit`; `goal` such as (">=", 100), or None where the value is only shown."""

    name: str
    value: float
    unit: str = ""
    goal: tuple[str, float] | None = None
    note: str = ""

    @property
    def passed(self) -> bool | None:
        """Whether the goal is met; None without one."""
        return HOLDS[self.goal[0]](self.value, self.goal[1]) if self.goal else None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON of it."""
        goal = f"{self.goal[0]} {self.goal[1]:g}" if self.goal else None
        value = {"name": self.name, "value": round(self.value, 4), "unit": self.unit}
        return value | {"goal": goal, "passed": self.passed, "note": self.note}


def say(text: str) -> None:
    """A line of progress, on standard error."""
    print(f"  {text}", file=sys.stderr, flush=True)


class Stopwatch:
    """Seconds between the begin and the end of a `with timed()` block."""

    seconds = 0.0


@contextmanager
def timed() -> Iterator[Stopwatch]:
    """Time a block by the machine's steady clock."""
    watch, started = Stopwatch(), time.perf_counter()
    yield watch
    watch.seconds = time.perf_counter() - started


def median(values: Iterable[float]) -> float:
    """The middle value: a shared machine's slow moments count for little."""
    return statistics.median(values)


def exponent(points: dict[int, float]) -> float:
    """The power of size with which seconds grow: least squares over the logarithms."""
    xs, ys = [math.log(size) for size in points], [math.log(seconds) for seconds in points.values()]
    return statistics.linear_regression(xs, ys).slope


def show(figures: list[Figure]) -> str:
    """The table for a terminal."""
    verdicts = {True: "pass", False: "MISS", None: ""}
    lines = [f"{'figure':58} {'value':>12} {'unit':9} {'goal':>10}  "]
    for figure in figures:
        goal = f"{figure.goal[0]} {figure.goal[1]:g}" if figure.goal else ""
        lines.append(
            f"{figure.name:58} {figure.value:12,.3f} {figure.unit:9} {goal:>10}  {verdicts[figure.passed]:4}  {figure.note}"
        )
    return "\n".join(lines)

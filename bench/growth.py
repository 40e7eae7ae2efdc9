"""How seconds grow with the number of unit tasks: the exponent of the power that fits 1,000, 10,000 and 100,000.

One item of each size in an office of its own. The status of a page is taken from a directive of 1,000 unit tasks,
ten items of a hundred units, with the whole rest of the office around it.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from bench.figure import Figure, exponent, median, say, timed
from bench.reminders import OVERDUE
from bench.site import OPENS, Place, draft, fan_out, make_place
from services.directives import OnDirective, publish
from services.owners import unsettled, waiting
from services.status import directive_status

SIZES = {1_000: 7, 10_000: 3, 100_000: 2}
"""Unit tasks of an item, and how many such items are measured for a median."""
GOAL = ("<=", 1.05)
PAGE_GOAL = ("<=", 0.1)
"""A page costs the same at every size; a tenth is what noise may make of nothing."""
LATER = OPENS + timedelta(minutes=20)


def run(folder: Path) -> list[Figure]:
    """Every size in turn."""
    seconds: dict[str, dict[int, float]] = {}
    for size in SIZES:
        place = make_place(folder / f"growth-{size}.sqlite", size)
        for name, took in _one_size(place, size).items():
            seconds.setdefault(name, {})[size] = took
        place.office.engine.dispose()
        say(
            f"growth: {size:,}: "
            + ", ".join(f"{name} {points[size]:.4f} s" for name, points in seconds.items())
        )
    return [_figure(name, points) for name, points in seconds.items()]


def _figure(name: str, points: dict[int, float]) -> Figure:
    note = ", ".join(f"{size:,}: {took:.4f} s" for size, took in points.items())
    return Figure(
        f"growth of {name}", exponent(points), "exponent", PAGE_GOAL if "page" in name else GOAL, note
    )


def _one_size(place: Place, size: int) -> dict[str, float]:
    small = draft(place, 10, 100)
    publish(place.office, place.leader, OPENS, OnDirective(directive_id=small))
    for item in range(1, 11):
        fan_out(place.office, item)
    fans, rounds = [], []
    for number in range(SIZES[size]):
        directive = draft(place, 1, size)
        publish(place.office, place.leader, OPENS, OnDirective(directive_id=directive))
        with timed() as fan:
            fan_out(place.office, 11 + number)
        with timed() as reminding:
            fan_out(place.office, 11 + number, OVERDUE)
        fans.append(fan.seconds)
        rounds.append(reminding.seconds)
    office = place.office
    return {
        "fan-out": median(fans),
        "the reminder round": median(rounds),
        "the next-moment query": _often(lambda: (waiting(office), unsettled(office, LATER))),
        "a status page": _often(lambda: directive_status(office, small, LATER)),
        "the status of the item itself": _often(lambda: directive_status(office, directive, LATER)),
    }


def _often(look: Callable[[], object]) -> float:
    """The median second of many looks."""
    took = []
    for _ in range(15):
        started = time.perf_counter()
        look()
        took.append(time.perf_counter() - started)
    return median(took)

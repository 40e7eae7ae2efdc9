"""One item of 40,000 units, published and fanned out in a process of its own, whose peak memory is then known.

`python -m bench.large DATABASE FOLDER DIRECTIVE UNITS` does it and prints seconds and peak bytes as JSON.
"""

import asyncio
import json
import resource
import subprocess
import sys
from pathlib import Path

from bench.figure import Figure, median, say
from bench.rig import running, server_in, timed_publish
from bench.site import draft, make_place, place_in

UNITS = 40_000
ROUNDS = 3


def run(folder: Path) -> list[Figure]:
    """A child process for each round; the database, its units and its drafts are made here."""
    database = folder / "large.sqlite"
    place = make_place(database, UNITS)
    directives = [draft(place, 1, UNITS) for _ in range(ROUNDS)]
    place.office.engine.dispose()
    seconds, peaks = [], []
    for directive in directives:
        command = [
            sys.executable,
            "-m",
            "bench.large",
            str(database),
            str(folder),
            str(directive),
            str(UNITS),
        ]
        answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        seconds.append(answer["seconds"])
        peaks.append(answer["peak"] / 1e6)
        say(f"large: {UNITS:,} units in {seconds[-1]:.2f} s, peak {peaks[-1]:.0f} MB")
    return [
        Figure(
            "40,000 units in one item: rows and notices",
            median(seconds),
            "s",
            ("<=", 10),
            f"median of {ROUNDS}",
        ),
        Figure("peak memory of the process that did it", max(peaks), "MB", ("<=", 400)),
    ]


async def _publish(database: Path, folder: Path, directive: int, units: int) -> float:
    place = place_in(database)
    async with server_in(folder) as server, running(place, server) as rig:
        return await timed_publish(rig, place, directive, units)


def main(arguments: list[str]) -> None:
    """Publish one directive and say what it took."""
    database, folder, directive, units = arguments
    seconds = asyncio.run(_publish(Path(database), Path(folder), int(directive), int(units)))
    scale = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale
    print(json.dumps({"seconds": seconds, "peak": peak}))


if __name__ == "__main__":
    main(sys.argv[1:])

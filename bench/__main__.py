"""`python -m bench` measures everything; `python -m bench acts mails` only these."""

import json
import os
import platform
import shutil
import sys
from pathlib import Path

from bench import acts, fan_out, growth, history, large, mails, pages, reminders, search
from bench.figure import Figure, say, show, timed

ROOT = Path(__file__).parent.parent
BENCHES = {
    module.__name__.removeprefix("bench."): module.run
    for module in (fan_out, large, history, reminders, mails, acts, growth, pages, search)
}


def main(wanted: list[str]) -> int:
    """Run the benches, print the table, write the results. 1 where a goal is missed, 2 for an unknown bench."""
    if unknown := set(wanted) - set(BENCHES):
        print(f"no such bench: {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    folder = (
        ROOT / "build" / f"bench-{os.getpid()}"
    )  # on the disk of the project: a memory disk would flatter every commit
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    figures: list[Figure] = []
    load = [round(os.getloadavg()[0], 1)]
    with timed() as watch:
        for name in wanted or BENCHES:
            say(f"{name} ...")
            figures += BENCHES[name](folder)
    load.append(round(os.getloadavg()[0], 1))
    print(show(figures))
    print(
        f"{os.cpu_count()} processors, load {load[0]} before and {load[1]} after; {watch.seconds:.0f} s in all"
    )
    result = {
        "seconds": round(watch.seconds, 1),
        "python": platform.python_version(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "load": load,
    }
    target = ROOT / "bench" / ("results.local.json" if wanted else "results.json")
    target.write_text(
        json.dumps(result | {"figures": [f.as_json() for f in figures]}, ensure_ascii=False, indent=1) + "\n"
    )
    shutil.rmtree(folder, ignore_errors=True)
    return 0 if all(figure.passed is not False for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What `make prove` has done so far, kept in one small file, so that a run that was broken off goes on.

The file lies in DUBAN_PROVE_DIR; without it in a folder that is new each time, and nothing is remembered.
A changed tree begins afresh: what was proven of other code proves nothing.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

KEPT_IN = os.environ.get("DUBAN_PROVE_DIR", "")
"""Read when the tests are collected: while they run no setting of the person who runs them is seen."""
LEFT_OUT = frozenset({".venv", ".git", "bench", "docs"})


class Ledger:
    """Results by proof and seed."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file, self._say = folder / f"proven-{tree_hash()}.json", say
        self._done: dict[str, dict[str, Any]] = {}
        if self._file.exists():
            self._done = json.loads(self._file.read_text(encoding="utf-8"))

    def left(self, proof: str, seeds: Iterable[int]) -> list[int]:
        """The seeds of a proof that are still to be done."""
        return [seed for seed in seeds if str(seed) not in self._done.get(proof, {})]

    def write(self, proof: str, seed: int, result: Any) -> None:
        """A seed was done and went well; `result` is plain JSON."""
        self._done.setdefault(proof, {})[str(seed)] = result
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(self._done, ensure_ascii=False), encoding="utf-8")
        new.replace(self._file)
        self.say(f"{proof}, seed {seed}: {result}")

    def results(self, proof: str) -> list[Any]:
        """The results of every seed done, in this run or before."""
        return list(self._done.get(proof, {}).values())

    def say(self, line: str) -> None:
        """A line for the person who waits."""
        self._say(line)


def tree_hash() -> str:
    """A hash of every Python file of the repository."""
    digest = hashlib.sha256()
    for file in sorted(ROOT.rglob("*.py")):
        if not LEFT_OUT & set(file.relative_to(ROOT).parts):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]

"""A server whose starter was killed goes on alone and holds its file. Whoever starts the next one ends it first.

Its process id lies in a file beside the data; that the process is truly that server its command line says.
"""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

from domain.errors import ConflictError

PROCESSES = Path("/proc")
PATIENCE = 10.0
PAUSE = 0.05


def remember(file: Path, pid: int) -> None:
    """Note who serves `file`."""
    _note(file).write_text(str(pid), encoding="ascii")


def forget(file: Path) -> None:
    """Nobody serves `file` any more."""
    _note(file).unlink(missing_ok=True)


def end_left_behind(file: Path) -> None:
    """End the server that still serves `file`, if there is one. Raises ConflictError when it does not end."""
    note = _note(file)
    if not note.exists():
        return
    text = note.read_text(encoding="ascii").strip()
    if text.isdigit() and _serves(int(text), file):
        _end(int(text), file)
    forget(file)


def port_of_running(file: Path) -> int | None:
    """The port of the server that serves `file` now, whoever started it; None where none does."""
    note = _note(file)
    text = note.read_text(encoding="ascii").strip() if note.exists() else ""
    if not text.isdigit() or not _serves(int(text), file):
        return None
    found = re.search(r"--port[\0 ](\d+)", _command(int(text)))
    return int(found[1]) if found else None


def _note(file: Path) -> Path:
    return file.with_suffix(".pid")


def _serves(pid: int, file: Path) -> bool:
    """Whether the process `pid` runs and was started with `file`."""
    command = _command(pid)
    return "start-dev" in command and str(file) in command


def _command(pid: int) -> str:
    """The command line of a process; empty where it has ended, also when nobody has taken note of that yet."""
    if PROCESSES.is_dir():
        try:
            return (PROCESSES / str(pid) / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            return ""
    asked = subprocess.run(  # noqa: S603 -- fixed words and a number
        ["ps", "-ww", "-o", "args=", "-p", str(pid)],  # noqa: S607 -- where `ps` lies differs
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout


def _end(pid: int, file: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        os.kill(pid, number)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if not _serves(pid, file):
                return
            time.sleep(PAUSE)
    raise ConflictError(
        "The Temporal server %(pid)s still holds %(file)s and does not end.", pid=pid, file=str(file)
    )

"""Named points at which a process under test kills itself, to prove that nothing is lost or doubled.

Set by DUBAN_FAILPOINT=name:n (the n-th passing of that name) in the environment of a test's worker alone;
without it a failpoint is one look into an empty dictionary. The last words of a killed process, on stderr,
are `failpoint name`, so that a test can tell this death from any other.
"""

import os
import signal

_left: dict[str, int] = {}


def arm(setting: str) -> None:
    """Arm from `name:n`; an empty string disarms."""
    _left.clear()
    if setting:
        name, _, count = setting.partition(":")
        _left[name] = int(count or 1)


def failpoint(name: str) -> None:
    """Kill this process with SIGKILL when the armed count of `name` is reached."""
    if name in _left:
        _left[name] -= 1
        if _left[name] <= 0:  # two threads may have passed at once
            os.write(2, f"failpoint {name}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)

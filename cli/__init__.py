"""The command line, duban."""

import sys


def main() -> None:
    """Run the command in `sys.argv` and leave with its exit code: 0, 2 for a refusal, 1 for a fault of ours."""
    from cli.app import run

    sys.exit(run(sys.argv[1:]))

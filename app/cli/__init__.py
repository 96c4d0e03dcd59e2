"""The ``zava`` command. Each command imports what it needs when it runs: `zava hub` loads no UI."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line of this process; never ends in a traceback."""
    from app.cli.root import run

    sys.exit(run(sys.argv[1:]))

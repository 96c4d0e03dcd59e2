"""The ``zava`` command. Each command imports what it needs when it runs: `zava hub` loads no UI."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line of this process; never ends in a traceback."""
    from dotenv import load_dotenv

    from app.cli.root import run

    load_dotenv(".env")  # what is exported goes first
    sys.exit(run(sys.argv[1:]))

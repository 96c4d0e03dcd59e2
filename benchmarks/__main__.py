"""``python -m benchmarks …`` is ``zava bench …`` of this tree (see README.md)."""

from __future__ import annotations

import sys

from app.cli.root import run

if __name__ == "__main__":
    sys.exit(run(["bench", *sys.argv[1:]]))

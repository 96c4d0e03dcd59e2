"""``python -m tests.torture --rounds 500 --seed 1``: kill, restart, and count what is left."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.torture.kills import Campaign


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(Campaign(Path(folder), chosen.seed).run(chosen.rounds, print))
    print(report)
    return 0 if report.verdict is not None and report.verdict.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())

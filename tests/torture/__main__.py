"""``python -m tests.torture --rounds 500 --seed 1``: kill, restart, and count what is left."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from math import inf
from pathlib import Path

from tests.torture.kills import Campaign


def tell(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=inf, help="rounds beyond are left out")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign(Path(folder), chosen.seed)
        report = asyncio.run(campaign.run(chosen.rounds, tell, chosen.minutes * 60))
    print(report)
    return 0 if report.verdict is not None and report.verdict.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())

"""A short round of ``python -m tests.torture``; the long one is in docs/reliability.md."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.torture.kills import Campaign

ROUNDS = int(os.environ.get("ZAVA_TORTURE_ROUNDS", "8"))


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 as on POSIX")
async def test_no_reported_sale_is_lost_or_doubled_whoever_is_killed(tmp_path: Path) -> None:
    report = await Campaign(tmp_path, seed=1).run(ROUNDS, print)
    assert report.verdict is not None
    assert report.verdict.is_clean, str(report)
    assert report.verdict.saved > 5 * ROUNDS, str(report)
    assert sum(report.kills.values()) >= ROUNDS, str(report)

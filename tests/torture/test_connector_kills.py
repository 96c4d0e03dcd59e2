"""A short round of ``python -m tests.torture.connector_kills``; the long one is in docs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.torture.connector_kills import campaign

ROUNDS = max(1, int(os.environ.get("ZAVA_TORTURE_ROUNDS", "8")) // 4)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 as on POSIX")
async def test_a_killed_connector_loses_nothing_and_counts_nothing_twice(tmp_path: Path) -> None:
    report = await campaign(tmp_path, ROUNDS, seed=1)
    assert report.is_clean, str(report)
    assert report.kills >= ROUNDS
    assert report.sold.total() and report.counted.total(), str(report)

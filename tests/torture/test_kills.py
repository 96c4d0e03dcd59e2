"""A short round of ``python -m tests.torture``; the long one is in docs/reliability.md."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.torture import kills
from tests.torture.kills import Campaign

ROUNDS = int(os.environ.get("ZAVA_TORTURE_ROUNDS", "8"))


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 as on POSIX")
async def test_no_reported_sale_is_lost_or_doubled_whoever_is_killed(tmp_path: Path) -> None:
    report = await Campaign(tmp_path, seed=1).run(ROUNDS, print)
    assert report.verdict is not None
    assert report.verdict.is_clean, str(report)
    assert report.verdict.saved > 5 * ROUNDS, str(report)
    assert sum(report.kills.values()) >= ROUNDS, str(report)


async def test_a_run_in_which_nothing_moves_any_more_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kills, "SILENT_LOOKS_MAX", 3)

    async def never() -> None:
        await asyncio.Event().wait()

    with pytest.raises(AssertionError, match="nothing moves"):
        await Campaign(tmp_path, seed=1).unless_stuck(never())

"""A connector stops although the driver mistakes a cancel for a lost connection."""

from __future__ import annotations

import asyncio

import pytest

from sync.connector import runner
from sync.connector.runner import _ended


async def test_a_task_that_takes_no_notice_is_cancelled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "CANCEL_AGAIN_SECONDS", 0.01)
    never, started, swallowed = asyncio.Event(), asyncio.Event(), 0

    async def deaf() -> None:
        nonlocal swallowed
        started.set()
        for _ in range(3):
            try:
                await never.wait()
            except asyncio.CancelledError:
                swallowed += 1
        await never.wait()

    task = asyncio.create_task(deaf())
    await started.wait()
    await _ended(task)
    assert task.cancelled()
    assert swallowed == 3

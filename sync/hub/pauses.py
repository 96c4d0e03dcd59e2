"""Waiting on the event loop."""

from __future__ import annotations

import asyncio
from contextlib import suppress


async def until(when: float | None, event: asyncio.Event | None = None) -> None:
    """Wait until it is so late by the loop's time, or until the event, whichever comes first."""
    with suppress(TimeoutError):
        async with asyncio.timeout_at(when):
            await (event or asyncio.Event()).wait()

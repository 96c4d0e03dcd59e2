"""Word that the log has grown, to whoever waits for it on an event loop."""

from __future__ import annotations

import asyncio


class Doorbell:
    """Wakes those who wait when the log has grown, from whatever thread grew it."""

    def __init__(self) -> None:
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    def ring(self) -> None:
        """The log has grown."""
        for loop, event in list(self._waiting):
            loop.call_soon_threadsafe(event.set)

    def open(self) -> tuple[asyncio.AbstractEventLoop, asyncio.Event]:
        """Register the caller; give the result to ``close``."""
        bell = (asyncio.get_running_loop(), asyncio.Event())
        self._waiting.add(bell)
        return bell

    def close(self, bell: tuple[asyncio.AbstractEventLoop, asyncio.Event]) -> None:
        """The caller listens no more."""
        self._waiting.discard(bell)

"""Serving a pull for as long as it lasts: the messages of a ``Feed``, and waiting for more.

What reads the database runs in worker threads; the loop only waits. A device that reads slowly
holds its own stream back and nobody else's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from sync.hub.feed import Feed
from sync.wire.messages import Message

KEEPALIVE_SECONDS = 15.0
"""Shorter than the idle limits of usual proxies and phone radios."""


class Doorbell:
    """Wakes every open pull when the log has grown, from whatever thread grew it."""

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


class Pull:
    """One open stream to one device."""

    def __init__(self, feed: Feed, doorbell: Doorbell) -> None:
        self._feed = feed
        self._doorbell = doorbell

    async def messages(self) -> AsyncGenerator[Message, None]:
        """The stream; endless, until the caller stops reading."""
        bell = self._doorbell.open()
        try:
            opening = self._feed.opening()
            while (message := await asyncio.to_thread(next, opening, None)) is not None:
                yield message
            while True:
                bell[1].clear()
                messages = await asyncio.to_thread(self._read)
                if messages is None:
                    return  # the device comes back and is answered by its present rights
                for message in messages:
                    yield message
                if messages:
                    continue
                try:
                    async with asyncio.timeout(KEEPALIVE_SECONDS):  # wait_for may lose a cancel
                        await bell[1].wait()
                except TimeoutError:
                    yield self._feed.ping()
        finally:
            self._doorbell.close(bell)

    def _read(self) -> list[Message] | None:
        """The next page, or None for somebody whose rights are others by now. Asked after reading:
        asked before, a page of what came after the change would still go out."""
        messages = self._feed.more()
        return messages if self._feed.is_current() else None

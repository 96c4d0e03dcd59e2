"""Serving a pull for as long as it lasts: the messages of a ``Feed``, and waiting for more.

What reads the database runs in worker threads; the loop only waits. A device that reads slowly
holds its own stream back and nobody else's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from sync.hub.feed import Feed
from sync.hub.pages import Told, told
from sync.hub.rounds import Answer, Rounds, read


class Pull:
    """One open stream to one device."""

    def __init__(self, feed: Feed, rounds: Rounds) -> None:
        self._feed = feed
        self._rounds = rounds
        self._answer: asyncio.Future[Answer] | None = None

    async def pages(self) -> AsyncGenerator[list[Told], None]:
        """The stream, in runs of messages that go out together; endless, until the caller stops
        reading, or the device has to come back to be answered by its present rights."""
        opening = self._feed.opening()
        while (message := await asyncio.to_thread(next, opening, None)) is not None:
            yield [told(message)]
        try:
            while (page := await self._next()) is not None:
                if page:
                    yield page
        finally:
            if self._answer is not None:
                self._rounds.leave(self._answer)

    async def _next(self) -> Answer:
        if self._answer is None:
            if self._feed.is_behind:  # it has a way to go, and nobody waits for it meanwhile
                return await asyncio.to_thread(read, self._feed)
            self._answer = self._rounds.ask(self._feed)
        answer = await self._answer
        self._answer = None
        return answer

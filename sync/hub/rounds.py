"""One reading of the log for every pull that waits at its end.

When the log grows, one worker thread reads for all who wait, so a commit costs one wake-up and not
one a device, and who reads the same shares it (``pages``). Rounds follow one another with a pause:
what comes within it goes out together. The first commit after a quiet time goes out at once.
"""

from __future__ import annotations

import asyncio
from typing import TypeAlias

from sync.hub.doorbell import Doorbell
from sync.hub.feed import Feed
from sync.hub.pages import Pages, Told
from sync.local.database import Database
from sync.local.identity import Identity

ROUND_MS_MIN = 50
"""From the start of one round to that of the next: a person sees no delay, and a busy hub packs
and sends a tenth as often."""

ROUND_MESSAGES_MAX = 2_000
"""For one reader in one round; who has more to read takes part in the next."""

Answer: TypeAlias = list[Told] | None


def read(feed: Feed, up_to: int | None = None) -> Answer:
    """The next page, or None for somebody whose rights are others by now. Asked after reading:
    asked before, a page of what came after the change would still go out."""
    found = feed.more(up_to)
    return found if feed.is_current() else None


def read_on(feed: Feed, head: int) -> Answer:
    """``read`` page after page, up to the entry ``head``."""
    told: list[Told] = []
    while True:
        page = read(feed, head)
        if page is None:
            return None
        told += page
        if not page or feed.position >= head or len(told) >= ROUND_MESSAGES_MAX:
            return told


class Rounds:
    """Those of one hub. Its methods belong to the event loop."""

    def __init__(
        self, database: Database, identity: Identity, doorbell: Doorbell, pages: Pages
    ) -> None:
        self._database = database
        self._identity = identity
        self._pages = pages
        self._doorbell = doorbell
        self._waiting: dict[asyncio.Future[Answer], Feed] = {}
        self._running: asyncio.Task[None] | None = None
        self._awake = asyncio.Event()

    def ask(self, feed: Feed) -> asyncio.Future[Answer]:
        """What the feed has to tell next, once there is anything; None where it must end. What has
        been read is told nobody else, so whoever asks waits, or ``leave``s for good."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        self._waiting[answer] = feed
        if self._running is None or self._running.done():
            self._running = loop.create_task(self._run())
        self._awake.set()
        return answer

    def leave(self, answer: asyncio.Future[Answer]) -> None:
        """Nobody waits for this answer any more."""
        self._waiting.pop(answer, None)
        if not self._waiting:
            self._awake.set()

    async def _run(self) -> None:
        """Read whenever the log has grown or somebody has joined, until nobody waits."""
        loop = asyncio.get_running_loop()
        bell = self._doorbell.open()
        self._awake = bell[1]
        try:
            while self._waiting:
                self._awake.clear()
                started = loop.time()
                await self._round()
                await _pause(started + ROUND_MS_MIN / 1_000 - loop.time())
                await self._awake.wait()
        finally:
            self._doorbell.close(bell)

    async def _round(self) -> None:
        turn = dict(self._waiting)
        found = await asyncio.to_thread(self._read, list(turn.values()))
        for answer, result in zip(turn, found, strict=True):
            if result == [] or self._waiting.pop(answer, None) is None or answer.done():
                continue
            if isinstance(result, Exception):
                answer.set_exception(result)
            else:
                answer.set_result(result)

    def _read(self, feeds: list[Feed]) -> list[Answer | Exception]:
        with self._database.lock:
            head = self._identity.seq
            self._pages.cut(head)
        found: list[Answer | Exception] = []
        for feed in feeds:
            try:
                found.append(read_on(feed, head))
            except Exception as error:
                found.append(error)
        return found


async def _pause(seconds: float) -> None:
    if seconds > 0:
        never = asyncio.Event()
        try:
            async with asyncio.timeout(seconds):
                await never.wait()
        except TimeoutError:
            return

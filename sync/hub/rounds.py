"""One reading of the log for every pull that waits at its end.

When the log grows, one worker thread reads for all who wait, so a commit costs one wake-up and not
one a device, and who reads the same shares it (``pages``). Rounds follow one another with a pause:
what comes within it goes out together. The first commit after a quiet time goes out at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from sync.hub.doorbell import Doorbell
from sync.hub.feed import Feed
from sync.hub.hand import Hand
from sync.hub.outcome import outcome
from sync.hub.pages import Pages, Told, told
from sync.hub.pauses import until
from sync.local.parts import Parts

ROUND_MS_MIN, ROUND_MS_MAX = 50, 100
"""From the start of one round to that of the next: a person sees no delay, and a busy hub packs
and sends a tenth as often."""
ROUND_MS_A_READER = 0.5
"""The more are told in a round, the longer until the next: each costs the same for much as for
little."""

KEEPALIVE_SECONDS = 15.0
"""Who has heard nothing for so long is told that the line is alive. Shorter than the idle limits of
usual proxies and phone radios."""

READING_MS_MAX = 100
"""Of a round on the event loop; a thread does the rest of a long one."""

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
    found: list[Told] = []
    while True:
        page = read(feed, head)
        if page is None:
            return None
        found += page
        if not page or feed.position >= head or len(found) >= ROUND_MESSAGES_MAX:
            return found


class Rounds:
    """Those of one hub. Its methods belong to the event loop."""

    def __init__(self, parts: Parts, doorbell: Doorbell, pages: Pages, hand: Hand) -> None:
        self._database = parts.database
        self._identity = parts.identity
        self._pages = pages
        self._doorbell = doorbell
        self._hand = hand
        self._waiting: dict[asyncio.Future[Answer], tuple[Feed, float]] = {}
        """Who waits, and since when; who has waited longest comes first."""
        self._running: asyncio.Task[None] | None = None
        self._awake = asyncio.Event()

    def ask(self, feed: Feed) -> asyncio.Future[Answer]:
        """What the feed has to tell next, once there is anything; None where it must end. What has
        been read is told nobody else, so whoever asks waits, or ``leave``s for good."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        self._waiting[answer] = (feed, loop.time())
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
                count = await self._round()
                wanted_ms = min(ROUND_MS_MAX, max(ROUND_MS_MIN, count * ROUND_MS_A_READER))
                await until(started + wanted_ms / 1_000)
                await until(self._keep_alive(loop.time()), self._awake)
        finally:
            self._doorbell.close(bell)

    def _keep_alive(self, now: float) -> float | None:
        """Tell those who have waited for long that the line is alive; when it is time to again."""
        for answer, (feed, since) in [*self._waiting.items()]:
            if now < since + KEEPALIVE_SECONDS:
                return since + KEEPALIVE_SECONDS
            del self._waiting[answer]
            if not answer.done():
                answer.set_result([told(feed.ping())])
        return None

    async def _round(self) -> int:
        """Tell those who wait; how many were told anything."""
        turn, time = [*self._waiting], asyncio.get_running_loop().time
        feeds = [feed for feed, _ in self._waiting.values()]
        until = time() + READING_MS_MAX / 1_000
        found = await self._hand.do(partial(self._read, feeds, lambda: time() > until))
        if len(found) < len(feeds):
            rest = partial(self._read, feeds[len(found) :], lambda: False)
            found += await self._hand.do(rest, is_small=False)
        count = 0
        for answer, result in zip(turn, found, strict=True):
            if result == [] or self._waiting.pop(answer, None) is None or answer.done():
                continue
            if isinstance(result, Exception):
                answer.set_exception(result)
            else:
                answer.set_result(result)
                count += 1
        return count

    def _read(self, feeds: list[Feed], is_late: Callable[[], bool]) -> list[Answer | Exception]:
        """What some feeds have to tell next; not of all where it gets late."""
        with self._database.lock:
            head = self._identity.seq
            self._pages.cut(head)
        found: list[Answer | Exception] = []
        for feed in feeds:
            found.append(outcome(partial(read_on, feed, head)))
            if is_late():
                break
        return found

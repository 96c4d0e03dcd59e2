"""Waiting between looks and between tries. Time is an argument, so that tests can hold it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from sync.backoff import delay_ms
from sync.ports import Entropy, Stopwatch

Sleep: TypeAlias = Callable[[int], Awaitable[None]]
"""Lets so many milliseconds pass."""

REST_MS_FIRST = 5
REST_MS_MAX = 250
"""Four looks a second at a stream where nothing happens; a change is then seen within a quarter."""

_CHANCE_BYTES = 4


async def sleep(ms: int) -> None:
    """``Sleep`` on the running loop."""
    never = asyncio.Event()
    try:
        async with asyncio.timeout(ms / 1_000):
            await never.wait()
    except TimeoutError:
        return


class Pace:
    """The rest after a look that found nothing.

    A server that holds an empty answer back for its await time costs nothing by itself. One that
    answers at once is asked again after a pause, ever longer while nothing happens.
    """

    def __init__(self, stopwatch: Stopwatch, sleep: Sleep, await_ms: int) -> None:
        self._stopwatch = stopwatch
        self._sleep = sleep
        self._await_ns = await_ms * 1_000_000
        self._span_ms = REST_MS_FIRST
        self._began = stopwatch.ticks_ns()

    def look(self) -> None:
        """A look begins."""
        self._began = self._stopwatch.ticks_ns()

    def found(self) -> None:
        """It found something: the next look comes at once, and pauses are short again."""
        self._span_ms = REST_MS_FIRST

    async def rest(self) -> None:
        """It found nothing: wait, unless the server has waited."""
        if self._stopwatch.ticks_ns() - self._began >= self._await_ns // 2:
            self._span_ms = REST_MS_FIRST
            return
        await self._sleep(self._span_ms)
        self._span_ms = min(2 * self._span_ms, REST_MS_MAX)


class Backoff:
    """The pauses between tries of something that fails (S2); a success forgets them."""

    def __init__(self, entropy: Entropy, sleep: Sleep, factor: float = 2) -> None:
        """Pauses grow by ``factor``."""
        self._entropy = entropy
        self._sleep = sleep
        self._factor = factor
        self.failures = 0

    def succeeded(self) -> None:
        self.failures = 0

    async def failed(self) -> None:
        """Count a failure and wait."""
        self.failures += 1
        drawn = int.from_bytes(self._entropy.draw(_CHANCE_BYTES), "big")
        await self._sleep(delay_ms(self.failures, drawn / 256**_CHANCE_BYTES, self._factor))
